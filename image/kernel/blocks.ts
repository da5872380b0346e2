/** Equal blocks of an arena, taken and given back: buffers of connections. */
import { assert } from '../assert';
import type { Arena } from './arena';

export class Blocks {
  readonly blockBytes: number;
  private readonly free: number[] = [];

  /** Takes `count` blocks of `blockBytes` from the arena; untouched ones cost no memory. */
  constructor(arena: Arena, blockBytes: number, count: number) {
    this.blockBytes = Math.ceil(blockBytes / 64) * 64;
    const first = arena.allocate(this.blockBytes * count);
    // Given out from the front: the same few blocks stay warm.
    for (let index = count - 1; index >= 0; index--) this.free.push(first + index * this.blockBytes);
  }

  /** Bytes of arena that `count` blocks take. */
  static arenaBytes(blockBytes: number, count: number): number {
    return Math.ceil(blockBytes / 64) * 64 * count + 64;
  }

  /** Blocks that can be taken. */
  get freeCount(): number {
    return this.free.length;
  }

  /** @returns offset of a block, or -1 when none is left */
  take(): number {
    return this.free.pop() ?? -1;
  }

  give(offset: number): void {
    assert(offset >= 0);
    this.free.push(offset);
  }
}
