/**
 * A query's walk through handlers without a socket, a thread or a kernel: handlers are made from a Corefile as a worker
 * would make them, time stands still until it is told to pass, and what was logged and counted can be read.
 */
import type { LoopProbe, MessageToWorker, TapFrame } from '../../image/agent/messages';
import type { HandlerContext } from '../../image/chain/context';
import { type Handler, Step } from '../../image/chain/plugin';
import { Query, TCP, UDP } from '../../image/chain/query';
import type { BlockPlan } from '../../image/corefile/plan';
import { Arena } from '../../image/kernel/arena';
import { Random } from '../../image/kernel/random';
import { Timers } from '../../image/kernel/timers';
import { MESSAGE_BYTES_MAX } from '../../image/limits';
import { NameHash } from '../../image/memory/hash';
import { Counters, type Series } from '../../image/observe/counters';
import type { MetricName } from '../../image/observe/metrics';
import { makeHandler } from '../../image/plugin/handlers';
import { packHosts } from '../../image/plugin/hosts/pack';
import type { TraceReport } from '../../image/plugin/trace/report';
import { Class, rcodeText, Type, typeByName } from '../../image/wire/codes';
import { FLAG_AA, FLAG_RD, FLAG_TC } from '../../image/wire/header';
import { decodeMessage, encodeMessage, type Message, type ResourceRecord } from '../../image/wire/message';
import { textToName } from '../../image/wire/name-text';
import { readQuery, Verdict } from '../../image/wire/question';
import { recordToText } from '../../image/wire/record-text';
import { planOf } from './corefile';

/** What is asked; all defaulted, so that what a test gives is what it is about. */
export interface Asked {
  /** @default A */
  readonly type?: string;
  /** @default IN */
  readonly class?: number;
  /** @default RD */
  readonly flags?: number;
  readonly id?: number;
  /** UDP size of an OPT record; none when not given. */
  readonly udpSize?: number;
  readonly doBit?: boolean;
  readonly tcp?: boolean;
}

/** What became of a query. */
export interface Outcome {
  /** Code the client gets: of the answer, or of the failure. */
  readonly rcode: string;
  readonly error: string;
  readonly writer: string;
  readonly isAuthoritative: boolean;
  readonly isTruncated: boolean;
  /** Records as text with single blanks; empty when nobody answered. */
  readonly answer: string[];
  readonly authority: string[];
  readonly additional: string[];
  /** Undefined when nobody answered. */
  readonly message: Message | undefined;
}

export interface WorldOptions {
  /** Texts of hosts files by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly loops?: readonly LoopProbe[];
  readonly servers?: readonly string[];
  readonly remote?: string;
}

/** Stands behind all others and answers what is left. */
export type Inner = (query: Query) => Step;

const texts = (records: readonly ResourceRecord[] = []) =>
  records.map((record) => recordToText(record).replace(/\s+/g, ' '));

/** The bytes of a question. */
export function questionPacket(name: string, asked: Asked = {}): Uint8Array {
  const type = typeByName(asked.type ?? 'A') ?? Number(asked.type?.replace('TYPE', ''));
  const ttl = asked.doBit ? 0x8000 : 0;
  const opt = { name: Uint8Array.of(0), type: Type.OPT, class: asked.udpSize ?? 0, ttl, data: new Uint8Array(0) };
  const packet = new Uint8Array(512);
  const message = {
    id: asked.id ?? 4711,
    flags: asked.flags ?? FLAG_RD,
    question: { name: textToName(name)!, type, class: asked.class ?? Class.IN },
    answer: [],
    authority: [],
    additional: asked.udpSize === undefined ? [] : [opt],
  };
  return packet.slice(0, encodeMessage(message, packet, 0, packet.length));
}

export class HandlerWorld {
  /** Lines logged, without newline. */
  readonly lines: string[] = [];
  readonly fatals: string[] = [];
  /** Traces of queries. */
  readonly reports: TraceReport[] = [];
  /** dnstap messages. */
  readonly taps: TapFrame[] = [];
  /** What a mistake of ours threw. */
  readonly panics: unknown[] = [];
  readonly context: HandlerContext;
  readonly handlers: Handler[];
  nowMs = 1_000_000;
  private readonly series: Series[] = [];
  private readonly values = new Float64Array(4096);
  private readonly arena = new Arena(0x1_0000_0000, new ArrayBuffer(1 << 18));
  private readonly query: Query;
  private readonly inner: Inner;

  /** @param corefile one server block @param inner what stands behind its handlers; nothing when not given */
  constructor(corefile: string, options: WorldOptions = {}, inner: Inner = () => Step.PASS) {
    const [block] = planOf(corefile, { files: options.files }).blocks;
    this.context = this.makeContext(block, options);
    this.inner = inner;
    this.handlers = block.plugins.flatMap((plugin) => makeHandler(plugin, this.context) ?? []);
    this.handlers.push({ name: 'inner', handle: (query) => this.inner(query) });
    this.query = new Query(this.arena, {
      finished: () => {},
      panicked: (_, error) => void this.panics.push(error),
    });
  }

  private makeContext(block: BlockPlan, { files = {}, loops = [], servers, remote }: WorldOptions): HandlerContext {
    const { arena, lines, fatals, reports, taps } = this;
    const context: Partial<HandlerContext> = {
      block,
      blockIndex: 0,
      servers: servers ?? ['dns://:53'],
      listeners: [0],
      firstListeners: [0],
      predecessor: () => undefined,
      arena,
      clock: { now: () => this.nowMs },
      timers: new Timers(this.nowMs),
      random: new Random(),
      hash: new NameHash(1),
      counters: new Counters(this.values, (series) => void this.series.push(series)),
      log: {
        line: (level, text) => void lines.push(`[${level}] ${text}`),
        plugin: (name, level, text) => void lines.push(`[${level}] plugin/${name}: ${text}`),
      },
      scratch: { bytes: arena.u8, offset: arena.allocate(MESSAGE_BYTES_MAX) },
      loops,
      hostsFile: (path) => packHosts(files[path] ?? ''),
      remoteAddress: () => remote ?? '10.240.0.1', // As in CoreDNS's tests, like the port.
      remotePort: () => 40212,
      report: (report) => void reports.push(report),
      tap: (key, frame) => void taps.push({ key, frame }),
      ask: () => false, // There is no server to ask; test/support/fake-worker.ts has one.
      fatal: (text) => void fatals.push(text),
    };
    return context as HandlerContext;
  }

  /** Send a question through. */
  ask(name: string, asked: Asked = {}): Outcome {
    return this.send(questionPacket(name, asked), asked.tcp ? TCP : UDP);
  }

  /** Send a packet through that the server would accept. */
  send(packet: Uint8Array, protocol: number = UDP): Outcome {
    const { query } = this;
    query.bytes.set(packet, query.requestOffset);
    query.requestBytes = packet.length;
    query.protocol = protocol;
    if (readQuery(query.bytes, query.requestOffset, packet.length, query.view) !== Verdict.ACCEPT)
      throw new Error('the server refuses this packet');
    const block = { index: 0, handlers: this.handlers, work: { queries: 0 } };
    query.begin(
      {
        zone: this.context.block.zones[0],
        block,
        cache: undefined,
        udpBytesMax: 65535,
        mindsOptions: false,
        meter: undefined,
      },
      this.nowMs,
    );
    query.run();
    if (this.panics.length > 0) throw this.panics[0];
    return outcome(query);
  }

  /** Let main tell all handlers something. */
  tell(message: MessageToWorker): void {
    for (const handler of this.handlers) handler.receive?.(message);
  }

  /** Let time pass; timers fire, as in a worker that has something to do every second. */
  pass(ms: number): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; ) {
      this.nowMs = Math.min(endMs, this.nowMs + 1000);
      this.context.timers.sweep(this.nowMs);
    }
  }

  close(): void {
    for (const handler of this.handlers) handler.close?.();
  }

  /** Value of a series; undefined when it was not made. */
  counted(metric: MetricName, ...labels: string[]): number | undefined {
    const found = this.series.find((one) => one.metric === metric && one.labels.join() === labels.join());
    return found && this.values[found.slot];
  }
}

function outcome(query: Query): Outcome {
  const { reply, replyOffset, replyBytes, rcode, error, writer } = query;
  const message = replyBytes === 0 ? undefined : decodeMessage(reply, replyOffset, replyBytes);
  if (replyBytes > 0 && message === undefined) throw new Error('the answer is malformed');
  const flags = message?.flags ?? 0;
  return {
    rcode: rcodeText(rcode),
    error,
    writer,
    isAuthoritative: (flags & FLAG_AA) !== 0,
    isTruncated: (flags & FLAG_TC) !== 0,
    answer: texts(message?.answer),
    authority: texts(message?.authority),
    additional: texts(message?.additional),
    message,
  };
}

/** An {@link Inner} that answers with records, as an upstream would: no AA. */
export function answering(
  flags: number,
  records: Partial<Pick<Message, 'answer' | 'authority' | 'additional'>>,
  limit = 4096,
): Inner {
  const bytes = new Uint8Array(limit);
  return (query) => {
    const { id, key, nameBytes, type, class: questionClass } = query.view;
    const question = { name: key.slice(0, nameBytes), type, class: questionClass };
    const message = { id, flags, question, answer: [], authority: [], additional: [], ...records };
    return query.answer('inner', bytes, 0, encodeMessage(message, bytes, 0, limit));
  };
}
