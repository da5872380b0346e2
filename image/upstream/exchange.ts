/**
 * One question to one upstream over one channel, until its answer, an error or its time-out. Ids are unpredictable and, at
 * any time, unique in the worker, so that an id alone finds the exchange; what else must match is checked before it ends.
 */
import { assert } from '../assert';
import type { Clock } from '../kernel/clock';
import type { Random } from '../kernel/random';
import { Timer, type Timers } from '../kernel/timers';
import { EXCHANGE_TIMEOUT_MS, HEADER_BYTES, QUERIES_MAX } from '../limits';
import { FLAG_TC, RCODE_MASK } from '../wire/header';
import { FOLD } from '../wire/name';
import { namesAreApart } from '../wire/overlap';
import type { QueryView } from '../wire/question';
import { dataIsValid } from '../wire/rdata';
import { type RecordWalk, recordDataOffset, recordType, walkRecords } from '../wire/record';
import { dropHopOptions } from './hop-options';

/** Who asked, and is told how it ended: exactly one of these is called, once. */
export interface Asker {
  /**
   * The answer came: a message of `length` bytes at `offset` that {@link usableBytes} let pass. The asker may change it in
   * place; it is gone when this returns. If it has records the environment's walk describes them, until something else is
   * asked.
   */
  answered(exchange: Exchange, bytes: Uint8Array, offset: number, length: number): void;
  /** No answer. @param error in Go's words, as CoreDNS would log it */
  failed(exchange: Exchange, error: string): void;
}

/** A socket through which a question was sent. */
export interface Channel {
  /** Its time is up. @returns the error in Go's words */
  timedOut(exchange: Exchange): string;
}

export class Exchange {
  /** Id on the wire. */
  id = 0;
  asker!: Asker;
  /** Set by the channel that sends it. */
  channel: Channel | undefined = undefined;
  /** Whose question: a Query, or nothing for a health probe. */
  subject: unknown = undefined;
  /** The question as to be sent, but for its id. */
  bytes!: Uint8Array;
  requestOffset = 0;
  requestBytes = 0;
  /** The same, read. */
  view!: QueryView;
  sentAtMs = 0;
  /** When it was last put on a connection; like {@link sentAtMs} unless it had to wait, or was sent again. */
  writtenAtMs = 0;
  /** How often a connection broke under it, so that it was sent again on another. */
  resends = 0;
  readonly timer: Timer;

  constructor(timeout: (exchange: Exchange) => void) {
    this.timer = new Timer(() => timeout(this));
  }
}

/** Times two: a question may have one exchange and its health probe another. */
const EXCHANGES_MAX = QUERIES_MAX * 2;

/** All exchanges of a worker. */
export class Exchanges {
  private readonly byId: (Exchange | undefined)[] = new Array<Exchange | undefined>(65536).fill(undefined);
  private readonly free: Exchange[] = [];
  private made = 0;
  private closed = false;
  private readonly clock: Clock;
  private readonly timers: Timers;
  private readonly random: Random;

  constructor(clock: Clock, timers: Timers, random: Random) {
    this.clock = clock;
    this.timers = timers;
    this.random = random;
  }

  /** The worker ends: no more exchanges begin, so that those which fail now are not tried again. */
  close(): void {
    this.closed = true;
  }

  /** Begin an exchange with a fresh id and a time-out. @returns undefined when EXCHANGES_MAX are under way, or at the end */
  begin(asker: Asker, subject: unknown, timeoutMs: number = EXCHANGE_TIMEOUT_MS): Exchange | undefined {
    const exchange = this.closed ? undefined : (this.free.pop() ?? this.make());
    if (exchange === undefined) return undefined;
    let id = this.random.u16();
    while (this.byId[id] !== undefined) id = this.random.u16(); // At most one in eight is taken: 1.14 tries on average.
    exchange.id = id;
    exchange.asker = asker;
    exchange.subject = subject;
    exchange.channel = undefined;
    exchange.resends = 0;
    exchange.sentAtMs = this.clock.now();
    exchange.writtenAtMs = exchange.sentAtMs;
    this.byId[id] = exchange;
    this.timers.start(exchange.timer, exchange.sentAtMs + timeoutMs);
    return exchange;
  }

  private make(): Exchange | undefined {
    if (this.made === EXCHANGES_MAX) return undefined;
    this.made++;
    return new Exchange((exchange) => this.timeout(exchange));
  }

  /** Whose answer is this? @returns undefined for an id that nobody waits for */
  find(id: number): Exchange | undefined {
    return this.byId[id];
  }

  /** End it with its answer; the channel has forgotten it. */
  answer(exchange: Exchange, bytes: Uint8Array, offset: number, length: number): void {
    this.end(exchange);
    exchange.asker.answered(exchange, bytes, offset, length);
    this.free.push(exchange);
  }

  /** End it without one; the channel has forgotten it. */
  fail(exchange: Exchange, error: string): void {
    this.end(exchange);
    exchange.asker.failed(exchange, error);
    this.free.push(exchange);
  }

  /** It could not even be sent: nobody is told. */
  drop(exchange: Exchange): void {
    this.end(exchange);
    this.free.push(exchange);
  }

  private end(exchange: Exchange): void {
    assert(this.byId[exchange.id] === exchange);
    this.byId[exchange.id] = undefined;
    this.timers.stop(exchange.timer);
  }

  private timeout(exchange: Exchange): void {
    const error = exchange.channel?.timedOut(exchange) ?? 'i/o timeout';
    // The channel may have given up all its exchanges with the connection, this one among them.
    if (this.byId[exchange.id] === exchange) this.fail(exchange, error);
  }
}

const FLAG_QR_HIGH = 0x80;
const OPCODE_HIGH = 0x78;

/**
 * Is this message the answer to the question? QR, opcode, one question, its name (any case), type and class must agree
 * (RFC 5452 §9.1). An error without question and records is taken too: servers that do not know EDNS answer so (RFC 6891 §7).
 * @param bytes `length` bytes at `offset`, at least a header
 */
export function answersQuestion(bytes: Uint8Array, offset: number, length: number, view: QueryView): boolean {
  assert(length >= HEADER_BYTES && offset + length <= bytes.length);
  if ((bytes[offset + 2] & FLAG_QR_HIGH) === 0) return false;
  if ((bytes[offset + 2] & OPCODE_HIGH) !== ((view.flags >>> 8) & OPCODE_HIGH)) return false;
  if (bytes[offset + 4] !== 0) return false;
  if (bytes[offset + 5] === 0) return isBareError(bytes, offset);
  if (bytes[offset + 5] !== 1 || length < view.questionEnd) return false;
  for (let index = 0; index < view.nameBytes; index++) {
    if (FOLD[bytes[offset + HEADER_BYTES + index]] !== view.key[index]) return false;
  }
  const tail = offset + HEADER_BYTES + view.nameBytes;
  return (
    ((bytes[tail] << 8) | bytes[tail + 1]) === view.type && ((bytes[tail + 2] << 8) | bytes[tail + 3]) === view.class
  );
}

function isBareError(bytes: Uint8Array, offset: number): boolean {
  if ((bytes[offset + 3] & RCODE_MASK) === 0) return false;
  for (let index = 6; index < HEADER_BYTES; index++) if (bytes[offset + index] !== 0) return false;
  return true;
}

/** Has the data of every record the form of its type? What does not, CoreDNS refuses, and clients stumble over. */
function dataAreValid(bytes: Uint8Array, walk: RecordWalk): boolean {
  for (let index = 0; index < walk.count; index++) {
    const data = recordDataOffset(walk, bytes, index);
    const end = walk.messageOffset + walk.recordEnds[index];
    if (!dataIsValid(bytes, walk.messageOffset, recordType(walk, bytes, index), data, end)) return false;
  }
  return true;
}

/**
 * How much of a matching answer is a message that can be passed on: all of it; header and question alone when the sender cut
 * it in the middle of a record and said so (TC); nothing when it is malformed. Counts are corrected in place, and EDNS
 * options that are between that server and us are taken out.
 * @param walk scratch; describes the message when all of it is usable
 * @returns bytes, 0 for malformed
 */
export function usableBytes(
  bytes: Uint8Array,
  offset: number,
  length: number,
  view: QueryView,
  walk: RecordWalk,
): number {
  assert(length >= HEADER_BYTES && offset + length <= bytes.length);
  if (walkRecords(bytes, offset, length, walk)) {
    return dataAreValid(bytes, walk) && namesAreApart(bytes, walk) ? dropHopOptions(bytes, walk) : 0;
  }
  if ((bytes[offset + 2] & (FLAG_TC >>> 8)) === 0 || length < view.questionEnd || bytes[offset + 5] !== 1) return 0;
  for (let index = 6; index < HEADER_BYTES; index++) bytes[offset + index] = 0;
  return view.questionEnd;
}
