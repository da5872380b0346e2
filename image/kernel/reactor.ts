/**
 * Who wants to hear of which socket, and what is put off to the end of a turn: one `turn` is one sleep, every event, then
 * every flush, so that answers and upstream questions leave in batches.
 */
import { assert } from '../assert';
import type { Arena } from './arena';
import type { Libc } from './libc';
import { Poller } from './poller';

export interface Watcher {
  /** The socket is readable, writable or broken. @param happened EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP */
  ready(happened: number): void;
}

export interface Flushable {
  /** End of the turn in which {@link Reactor.later} was called. */
  flush(): void;
}

export class Reactor {
  private readonly poller: Poller;
  private readonly watchers: (Watcher | undefined)[] = [];
  private readonly free: number[] = [];
  /** Tokens given back during this turn: an event of theirs may still lie in the list, so nobody gets them yet. */
  private readonly freed: number[] = [];
  private flushing: Flushable[] = [];
  private flushed: Flushable[] = [];

  constructor(libc: Libc, arena: Arena) {
    this.poller = new Poller(libc, arena);
  }

  /** Watch `fd`. @returns token for the calls below, or -errno */
  add(fd: number, interest: number, watcher: Watcher): number {
    const token = this.free.pop() ?? this.watchers.length;
    const result = this.poller.add(fd, interest, token);
    if (result < 0) {
      this.free.push(token);
      if (token === this.watchers.length) this.watchers.push(undefined);
      return result;
    }
    this.watchers[token] = watcher;
    return token;
  }

  /** Change what is watched of a socket. */
  modify(fd: number, interest: number, token: number): void {
    assert(this.watchers[token] !== undefined);
    this.poller.modify(fd, interest, token);
  }

  /** Watch no longer; before the descriptor is closed. */
  remove(fd: number, token: number): void {
    assert(this.watchers[token] !== undefined);
    this.poller.remove(fd);
    this.watchers[token] = undefined;
    this.freed.push(token);
  }

  /** Flush at the end of this turn. The caller remembers that it asked, and asks once. */
  later(flushable: Flushable): void {
    this.flushing.push(flushable);
  }

  /** Is something put off to the end of this turn? */
  get holdsBack(): boolean {
    return this.flushing.length > 0;
  }

  /** Sleep up to `timeoutMs` (-1 forever), then tell everyone concerned. @returns how many were told */
  turn(timeoutMs: number): number {
    const count = this.poller.wait(timeoutMs);
    for (let index = 0; index < count; index++) {
      this.watchers[this.poller.token(index)]?.ready(this.poller.happened(index));
    }
    return count;
  }

  /** Run what was put off, also what that puts off in turn. */
  flush(): void {
    while (this.flushing.length > 0) {
      const batch = this.flushing;
      this.flushing = this.flushed;
      let index = 0;
      try {
        for (; index < batch.length; index++) batch[index].flush();
      } finally {
        // One that throws must not cost the others their turn: they have asked, and will not ask again.
        for (let rest = index + 1; rest < batch.length; rest++) this.flushing.push(batch[rest]);
        batch.length = 0;
        this.flushed = batch;
      }
    }
    while (this.freed.length > 0) this.free.push(this.freed.pop()!);
  }

  close(): void {
    this.poller.close();
  }
}
