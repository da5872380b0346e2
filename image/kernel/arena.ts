/**
 * Memory taken once, at start, outside JavaScript's heap: one mmap, typed views over it, and offsets given out in order.
 * Nothing is ever given back; what must be reused keeps its own free list. The kernel fills pages only when they are touched,
 * so a generous arena costs address space, not memory.
 */
import { assert } from '../assert';
import { errnoText } from './errno';
import type { Libc } from './libc';

/** A cache line of x86-64 and of most arm64 cores: what different parties write must not share one. */
const ALIGNMENT_BYTES = 64;

export class Arena {
  /** Address of offset 0, for the kernel. */
  readonly base: number;
  readonly bytes: number;
  readonly u8: Uint8Array;
  readonly u16: Uint16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly f64: Float64Array;
  private used = 0;

  /** @param base address of `memory`, or any number that a fake libc understands */
  constructor(base: number, memory: ArrayBuffer) {
    this.base = base;
    this.bytes = memory.byteLength;
    this.u8 = new Uint8Array(memory);
    this.u16 = new Uint16Array(memory);
    this.u32 = new Uint32Array(memory);
    this.i32 = new Int32Array(memory);
    this.f64 = new Float64Array(memory);
  }

  /** @returns offset of `bytes` fresh zeroed bytes on a cache line of their own */
  allocate(bytes: number): number {
    const offset = this.used;
    this.used += Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    assert(this.used <= this.bytes); // Sizes are sums of limits.ts, computed by the owner of the arena.
    return offset;
  }

  /** Address of `offset` for a system call. */
  address(offset: number): number {
    return this.base + offset;
  }

  /** Write a 64-bit pointer or size, little-endian, at an offset that is a multiple of 4. */
  setPointer(offset: number, value: number): void {
    this.u32[offset >>> 2] = value % 0x1_0000_0000;
    this.u32[(offset >>> 2) + 1] = value / 0x1_0000_0000;
  }
}

/**
 * Take memory from the kernel.
 * @param bytes rounded up to whole pages by the kernel
 * @throws when the kernel refuses, with the size asked for
 */
export function mapArena(libc: Libc, bytes: number): Arena {
  const size = Math.ceil(bytes / 4096) * 4096;
  const address = libc.mapMemory(size);
  if (address < 0) throw new Error(`Cannot map ${size} bytes of memory: ${errnoText(-address)}`);
  return new Arena(address, libc.viewMemory(address, size));
}

/** The same memory seen from another thread. */
export function viewArena(libc: Libc, base: number, bytes: number): Arena {
  return new Arena(base, libc.viewMemory(base, bytes));
}
