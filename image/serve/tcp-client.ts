/**
 * One client connection: frames in, answers out in the order they are ready (RFC 7766 §6.2.1.1).
 *
 *   in: PREFIX + REQUEST_BYTES_MAX in a block of its own. A longer frame is read up to there and the rest is skipped: it
 *   counts as cut off, like a datagram longer than its slot.
 */
import { assert } from '../assert';
import { errnoText, isTransient } from '../kernel/errno';
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, MSG_DONTWAIT, MSG_NOSIGNAL } from '../kernel/libc';
import type { Watcher } from '../kernel/reactor';
import { Timer } from '../kernel/timers';
import { REQUEST_BYTES_MAX, TCP_PIPELINE_MAX } from '../limits';
import type { TcpService } from './tcp';

/** The length in front of every message (RFC 1035 §4.2.2). */
export const PREFIX_BYTES = 2;
/** Reads of a connection at the end: 128 KiB, more than a client that waits for answers has sent ahead. */
const DRAIN_READS_MAX = 32;
/** Bytes of a client's read block. */
export const CLIENT_BLOCK_BYTES = PREFIX_BYTES + REQUEST_BYTES_MAX;

/** Why a connection ended: label `reason`. */
export type CloseReason = 'client' | 'idle' | 'first_query' | 'evicted' | 'backlog' | 'error' | 'stop';

export class TcpClient implements Watcher {
  readonly index: number;
  readonly serial: number;
  readonly peerOffset: number;
  readonly family: 1 | 2;
  /** Questions in work. */
  inFlight = 0;
  usedAtMs: number;
  private asked = false;
  private readonly service: TcpService;
  private readonly fd: number;
  private readonly token: number;
  private readonly block: number;
  private readBytes = 0;
  private skipBytes = 0;
  /** Block with answers the client has not taken, or -1; bytes in it. */
  private backlog = -1;
  private backlogBytes = 0;
  private interest = EPOLLIN;
  /** It will ask no more: it said so, or the worker stops. */
  private ended = false;
  private stopping = false;
  private open = true;
  private readonly timer = new Timer(() => this.expired());

  constructor(
    service: TcpService,
    index: number,
    serial: number,
    fd: number,
    block: number,
    peerOffset: number,
    family: 1 | 2,
  ) {
    this.service = service;
    this.index = index;
    this.serial = serial;
    this.fd = fd;
    this.block = block;
    this.peerOffset = peerOffset;
    this.family = family;
    this.usedAtMs = service.clock.now();
    this.token = service.reactor.add(fd, EPOLLIN, this);
    service.timers.start(this.timer, this.usedAtMs + service.limitsOf(index).firstQueryMs);
  }

  get watched(): boolean {
    return this.token >= 0;
  }

  /** Nothing of it is in work: it may be closed for another one. */
  get idle(): boolean {
    return this.inFlight === 0 && this.backlog < 0;
  }

  ready(happened: number): void {
    if (!this.open) return;
    if ((happened & (EPOLLERR | EPOLLHUP)) !== 0) {
      // It reset the connection: no answer reaches it. epoll says so again and again, also to those who do not read.
      this.close('error');
      return;
    }
    if ((happened & EPOLLOUT) !== 0) this.writeBacklog();
    if (this.open && (happened & EPOLLIN) !== 0 && !this.paused) this.read();
  }

  /** More than it may have in work, or it does not take its answers: let it wait in its own socket. */
  private get busy(): boolean {
    return this.inFlight >= TCP_PIPELINE_MAX || this.backlog >= 0;
  }

  private get paused(): boolean {
    return this.busy || this.ended;
  }

  /** @returns whether something was there */
  private read(): boolean {
    const { libc, arena } = this.service;
    const room = CLIENT_BLOCK_BYTES - this.readBytes;
    assert(room > 0); // A full block is a whole frame, or one that is cut: takeFrames empties it.
    const got = libc.recv(this.fd, arena.address(this.block + this.readBytes), room, MSG_DONTWAIT);
    if (got > 0) {
      this.readBytes += got;
      this.takeFrames();
    } else if (got === 0) this.endOfInput();
    else if (!isTransient(got)) this.close('error', errnoText(-got));
    return got > 0;
  }

  /** It asks no more, but may wait for answers (RFC 7766 §6.2.4). */
  private endOfInput(): void {
    this.ended = true;
    this.closeOrWatch();
  }

  /** Take whole frames out of the block until none is left, or it has enough in work. */
  private takeFrames(): void {
    const { u8 } = this.service.arena;
    const end = this.block + this.readBytes;
    let start = this.skip(this.block);
    this.service.begin(this);
    try {
      start = this.takeEach(start, end);
    } catch (error) {
      this.service.abandon(this); // A mistake of ours: this connection ends, the others must not.
      this.close('error');
      throw error;
    }
    this.service.finish(this);
    if (!this.open) return;
    this.readBytes = end - start;
    if (this.readBytes > 0 && start > this.block) u8.copyWithin(this.block, start, end);
    this.closeOrWatch();
  }

  /** @returns where what is left begins */
  private takeEach(from: number, end: number): number {
    const { u8 } = this.service.arena;
    let start = from;
    while (this.open && end - start >= PREFIX_BYTES && !this.busy) {
      const length = (u8[start] << 8) | u8[start + 1];
      const kept = Math.min(length, REQUEST_BYTES_MAX);
      if (end - start < PREFIX_BYTES + kept) break;
      if (kept > 0) {
        this.use();
        this.service.handle(this, start + PREFIX_BYTES, kept);
      }
      const taken = Math.min(PREFIX_BYTES + length, end - start);
      this.skipBytes = PREFIX_BYTES + length - taken;
      start += taken;
    }
    return start;
  }

  /** It asks no more and has all its answers: close. Else wait for what may come. */
  private closeOrWatch(): void {
    if (this.ended && this.idle) this.close(this.stopping ? 'stop' : 'client');
    else this.watch();
  }

  /** Pass over the rest of a frame that was cut. @returns where the next frame begins */
  private skip(start: number): number {
    const skipped = Math.min(this.skipBytes, this.readBytes);
    this.skipBytes -= skipped;
    return start + skipped;
  }

  /** A question came. Empty frames do not count: they would keep a connection open for nothing. */
  private use(): void {
    this.usedAtMs = this.service.clock.now();
    this.asked = true;
    this.restartTimer();
  }

  private restartTimer(): void {
    const { timers } = this.service;
    const limits = this.service.limitsOf(this.index);
    timers.start(this.timer, this.usedAtMs + (this.asked ? limits.idleMs : limits.firstQueryMs));
  }

  /** An answer that took its time is delivered. */
  answered(): void {
    this.inFlight--;
    assert(this.inFlight >= 0);
    this.usedAtMs = this.service.clock.now();
    if (!this.open) return;
    this.restartTimer();
    if (this.service.isCurrent(this)) return; // Its frames are being taken already.
    this.goOn();
  }

  /** There is room for what waited in the block for its turn: also for one that ended since. */
  private goOn(): void {
    if (this.readBytes > 0 && !this.busy) this.takeFrames();
    else this.closeOrWatch();
  }

  /** Send answers, each with its prefix; what is not taken at once goes to a block. @param offset in the arena */
  send(offset: number, bytes: number): void {
    if (!this.open) return;
    const { libc, arena } = this.service;
    let sent = 0;
    if (this.backlog < 0) {
      sent = libc.send(this.fd, arena.address(offset), bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent === bytes) return;
      if (sent < 0 && !isTransient(sent)) {
        this.close('error', errnoText(-sent));
        return;
      }
      sent = Math.max(sent, 0);
    }
    this.keep(offset + sent, bytes - sent);
  }

  private keep(offset: number, bytes: number): void {
    const { backlogs, arena } = this.service;
    if (this.backlog < 0) {
      this.backlog = backlogs.take();
      this.backlogBytes = 0;
    }
    if (this.backlog < 0 || this.backlogBytes + bytes > backlogs.blockBytes) {
      this.close('backlog');
      return;
    }
    arena.u8.copyWithin(this.backlog + this.backlogBytes, offset, offset + bytes);
    this.backlogBytes += bytes;
    this.watch();
  }

  private writeBacklog(): void {
    if (this.backlog < 0) return;
    const { libc, arena, backlogs } = this.service;
    const sent = libc.send(this.fd, arena.address(this.backlog), this.backlogBytes, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
      if (!isTransient(sent)) this.close('error', errnoText(-sent));
      return;
    }
    arena.u8.copyWithin(this.backlog, this.backlog + sent, this.backlog + this.backlogBytes);
    this.backlogBytes -= sent;
    if (this.backlogBytes > 0) return;
    backlogs.give(this.backlog);
    this.backlog = -1;
    this.goOn();
  }

  /** Watch for what can be used now. */
  private watch(): void {
    if (!this.open) return;
    const wanted = (this.paused ? 0 : EPOLLIN) | (this.backlog >= 0 ? EPOLLOUT : 0);
    if (wanted === this.interest) return;
    this.interest = wanted;
    this.service.reactor.modify(this.fd, wanted, this.token);
  }

  private expired(): void {
    if (this.inFlight > 0) {
      const { timers, clock } = this.service; // We are the slow ones.
      timers.start(this.timer, clock.now() + this.service.limitsOf(this.index).idleMs);
    } else this.close(this.backlog >= 0 ? 'backlog' : this.asked ? 'idle' : 'first_query');
  }

  /**
   * The worker stops: take the questions that are here, no more; close when the last answer is out. A question left in the
   * socket would cost more than itself: the kernel resets such a connection, and answers on their way are lost.
   */
  drain(): void {
    for (let reads = 0; reads < DRAIN_READS_MAX && this.open && !this.paused && this.read(); reads++);
    if (!this.open) return;
    this.ended = true;
    this.stopping = true;
    this.closeOrWatch();
  }

  close(reason: CloseReason, _detail = ''): void {
    if (!this.open) return;
    this.open = false;
    const { service } = this;
    service.timers.stop(this.timer);
    if (this.token >= 0) service.reactor.remove(this.fd, this.token);
    service.libc.close(this.fd);
    if (this.backlog >= 0) service.backlogs.give(this.backlog);
    service.closed(this, this.block, reason);
  }
}
