/** Questions whose upstream cannot be trusted (support/hostile-upstream.ts): each gets what its mood allows, in time. */
import { createSocket } from 'node:dgram';
import { Rcode, Type } from '../../image/wire/codes';
import { FLAG_TC, RCODE_MASK } from '../../image/wire/header';
import { decodeMessage } from '../../image/wire/message';
import { type HostileUpstream, MOODS, type Mood, rightAnswer } from '../support/hostile-upstream';
import type { Random } from './random';
import type { Failure } from './sockets-clients';
import { wrongReply } from './sockets-reply';
import { frame, Stream } from './sockets-stream';
import { encoded, message, opt } from './wire-seeds';

/** Questions under way at a time: fewer than the server takes (QUERIES_MAX), so that none may be turned away. */
const UNDER_WAY = 256;
/** A question may take 5 s in all (QUERY_DEADLINE_MS); a busy machine wakes us late. */
const ANSWER_MS_MAX = 6_500;
const FAILURES_MAX = 10;
const CONNECTIONS = 4;
/** How often each mood is asked for: those that take their time are rare. */
const MOODS_OF_64: readonly (readonly [Mood, number])[] = [
  ['right', 13],
  ['forged', 14],
  ['split', 1],
  ['slow', 2],
  ['spoiled', 22],
  ['cut', 9],
  ['oversized', 1],
  ['torn', 1],
  ['noise', 1],
];
/** These may break the connection that others of their upstream share. */
const FOUL: ReadonlySet<Mood> = new Set(['spoiled', 'cut', 'oversized', 'torn', 'noise', 'silent']);

/** A zone of the server: what its upstream does and how it is reached. */
export interface HostileZone {
  readonly zone: string;
  readonly cached: boolean;
  readonly overTcp: boolean;
  readonly foul: boolean;
  /** Its upstream ends a TCP connection after each answer. */
  readonly brief: boolean;
  /** Its upstream is asked over TLS. */
  readonly tls: boolean;
}

/** `udp-fair.`, `bare-tcp-foul.`, … one that is brief, and two over TLS. */
export const HOSTILE_ZONES: readonly HostileZone[] = [
  ...[0, 1, 2, 3]
    .flatMap((bits) => [false, true].map((foul) => ({ cached: (bits & 1) === 0, overTcp: (bits & 2) !== 0, foul })))
    .map((one) => {
      const name = `${one.cached ? '' : 'bare-'}${one.overTcp ? 'tcp' : 'udp'}-${one.foul ? 'foul' : 'fair'}.`;
      return { zone: name, brief: false, tls: false, ...one };
    }),
  { zone: 'bare-tcp-brief.', cached: false, overTcp: true, foul: false, brief: true, tls: false },
  { zone: 'bare-tls-fair.', cached: false, overTcp: true, foul: false, brief: false, tls: true },
  { zone: 'bare-tls-foul.', cached: false, overTcp: true, foul: true, brief: false, tls: true },
];

interface Asked {
  readonly packet: Uint8Array;
  readonly name: string;
  readonly mood: Mood;
  readonly overUdp: boolean;
  readonly timer: NodeJS.Timeout;
}

export class Askers {
  readonly failures: Failure[] = [];
  /** Answers by response code, to see that all kinds come. */
  readonly rcodes = new Array<number>(16).fill(0);
  answered = 0;
  private readonly random: Random;
  private readonly port: number;
  private readonly upstreams: readonly HostileUpstream[];
  private readonly udp = createSocket('udp4');
  private readonly streams: (Stream | undefined)[] = new Array<Stream | undefined>(CONNECTIONS).fill(undefined);
  private readonly asked: (Asked | undefined)[] = new Array<Asked | undefined>(UNDER_WAY).fill(undefined);
  private underWay = 0;
  private number = 0;
  private left = 0;
  private done: () => void = () => undefined;

  /** @param port of the server on 127.0.0.1; @param upstreams whose packets explain a failure */
  constructor(random: Random, port: number, upstreams: readonly HostileUpstream[]) {
    this.random = random;
    this.port = port;
    this.upstreams = upstreams;
    this.udp.on('message', (reply) => this.take(reply));
  }

  /** Ask `count` questions and wait until the last is answered or overdue. */
  async run(count: number): Promise<void> {
    this.left = count;
    await new Promise<void>((resolve) => {
      this.done = resolve;
      for (let id = 0; id < UNDER_WAY; id++) this.ask(id);
    });
  }

  /** Close all sockets. */
  close(): void {
    this.udp.close();
    for (const stream of this.streams) stream?.leave();
  }

  private mood(): Mood {
    let rest = this.random.below(64);
    for (const [mood, share] of MOODS_OF_64) {
      if (rest < share) return mood;
      rest -= share;
    }
    return this.random.below(8) === 0 ? 'silent' : 'right';
  }

  /** A name of this mood; one in eight was asked shortly before: it is in the cache, or on its way. */
  private name(mood: Mood): string {
    const { random } = this;
    const zones = HOSTILE_ZONES.filter(({ foul }) => foul === FOUL.has(mood));
    const number = random.below(8) === 0 ? Math.max(0, this.number - random.below(200)) : ++this.number;
    const name = `${mood}-${number}.${zones[number % zones.length].zone}`;
    return random.below(2) === 0 ? name : name.toUpperCase();
  }

  private ask(id: number): void {
    if (this.left === 0 || this.failures.length >= FAILURES_MAX) {
      if (this.underWay === 0) this.done();
      return;
    }
    this.left--;
    this.underWay++;
    const { random } = this;
    const mood = this.mood();
    const name = this.name(mood);
    const type = FOUL.has(mood) ? 1 + random.below(66) : Type.A;
    const additional = random.below(2) === 0 ? [] : [opt(random.below(4096), random.below(2) * 0x8000)];
    const packet = encoded({ ...message({ ask: name, type, additional }), id });
    const overUdp = random.below(4) !== 0;
    const timer = setTimeout(() => this.overdue(id), ANSWER_MS_MAX);
    this.asked[id] = { packet, name, mood, overUdp, timer };
    if (overUdp) this.udp.send(packet, this.port, '127.0.0.1');
    else this.stream().write(frame(packet));
  }

  private stream(): Stream {
    const index = this.random.below(CONNECTIONS);
    const kept = this.streams[index];
    if (kept !== undefined && !kept.closed) return kept;
    const stream = new Stream(this.port, (reply) => this.take(reply));
    this.streams[index] = stream;
    return stream;
  }

  private overdue(id: number): void {
    const { packet, name } = this.asked[id]!;
    this.fail(`no answer for ${name} within ${ANSWER_MS_MAX} ms\nupstream: ${this.upstreamSent(name)}`, packet);
    this.free(id);
  }

  private free(id: number): void {
    this.asked[id] = undefined;
    this.underWay--;
    this.ask(id);
  }

  private take(reply: Buffer): void {
    const id = reply.length < 12 ? UNDER_WAY : reply.readUInt16BE(0);
    const asked = id < UNDER_WAY ? this.asked[id] : undefined;
    if (asked === undefined) {
      this.fail('an answer that nobody waits for', reply);
      return;
    }
    clearTimeout(asked.timer);
    this.answered++;
    this.rcodes[reply[3] & RCODE_MASK]++;
    const wrong = wrongReply(asked.packet, reply, asked.overUdp) ?? wrongForMood(asked, reply);
    if (wrong !== undefined) {
      const { name, packet } = asked;
      this.fail(`${name}: ${wrong}\nreply: ${reply.toString('hex')}\nupstream: ${this.upstreamSent(name)}`, packet);
    }
    this.free(id);
  }

  private upstreamSent(name: string): string {
    return this.upstreams.map(({ recent }) => recent.get(name.toLowerCase()) ?? '').join('');
  }

  private fail(reason: string, packet: Uint8Array): void {
    if (this.failures.length < FAILURES_MAX) {
      this.failures.push({ reason, hex: Buffer.from(packet).toString('hex') });
    }
  }
}

function wrongForMood({ mood, overUdp }: Asked, reply: Buffer): string | undefined {
  const wanted = MOODS[mood];
  if (wanted === 'anything') return undefined;
  const rcode = reply[3] & RCODE_MASK;
  if (wanted === 'SERVFAIL') return rcode === Rcode.SERVFAIL ? undefined : `rcode ${rcode}, want SERVFAIL`;
  const { flags, question, answer } = decodeMessage(reply, 0, reply.length)!;
  if (rcode !== Rcode.NOERROR) return `rcode ${rcode}, want the answer`;
  const right = rightAnswer(question!.name);
  const isCut = overUdp && (flags & FLAG_TC) !== 0;
  if (isCut ? answer.length >= right.length : answer.length !== right.length) return `${answer.length} records`;
  const isRight = answer.every(({ type, data }, index) => type === Type.A && data.join() === right[index].data.join());
  return isRight ? undefined : 'another answer';
}
