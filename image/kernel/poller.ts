/** One epoll instance: which sockets have something for us. A token, not a file descriptor, comes back: the owner's own index. */
import { assert } from '../assert';
import type { Arena } from './arena';
import { EINTR, errnoText } from './errno';
import { type EpollLayout, epollLayout } from './layout';
import { EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLL_CTL_MOD, type Libc } from './libc';

/** Events taken per call; more are given by the next call, so it bounds nothing but memory. */
const EVENTS_MAX = 256;

export class Poller {
  readonly fd: number;
  private readonly libc: Libc;
  private readonly arena: Arena;
  private readonly layout: EpollLayout;
  private readonly events: number;
  private readonly change: number;
  private readonly eventsAddress: number;
  private readonly changeAddress: number;

  constructor(libc: Libc, arena: Arena) {
    this.libc = libc;
    this.arena = arena;
    this.layout = epollLayout();
    this.events = arena.allocate(EVENTS_MAX * this.layout.eventBytes);
    this.change = arena.allocate(this.layout.eventBytes);
    this.eventsAddress = arena.address(this.events);
    this.changeAddress = arena.address(this.change);
    this.fd = libc.epoll_create1(0);
    if (this.fd < 0) throw new Error(`Cannot create an epoll instance: ${errnoText(-this.fd)}`);
  }

  /** Bytes of arena that a poller takes. */
  static readonly ARENA_BYTES = EVENTS_MAX * 16 + 128;

  /** Watch `fd` for `interest` (EPOLLIN, EPOLLOUT); level-triggered. @returns 0 or -errno */
  add(fd: number, interest: number, token: number): number {
    return this.control(EPOLL_CTL_ADD, fd, interest, token);
  }

  /** Change what is watched. @returns 0 or -errno */
  modify(fd: number, interest: number, token: number): number {
    return this.control(EPOLL_CTL_MOD, fd, interest, token);
  }

  /** Watch no longer. Closing a descriptor does this by itself unless another process holds it. */
  remove(fd: number): number {
    return this.control(EPOLL_CTL_DEL, fd, 0, 0);
  }

  private control(operation: number, fd: number, interest: number, token: number): number {
    assert(token >= 0 && token <= 0xffffffff);
    this.arena.u32[this.change >>> 2] = interest;
    this.arena.u32[(this.change + this.layout.dataOffset) >>> 2] = token;
    return this.libc.epoll_ctl(this.fd, operation, fd, this.changeAddress);
  }

  /**
   * Sleep until something happens.
   * @param timeoutMs whole milliseconds; -1 forever, 0 not at all
   * @returns number of events, 0 on time-out
   */
  wait(timeoutMs: number): number {
    const count = this.libc.epoll_wait(this.fd, this.eventsAddress, EVENTS_MAX, timeoutMs);
    if (count >= 0) return count;
    assert(count === -EINTR); // EBADF, EFAULT and EINVAL are mistakes of ours.
    return 0;
  }

  /** Token of event `index` of the last wait. */
  token(index: number): number {
    return this.arena.u32[(this.events + index * this.layout.eventBytes + this.layout.dataOffset) >>> 2];
  }

  /** EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP of event `index` of the last wait. */
  happened(index: number): number {
    return this.arena.u32[(this.events + index * this.layout.eventBytes) >>> 2];
  }

  close(): void {
    this.libc.close(this.fd);
  }
}
