/**
 * A server block whole, with `cache` and `forward`, in front of upstreams that the test plays: questions that would leave are
 * held, and the test answers them, lets them fail or lets time pass. No socket, no thread; the clock is the test's.
 */
import type { HandlerContext, InternalQuestion } from '../../image/chain/context';
import type { Handler } from '../../image/chain/plugin';
import { Query, TCP, UDP } from '../../image/chain/query';
import type { Block } from '../../image/chain/route';
import { Arena } from '../../image/kernel/arena';
import { ArenaPool } from '../../image/kernel/arena-pool';
import { Blocks } from '../../image/kernel/blocks';
import type { Libc } from '../../image/kernel/libc';
import { Random } from '../../image/kernel/random';
import { Timers } from '../../image/kernel/timers';
import { MESSAGE_BYTES_MAX } from '../../image/limits';
import { NameHash } from '../../image/memory/hash';
import { Counters, type Series } from '../../image/observe/counters';
import type { MetricName } from '../../image/observe/metrics';
import { makeHandler } from '../../image/plugin/handlers';
import { NO_HOSTS } from '../../image/plugin/hosts/pack';
import { writeAnswer } from '../../image/serve/reply';
import { type Exchange, Exchanges } from '../../image/upstream/exchange';
import { Health } from '../../image/upstream/health';
import { Places } from '../../image/upstream/share';
import type { Upstream, UpstreamTarget } from '../../image/upstream/upstreams';
import { rcodeByName, rcodeText, Type, typeText } from '../../image/wire/codes';
import { FLAG_AA, FLAG_AD, FLAG_CD, FLAG_QR, FLAG_RA, FLAG_RD, FLAG_TC, OPCODE_MASK } from '../../image/wire/header';
import { decodeMessage, encodeMessage, type Message, type ResourceRecord } from '../../image/wire/message';
import { nameToText } from '../../image/wire/name-text';
import { readQuery, Verdict } from '../../image/wire/question';
import { RecordWalk, walkRecords } from '../../image/wire/record';
import { recordToText, textToRecord } from '../../image/wire/record-text';
import { planOf } from './corefile';
import { type Asked, questionPacket } from './query';

/** What an upstream says; records as zone-file lines, `@` for the name that was asked for. */
export interface Says {
  /** @default NOERROR */
  readonly rcode?: string;
  /** Added to QR, RD and RA. */
  readonly flags?: number;
  readonly answer?: readonly string[];
  readonly authority?: readonly string[];
  readonly additional?: readonly (string | ResourceRecord)[];
  /** Write every name in full, as small servers do. */
  readonly isUncompressed?: boolean;
}

/** What the client was told, as text. */
export interface Heard {
  readonly rcode: string;
  /** Of aa, tc, rd, ra, ad, cd those that are set. */
  readonly flags: string;
  readonly id: number;
  /** As the answer spells it. */
  readonly name: string;
  readonly answer: string[];
  readonly authority: string[];
  readonly additional: string[];
  /** TTLs of all records but the OPT. */
  readonly ttls: number[];
  /** OPT records in it. */
  readonly opts: number;
  /** EDNS options of the last of them, in hex. */
  readonly options: string;
  /** INFO-CODEs of its extended errors (RFC 8914). */
  readonly extendedErrors: number[];
  readonly bytes: number;
  /** What the errors plugin would say. */
  readonly error: string;
  readonly writer: string;
  readonly afterMs: number;
}

/** A client's question on its way. */
export interface Asking {
  /** Undefined until it is answered. */
  heard: Heard | undefined;
}

const FLAG_NAMES = [
  [FLAG_AA, 'aa'],
  [FLAG_TC, 'tc'],
  [FLAG_RD, 'rd'],
  [FLAG_RA, 'ra'],
  [FLAG_AD, 'ad'],
  [FLAG_CD, 'cd'],
] as const;

/** An OPT record. @param flags the low 16 bits of its TTL */
export function optRecord(udpSize: number, flags = 0, data: Uint8Array = new Uint8Array(0)): ResourceRecord {
  return { name: Uint8Array.of(0), type: Type.OPT, class: udpSize, ttl: flags, data };
}

/** The message an upstream sends. */
export function encodeSays(says: Says, query: Message): Uint8Array {
  const at = nameToText(query.question!.name, 0);
  const records = (lines: readonly (string | ResourceRecord)[] = []): ResourceRecord[] =>
    lines.map((line) => {
      if (typeof line !== 'string') return line;
      const read = textToRecord(line.replace('@', at));
      if (read.record === undefined) throw new Error(`no record: ${line}: ${JSON.stringify(read)}`);
      return read.record;
    });
  const out = new Uint8Array(MESSAGE_BYTES_MAX);
  const message: Message = {
    id: query.id,
    flags:
      FLAG_QR |
      FLAG_RD |
      FLAG_RA |
      (query.flags & OPCODE_MASK) |
      (says.flags ?? 0) |
      rcodeByName(says.rcode ?? 'NOERROR')!,
    question: query.question,
    answer: records(says.answer),
    authority: records(says.authority),
    additional: records(says.additional),
  };
  if (says.isUncompressed) return encodeUncompressed(message);
  return out.subarray(0, encodeMessage(message, out, 0, out.length));
}

function encodeUncompressed({ id, flags, question, answer, authority, additional }: Message): Uint8Array {
  const numbers = (...values: number[]): Buffer => Buffer.from(values.flatMap((value) => [value >>> 8, value & 0xff]));
  const { name, type, class: questionClass } = question!;
  const records = [...answer, ...authority, ...additional].map((one) => {
    const fixed = numbers(one.type, one.class, one.ttl >>> 16, one.ttl & 0xffff, one.data.length);
    return Buffer.concat([one.name, fixed, one.data]);
  });
  const counts = numbers(id, flags, 1, answer.length, authority.length, additional.length);
  return Buffer.concat([counts, name, numbers(type, questionClass), ...records]);
}

/** A question that left for an upstream. */
export class Sent {
  /** `IP:port`. */
  readonly to: string;
  readonly overTcp: boolean;
  readonly message: Message;
  /** `NAME TYPE` as it was sent. */
  readonly question: string;
  readonly atMs: number;
  private readonly exchange: Exchange;
  private readonly resolver: Resolver;

  constructor(resolver: Resolver, exchange: Exchange, to: string, overTcp: boolean) {
    this.resolver = resolver;
    this.exchange = exchange;
    this.to = to;
    this.overTcp = overTcp;
    this.atMs = resolver.nowMs;
    const { bytes, requestOffset, requestBytes } = exchange;
    this.message = decodeMessage(bytes, requestOffset, requestBytes)!;
    const { name, type } = this.message.question!;
    this.question = `${nameToText(name, 0)} ${typeText(type)}`;
  }

  answer(says: Says): void {
    this.answerBytes(encodeSays(says, this.message));
  }

  answerBytes(bytes: Uint8Array): void {
    const { context, datagram } = this.resolver;
    const { u8 } = context.arena;
    u8.set(bytes, datagram);
    walkRecords(u8, datagram, bytes.length, context.upstream.walk); // As usableBytes leaves it.
    context.upstream.exchanges.answer(this.exchange, u8, datagram, bytes.length);
  }

  fail(error: string): void {
    this.resolver.context.upstream.exchanges.fail(this.exchange, error);
  }
}

export class Resolver {
  /** Lines logged. */
  readonly lines: string[] = [];
  /** Questions that left, health probes among them, oldest first. */
  readonly sent: Sent[] = [];
  /** Servers that were found to be down, and that were found to be back. */
  readonly turns: [label: string, isDown: boolean][] = [];
  /** Upstreams to which a connection was opened before there was a question. */
  readonly warmedUp: string[] = [];
  readonly context: HandlerContext;
  readonly datagram: number;
  nowMs = 1_000_000;
  /** Says why a question cannot even be sent; '' when it can. */
  sendError: (to: string, overTcp: boolean) => string = () => '';
  /** No question of a handler's own is taken: as many queries are in flight as there may be. */
  refusesInternal = false;
  /** Answers a question at once; undefined to hold it. */
  upstream: (sent: Sent) => Says | undefined = () => undefined;
  /** How many of {@link sent} were shown to {@link upstream}. */
  private served = 0;
  private readonly handlers: readonly Handler[];
  private readonly values = new Float64Array(16_384);
  private readonly series: Series[] = [];
  private readonly block: Block;
  private readonly free: Query[] = [];
  private readonly asking = new Map<Query, Asking>();

  /** @param corefile lines of a server block for `zone`; @param arenaBytes 4 KiB per query in flight, and some */
  constructor(corefile: string, zone = '.', arenaBytes = 1 << 22) {
    const [block] = planOf(`${zone} {\n${corefile}\n}`).blocks;
    const arena = new Arena(0x1_0000_0000, new ArrayBuffer(arenaBytes));
    const clock = { now: () => this.nowMs };
    const timers = new Timers(this.nowMs);
    const counters = new Counters(this.values, (series) => void this.series.push(series));
    const random = new Random();
    this.datagram = arena.allocate(MESSAGE_BYTES_MAX);
    const context: Partial<HandlerContext> = {
      block,
      blockIndex: 0,
      servers: ['dns://:53'],
      listeners: [0],
      libc: heapLibc(),
      arena,
      arenas: new ArenaPool(heapLibc()),
      predecessor: () => undefined,
      clock,
      timers,
      random,
      hash: new NameHash(1),
      counters,
      log: {
        line: (level, text) => void this.lines.push(`[${level}] ${text}`),
        plugin: (name, level, text) => void this.lines.push(`[${level}] plugin/${name}: ${text}`),
      },
      scratch: { bytes: arena.u8, offset: arena.allocate(MESSAGE_BYTES_MAX) },
      loops: [],
      hostsFile: () => NO_HOSTS,
      upstream: {
        arena,
        probeBlocks: new Blocks(arena, Health.ARENA_BYTES, 64),
        clock,
        timers,
        random,
        exchanges: new Exchanges(clock, timers, random),
        walk: new RecordWalk(),
      } as never,
      upstreams: { places: new Places(), get: ({ label }: UpstreamTarget) => this.makeUpstream(label) } as never,
      remoteAddress: () => '10.240.0.1',
      remotePort: () => 40212,
      ask: (question) => this.askInternal(question),
    };
    this.context = context as HandlerContext;
    const made = block.plugins.map((plugin) => makeHandler(plugin, this.context));
    this.handlers = made.filter((handler): handler is Handler => handler !== undefined);
    this.block = { index: 0, handlers: this.handlers, work: { queries: 0 } };
  }

  /** Pods are about to come. */
  warmUp(): void {
    for (const handler of this.handlers) handler.receive?.({ kind: 'warm-up' });
  }

  private makeUpstream(label: string): Upstream {
    const channel = { abandoned: () => undefined, timedOut: () => `read udp 10.0.0.1:4242->${label}: i/o timeout` };
    const upstream = {
      label,
      wish: () => undefined,
      answered: () => undefined,
      failed: () => undefined,
      warmUp: () => void this.warmedUp.push(label),
      turned: (isDown: boolean) => void this.turns.push([label, isDown]),
      send: (exchange: Exchange, overTcp: boolean): string => {
        const error = this.sendError(label, overTcp);
        if (error !== '') return error;
        exchange.channel = channel;
        this.sent.push(new Sent(this, exchange, label, overTcp));
        return '';
      },
    };
    return upstream as unknown as Upstream;
  }

  /** Send a question in. */
  start(name: string, asked: Asked = {}): Asking {
    return this.startPacket(questionPacket(name, asked), asked.tcp ? TCP : UDP);
  }

  /** Send a question in as a client did. */
  startPacket(packet: Uint8Array, protocol: number = UDP): Asking {
    const query = this.free.pop() ?? this.makeQuery();
    query.bytes.set(packet, query.requestOffset);
    query.requestBytes = packet.length;
    query.protocol = protocol;
    if (readQuery(query.bytes, query.requestOffset, packet.length, query.view) !== Verdict.ACCEPT)
      throw new Error('the server refuses this packet');
    const asking: Asking = { heard: undefined };
    this.asking.set(query, asking);
    query.begin(
      {
        zone: this.context.block.zones[0],
        block: this.block,
        cache: undefined,
        udpBytesMax: 65535,
        mindsOptions: false,
        meter: undefined,
      },
      this.nowMs,
    );
    query.run();
    this.serve();
    return asking;
  }

  /** A question of a handler's own, as the server asks it. */
  private askInternal(question: InternalQuestion): boolean {
    const { parent, request, asker, subject, behind, isAside, protocol } = question;
    if (this.refusesInternal) return false;
    const query = this.free.pop() ?? this.makeQuery();
    query.bytes.set(request, query.requestOffset);
    query.requestBytes = request.length;
    query.protocol = protocol ?? parent.protocol;
    if (readQuery(query.bytes, query.requestOffset, request.length, query.view) !== Verdict.ACCEPT)
      throw new Error('the server refuses this question of its own');
    query.begin(parent.route, this.nowMs);
    query.asker = asker;
    query.subject = subject;
    query.depth = parent.depth + 1;
    query.cancelAtMs = parent.cancelAtMs;
    if (behind !== undefined) query.startBehind(behind, parent, isAside === true);
    query.run();
    return true;
  }

  /** Let {@link upstream} answer what it wants to answer. */
  private serve(): void {
    while (this.served < this.sent.length) {
      const sent = this.sent[this.served++];
      const says = this.upstream(sent);
      if (says !== undefined) sent.answer(says);
    }
  }

  /** Ask, and expect that it is answered at once. */
  ask(name: string, asked: Asked = {}): Heard {
    const { heard } = this.start(name, asked);
    if (heard === undefined) throw new Error(`no answer for ${name} yet`);
    return heard;
  }

  private makeQuery(): Query {
    return new Query(this.context.arena, {
      finished: (query) => this.finished(query),
      panicked: (_, error) => {
        throw error;
      },
    });
  }

  private finished(query: Query): void {
    if (query.asker !== undefined) {
      query.asker.answered(query);
      this.free.push(query);
      return;
    }
    const out = new Uint8Array(MESSAGE_BYTES_MAX);
    const length = writeAnswer(query, out, 0);
    const message = decodeMessage(out, 0, length);
    if (message === undefined)
      throw new Error(`malformed answer ${Buffer.from(out.subarray(0, length)).toString('hex')}`);
    this.asking.get(query)!.heard = this.hear(query, message, length);
    this.asking.delete(query);
    this.free.push(query);
  }

  private hear(query: Query, message: Message, bytes: number): Heard {
    const all = [...message.answer, ...message.authority, ...message.additional];
    const lines = (records: readonly ResourceRecord[]): string[] =>
      records.filter(({ type }) => type !== Type.OPT).map((record) => recordToText(record).replace(/\s+/g, ' '));
    const opt = all.filter(({ type }) => type === Type.OPT).at(-1);
    return {
      rcode: rcodeText(message.flags & 0xf),
      flags: FLAG_NAMES.flatMap(([flag, name]) => (message.flags & flag ? [name] : [])).join(' '),
      id: message.id,
      name: nameToText(message.question!.name, 0),
      answer: lines(message.answer),
      authority: lines(message.authority),
      additional: lines(message.additional),
      ttls: all.filter(({ type }) => type !== Type.OPT).map(({ ttl }) => ttl),
      opts: all.filter(({ type }) => type === Type.OPT).length,
      options: Buffer.from(opt?.data ?? []).toString('hex'),
      extendedErrors: all.filter(({ type }) => type === Type.OPT).flatMap(({ data }) => extendedErrors(data)),
      bytes,
      error: query.error,
      writer: query.writer,
      afterMs: this.nowMs - query.receivedAtMs,
    };
  }

  /** Let time pass, timers in their order. */
  pass(ms: number): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; ) {
      this.nowMs = Math.min(endMs, this.nowMs + 8);
      this.context.timers.sweep(this.nowMs);
      this.serve();
    }
  }

  /** What was asked of upstreams, health probes left out. */
  get questions(): Sent[] {
    return this.sent.filter(({ question }) => question !== '. NS');
  }

  /** Health probes that were sent. */
  get probes(): Sent[] {
    return this.sent.filter(({ question }) => question === '. NS');
  }

  close(): void {
    for (const handler of this.handlers) handler.close?.();
  }

  /** Value of a counter; undefined when it was not made. */
  counted(metric: MetricName, ...labels: string[]): number | undefined {
    const found = this.series.find((one) => one.metric === metric && one.labels.join() === labels.join());
    return found && this.values[found.slot];
  }
}

/** INFO-CODEs in the data of an OPT record. */
function extendedErrors(data: Uint8Array): number[] {
  const codes: number[] = [];
  for (let at = 0; at < data.length; at += 4 + ((data[at + 2] << 8) | data[at + 3])) {
    if (((data[at] << 8) | data[at + 1]) === 15) codes.push((data[at + 4] << 8) | data[at + 5]);
  }
  return codes;
}

/** The memory calls of a libc, from JavaScript's heap. */
function heapLibc(): Libc {
  const viewMemory = (_: number, bytes: number) => new ArrayBuffer(bytes);
  return { mapMemory: () => 0x2_0000_0000, viewMemory, discardMemory: () => 0 } as never;
}
