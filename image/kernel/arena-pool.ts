/**
 * Maps that come and go with configurations: the tables of caches. A reload drops some and needs others, and a view of
 * memory that was unmapped would end the process, so maps stay: their pages go back to the kernel, and the next taker of
 * no more than their size gets them, zeroed. What grows over a thousand reloads is neither memory nor, as sizes repeat, maps.
 */
import { assert } from '../assert';
import { type Arena, mapArena } from './arena';
import type { Libc } from './libc';

export class ArenaPool {
  private readonly libc: Libc;
  private readonly free: Arena[] = [];
  /** How many users each taken map has. */
  private readonly users = new Map<Arena, number>();

  constructor(libc: Libc) {
    this.libc = libc;
  }

  /** Maps that somebody uses, and maps that wait for somebody. */
  get counts(): { readonly taken: number; readonly free: number } {
    return { taken: this.users.size, free: this.free.length };
  }

  /**
   * Zeroed memory of at least `bytes` for one user.
   * @throws Error when the kernel refuses, with the size asked for
   */
  take(bytes: number): Arena {
    let best = -1;
    for (let index = 0; index < this.free.length; index++) {
      if (this.free[index].bytes < bytes) continue;
      if (best < 0 || this.free[index].bytes < this.free[best].bytes) best = index;
    }
    const arena = best >= 0 ? this.free.splice(best, 1)[0] : mapArena(this.libc, bytes);
    this.users.set(arena, 1);
    return arena;
  }

  /** One user more. */
  share(arena: Arena): void {
    const users = this.users.get(arena);
    assert(users !== undefined);
    this.users.set(arena, users + 1);
  }

  /** One user less; after the last one its content is gone. */
  give(arena: Arena): void {
    const users = this.users.get(arena);
    assert(users !== undefined);
    if (users > 1) {
      this.users.set(arena, users - 1);
      return;
    }
    this.users.delete(arena);
    // Locked memory (mlockall) cannot be discarded: then it is cleared and stays resident.
    if (this.libc.discardMemory(arena.base, arena.bytes) < 0) arena.u8.fill(0);
    this.free.push(arena);
  }
}
