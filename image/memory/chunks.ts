/**
 * Chains of 64-byte chunks: memory that cannot fragment. Whoever holds the writer word takes and gives back chains; any
 * thread reads. A reader may be overtaken by a writer and then sees nonsense: every index it follows is bounded here, and
 * the sequence of the entry tells it afterwards to forget what it read.
 */
import { assert } from '../assert';
import type { Arena } from '../kernel/arena';
import { CHUNK_BYTES, Header, type TableLayout } from './layout';

export class Chunks {
  private readonly words: Int32Array;
  private readonly bytes: Uint8Array;
  private readonly headerWord: number;
  private readonly linkWord: number;
  private readonly chunkByte: number;
  private readonly chunks: number;
  /** Where {@link append} goes on writing. */
  private writeChunk = -1;
  private writePosition = 0;

  /** @param region byte offset of the table in `arena` */
  constructor(arena: Arena, region: number, layout: TableLayout) {
    this.words = arena.i32;
    this.bytes = arena.u8;
    this.headerWord = region >>> 2;
    this.linkWord = (region >>> 2) + layout.linkWord;
    this.chunkByte = region + layout.chunkByte;
    this.chunks = layout.chunks;
  }

  /** Make all chunks free; once, by the thread that makes the table. The zeroes of its memory link them already. */
  initialise(): void {
    this.words[this.headerWord + Header.CHUNKS_FREE_COUNT] = this.chunks;
  }

  get freeCount(): number {
    return this.words[this.headerWord + Header.CHUNKS_FREE_COUNT];
  }

  /** Chunks that `bytes` take. */
  static needed(bytes: number): number {
    return Math.ceil(bytes / CHUNK_BYTES);
  }

  /** Writer: take a chain of `count` chunks and set {@link append} to its start. @returns the first chunk */
  take(count: number): number {
    assert(count > 0 && count <= this.freeCount);
    const { words, headerWord, linkWord } = this;
    const first = words[headerWord + Header.CHUNK_FREE];
    let last = first;
    for (let taken = 1; taken < count; taken++) last += 1 + words[linkWord + last];
    words[headerWord + Header.CHUNK_FREE] = last + 1 + words[linkWord + last];
    words[headerWord + Header.CHUNKS_FREE_COUNT] -= count;
    words[linkWord + last] = this.chunks - last - 1; // The chain ends.
    this.writeChunk = first;
    this.writePosition = 0;
    return first;
  }

  /** Writer: give a chain back. @param count its length */
  give(first: number, count: number): void {
    const { words, headerWord, linkWord } = this;
    let last = first;
    for (let given = 1; given < count; given++) last += 1 + words[linkWord + last];
    words[linkWord + last] = words[headerWord + Header.CHUNK_FREE] - last - 1;
    words[headerWord + Header.CHUNK_FREE] = first;
    words[headerWord + Header.CHUNKS_FREE_COUNT] += count;
  }

  /** Writer: put one byte behind what was appended before. */
  append(byte: number): void {
    if (this.writePosition === CHUNK_BYTES) {
      this.writeChunk += 1 + this.words[this.linkWord + this.writeChunk];
      this.writePosition = 0;
    }
    this.bytes[this.chunkByte + this.writeChunk * CHUNK_BYTES + this.writePosition++] = byte;
  }

  /** Reader: the chunk behind `chunk`, or a negative number at the end of the chain or after nonsense. */
  private after(chunk: number): number {
    const next = chunk + 1 + this.words[this.linkWord + chunk];
    return next < this.chunks ? next : -1;
  }

  /** Is `first` a chunk at all? What a raced reader read may not be. */
  exists(first: number): boolean {
    return first >= 0 && first < this.chunks;
  }

  /** Reader: do the first `count` bytes of the chain equal `key[0..count-1]`? */
  equals(first: number, key: Uint8Array, count: number): boolean {
    let chunk = first;
    let index = 0;
    while (index < count) {
      const from = this.chunkByte + chunk * CHUNK_BYTES - index;
      const end = Math.min(count, index + CHUNK_BYTES);
      while (index < end && this.bytes[from + index] === key[index]) index++;
      if (index < end) return false;
      if (index === count) return true;
      chunk = this.after(chunk);
      if (chunk < 0) return false;
    }
    return true;
  }

  /**
   * Reader: copy `count` bytes from `position` of the chain to `target[at..]`.
   * @returns false when the chain ended before: a raced read
   */
  copy(first: number, position: number, count: number, target: Uint8Array, at: number): boolean {
    if (count === 0) return true; // There may be no chunk for it: the key may fill the last one.
    let chunk = first;
    let start = position;
    while (start >= CHUNK_BYTES) {
      chunk = this.after(chunk);
      if (chunk < 0) return false;
      start -= CHUNK_BYTES;
    }
    const { bytes } = this;
    let done = 0;
    for (;;) {
      const from = this.chunkByte + chunk * CHUNK_BYTES + start - done;
      const end = Math.min(count, done + CHUNK_BYTES - start);
      while (done < end) {
        target[at + done] = bytes[from + done];
        done++;
      }
      if (done === count) return true;
      chunk = this.after(chunk);
      if (chunk < 0) return false;
      start = 0;
    }
  }

  /** Reader: copy `count` big-endian 16-bit numbers from `position` of the chain into `target`. @returns as {@link copy} */
  copyNumbers(first: number, position: number, count: number, target: Uint16Array): boolean {
    let chunk = first;
    let start = position;
    for (let index = 0; index < count; index++) {
      let number = 0;
      for (let half = 0; half < 2; half++) {
        while (start >= CHUNK_BYTES) {
          chunk = this.after(chunk);
          if (chunk < 0) return false;
          start -= CHUNK_BYTES;
        }
        number = (number << 8) | this.bytes[this.chunkByte + chunk * CHUNK_BYTES + start++];
      }
      target[index] = number;
    }
    return true;
  }
}
