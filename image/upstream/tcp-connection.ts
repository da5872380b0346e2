/**
 * One kept TCP connection to an upstream: questions go out in batches, answers come back in any order (RFC 7766 §6.2.1).
 *
 *   block:  │ in: READ_BYTES                              │ out: WRITE_BYTES         │
 *             frames, whole or not yet                       what the kernel did not take yet
 *
 * A relayed connection is a pair of sockets whose other end main holds and passes on through TLS (tls-dialer.ts). Its first
 * frame is main's: how the handshake ended.
 */
import { assert } from '../assert';
import { EINPROGRESS, errnoText, isTransient } from '../kernel/errno';
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, MSG_DONTWAIT, MSG_NOSIGNAL } from '../kernel/libc';
import type { Flushable, Watcher } from '../kernel/reactor';
import { HEADER_BYTES, MESSAGE_BYTES_MAX, REQUEST_BYTES_MAX } from '../limits';
import { routeText, type UpstreamEnvironment } from './environment';
import { answersQuestion, type Channel, type Exchange, usableBytes } from './exchange';

const PREFIX_BYTES = 2;
/** The largest answer, and what arrives behind it in the same read. */
const READ_BYTES = PREFIX_BYTES + MESSAGE_BYTES_MAX + 16_383;
/** Questions on their way, while a connection is made too: 1,200 of ordinary size. Full, the pool takes another connection. */
const WRITE_BYTES = 65_536;
/** Bytes of a block in {@link UpstreamEnvironment.connectionBlocks}. */
export const CONNECTION_BLOCK_BYTES = READ_BYTES + WRITE_BYTES;

/** First octet of a relay's first frame; the rest is text: our address, or what went wrong. */
export const RELAY_OPEN = 1;
/** See {@link RELAY_OPEN}. */
export const RELAY_FAILED = 0;

/** What a connection tells the pool that holds it. */
export interface ConnectionOwner {
  /** Answers came, or questions left: there may be room for more. */
  hasRoomAgain(connection: TcpConnection): void;
  /** It is closed; these questions had no answer yet. */
  closed(connection: TcpConnection, unanswered: Exchange[], end: ConnectionEnd): void;
}

/** How a connection ended. */
export interface ConnectionEnd {
  /** In Go's words; '' when it was not needed any more. */
  readonly error: string;
  /** Questions that it did answer in its life. */
  readonly answered: number;
  /** The far end closed it. */
  readonly isTheirs: boolean;
  /** Milliseconds since it answered last. */
  readonly sinceAnswerMs: number;
}

/** How a connection is made. */
export interface Dialed {
  /** A socket whose connect was begun, or the worker's end of a relay. */
  readonly fd: number;
  /** The far end for messages, `10.0.0.10:53`. */
  readonly address: string;
  /** Main passes it on through TLS. */
  readonly isRelayed: boolean;
}

/** See the file's head. */
export class TcpConnection implements Watcher, Flushable, Channel {
  /** Questions sent and not answered. */
  readonly inFlight: Exchange[] = [];
  connecting = true;
  /** Questions it may carry in its life, as far as the pool knows. */
  questionsMax: number;
  /** Questions sent on it so far. */
  sent = 0;
  /** When the last question or answer passed. */
  usedAtMs: number;
  /** When its connect was begun. */
  readonly openedAtMs: number;
  private receivedAtMs = 0;
  private answered = 0;
  /** Of a relay: main's address on the network. */
  private localText = '';
  private readonly isRelayed: boolean;
  private readonly fd: number;
  private readonly token: number;
  private readonly address: string;
  private readonly environment: UpstreamEnvironment;
  private readonly owner: ConnectionOwner;
  private readonly block: number;
  private readBytes = 0;
  private writeBytes = 0;
  private flushAsked = false;
  /** Something was read in this turn. */
  private unacknowledged = false;
  private wantsWrite: boolean;
  private open = true;

  /** @param block of {@link CONNECTION_BLOCK_BYTES}; @param questionsMax see {@link TcpConnection.questionsMax} */
  constructor(
    environment: UpstreamEnvironment,
    owner: ConnectionOwner,
    { fd, address, isRelayed }: Dialed,
    block: number,
    questionsMax: number,
  ) {
    assert(fd >= 0 && block >= 0);
    this.environment = environment;
    this.owner = owner;
    this.fd = fd;
    this.block = block;
    this.address = address;
    this.isRelayed = isRelayed;
    this.questionsMax = questionsMax;
    this.openedAtMs = environment.clock.now();
    this.usedAtMs = this.openedAtMs;
    // A relay is writable from the start; what counts is main's first frame.
    this.wantsWrite = !isRelayed;
    this.token = environment.reactor.add(fd, isRelayed ? EPOLLIN : EPOLLIN | EPOLLOUT, this);
  }

  /** Was the socket taken in? */
  get watched(): boolean {
    return this.token >= 0;
  }

  /** Not closed yet? */
  get isOpen(): boolean {
    return this.open;
  }

  /** May it carry one more question? */
  get hasRoom(): boolean {
    return this.sent < this.questionsMax && !this.isFull;
  }

  /** Is there no place for a question until the kernel has taken others? */
  get isFull(): boolean {
    return this.writeBytes + PREFIX_BYTES + REQUEST_BYTES_MAX > WRITE_BYTES;
  }

  /** It has carried what it may. */
  get isSpent(): boolean {
    return this.sent >= this.questionsMax;
  }

  /** Put a question on its way; it leaves at the end of the turn together with its neighbours. */
  send(exchange: Exchange): void {
    assert(this.open && this.hasRoom && exchange.requestBytes <= REQUEST_BYTES_MAX);
    const { u8 } = this.environment.arena;
    const at = this.block + READ_BYTES + this.writeBytes;
    u8[at] = exchange.requestBytes >>> 8;
    u8[at + 1] = exchange.requestBytes;
    u8[at + 2] = exchange.id >>> 8;
    u8[at + 3] = exchange.id;
    for (let index = 2; index < exchange.requestBytes; index++) {
      u8[at + 2 + index] = exchange.bytes[exchange.requestOffset + index];
    }
    this.writeBytes += PREFIX_BYTES + exchange.requestBytes;
    exchange.channel = this;
    this.inFlight.push(exchange);
    this.sent++;
    this.usedAtMs = exchange.writtenAtMs;
    if (!this.connecting) this.flushLater();
  }

  private flushLater(): void {
    if (this.flushAsked) return;
    this.flushAsked = true;
    this.environment.reactor.later(this);
  }

  flush(): void {
    this.flushAsked = false;
    if (!this.open || this.connecting) return;
    if (this.writeBytes === 0) {
      this.acknowledge();
      this.watchWrites(false); // A connection made in advance has nothing to say yet; an idle socket is always writable.
      return;
    }
    this.unacknowledged = false; // What is sent now carries the acknowledgement.
    const { libc, arena } = this.environment;
    const from = this.block + READ_BYTES;
    const sent = libc.send(this.fd, arena.address(from), this.writeBytes, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && !isTransient(sent)) {
      this.close(`write tcp ${this.route()}: write: ${errnoText(-sent)}`, true);
      return;
    }
    if (sent > 0) {
      arena.u8.copyWithin(from, from + sent, from + this.writeBytes);
      const wasFull = this.isFull;
      this.writeBytes -= sent;
      if (wasFull) this.owner.hasRoomAgain(this);
    }
    if (this.open) this.watchWrites(this.writeBytes > 0);
  }

  /**
   * Acknowledge what was read when more is to come and nothing of ours is about to say so. A far end that waits for our ACK
   * before it sends the next small segment (Nagle; unbound does, Go does not) would otherwise stall for our delayed ACK: 3 ms
   * on average at 5,000 q/s. Done after every read it cost 3 µs of 15 per question.
   */
  private acknowledge(): void {
    if (this.unacknowledged && !this.isRelayed && this.inFlight.length > 0) this.environment.sockets.quickAck(this.fd);
    this.unacknowledged = false;
  }

  private watchWrites(wanted: boolean): void {
    if (wanted === this.wantsWrite) return;
    this.wantsWrite = wanted;
    this.environment.reactor.modify(this.fd, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN, this.token);
  }

  ready(happened: number): void {
    if (!this.open) return;
    if (this.connecting && !this.isRelayed && !this.connected(happened)) return;
    if ((happened & EPOLLIN) !== 0 || (happened & (EPOLLERR | EPOLLHUP)) !== 0) this.read();
    if (this.open && (happened & EPOLLOUT) !== 0) this.flush();
  }

  private connected(happened: number): boolean {
    const error = this.environment.sockets.error(this.fd);
    if (error !== 0 && error !== EINPROGRESS) {
      this.close(`dial tcp ${this.address}: connect: ${errnoText(error)}`);
      return false;
    }
    if ((happened & EPOLLOUT) === 0) return false;
    this.connecting = false;
    return true;
  }

  private read(): void {
    const { libc, arena, clock } = this.environment;
    const at = this.block + this.readBytes;
    const got = libc.recv(this.fd, arena.address(at), READ_BYTES - this.readBytes, MSG_DONTWAIT);
    if (got <= 0) {
      if (got === 0) this.close('EOF', true);
      else if (!isTransient(got)) this.close(`read tcp ${this.route()}: read: ${errnoText(-got)}`, true);
      return;
    }
    this.unacknowledged = true;
    this.flushLater();
    this.readBytes += got;
    this.receivedAtMs = clock.now();
    this.usedAtMs = this.receivedAtMs;
    const before = this.answered;
    this.takeFrames();
    if (this.open && this.answered > before) this.owner.hasRoomAgain(this);
  }

  private takeFrames(): void {
    const { u8 } = this.environment.arena;
    let start = this.block;
    const end = this.block + this.readBytes;
    while (this.open && end - start >= PREFIX_BYTES) {
      const length = (u8[start] << 8) | u8[start + 1];
      if (end - start < PREFIX_BYTES + length) break;
      if (this.connecting) this.takeHandshake(start + PREFIX_BYTES, length);
      else this.takeMessage(start + PREFIX_BYTES, length);
      start += PREFIX_BYTES + length;
    }
    if (!this.open) return;
    this.readBytes = end - start;
    if (this.readBytes > 0 && start > this.block) u8.copyWithin(this.block, start, end);
  }

  /** Main says how its handshake ended. */
  private takeHandshake(offset: number, length: number): void {
    const { u8 } = this.environment.arena;
    const text = Buffer.from(u8.buffer, u8.byteOffset + offset + 1, Math.max(0, length - 1)).toString();
    if (length === 0 || u8[offset] !== RELAY_OPEN) {
      this.close(text);
      return;
    }
    this.localText = text;
    this.connecting = false;
    this.flushLater();
  }

  private takeMessage(offset: number, length: number): void {
    const { arena, exchanges } = this.environment;
    const exchange = length < HEADER_BYTES ? undefined : exchanges.find((arena.u8[offset] << 8) | arena.u8[offset + 1]);
    if (exchange?.channel !== this || !answersQuestion(arena.u8, offset, length, exchange.view)) {
      this.environment.mismatched(offset, length);
      return;
    }
    const usable = usableBytes(arena.u8, offset, length, exchange.view, this.environment.walk);
    this.forget(exchange);
    this.answered++;
    if (usable === 0) exchanges.fail(exchange, `read tcp ${this.route()}: malformed answer`);
    else exchanges.answer(exchange, arena.u8, offset, usable);
  }

  private forget(exchange: Exchange): void {
    const index = this.inFlight.indexOf(exchange);
    assert(index >= 0);
    const last = this.inFlight.pop()!;
    if (index < this.inFlight.length) this.inFlight[index] = last;
  }

  /**
   * A question was not answered in time. If nothing at all came since it was sent, the other end is gone without a word
   * (a deleted pod behind DNAT): the connection is given up, and the others try another one.
   */
  timedOut(exchange: Exchange): string {
    const error = this.connecting ? `dial tcp ${this.address}: i/o timeout` : `read tcp ${this.route()}: i/o timeout`;
    this.forget(exchange);
    if (this.connecting || this.receivedAtMs < exchange.writtenAtMs) this.close(error);
    return error;
  }

  /** `10.0.0.1:4242->10.0.0.10:53`, as Go prints a connection. */
  private route(): string {
    if (this.isRelayed) return `${this.localText}->${this.address}`;
    return routeText(this.environment, this.fd, this.address);
  }

  /** Close it; what was in flight goes back to the owner. @param isTheirs the far end did */
  close(error: string, isTheirs = false): void {
    if (!this.open) return;
    this.open = false;
    const { libc, reactor, connectionBlocks } = this.environment;
    if (this.token >= 0) reactor.remove(this.fd, this.token);
    libc.close(this.fd);
    connectionBlocks.give(this.block);
    const unanswered = this.inFlight.splice(0);
    const sinceAnswerMs = this.environment.clock.now() - this.receivedAtMs;
    this.owner.closed(this, unanswered, { error, answered: this.answered, isTheirs, sinceAnswerMs });
  }
}
