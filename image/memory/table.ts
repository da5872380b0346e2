/**
 * The table of answers: bytes in, bytes out. One per cache, shared by the workers; memory fixed when it is made.
 *
 * find ─▶ entry ─▶ ttlLeft, kind, flags, counts ─▶ copyBody ─▶ whole? the copy may be used : treat it as a miss
 *
 * Between `find` and `whole` the entry may be rewritten by another worker; nothing read in between may be acted on before.
 */
import { assert } from '../assert';
import type { Arena } from '../kernel/arena';
import { CACHE_ENTRY_BYTES_MAX, CACHE_PROBES_MAX, NAME_BYTES_MAX, RECORDS_CACHED_MAX } from '../limits';
import { Ages } from './ages';
import { Chunks } from './chunks';
import { ENTRY_WORDS, Entry, Header, type TableLayout, tableLayout } from './layout';
import { beginWrite, endWrite, readAgain, readBegin, releaseWriter, tryWriter } from './sequence';
import { Uses } from './uses';

/** Kinds of answers, each with a capacity of its own. */
export const SUCCESS = 1;
export const DENIAL = 2;

/** Flags of a question that belong to its key. */
export const KEY_DO = 1;
export const KEY_CD = 2;

/** What became of a store. */
export const Stored = {
  /** A new key. */
  ADDED: 0,
  /** A key that was there: replaced. */
  REPLACED: 1,
  /** Another worker was writing: skipped, the next answer will do. */
  BUSY: 2,
  /** More records or bytes than an entry takes. What the question had before is gone. */
  TOO_LARGE: 3,
  /** Its part of the index is taken: it could not be found again. What the question had before is gone. */
  TABLE_FULL: 4,
} as const;
export type Stored = (typeof Stored)[keyof typeof Stored];

/** An answer to store. One object per worker, filled anew each time. */
export class Answer {
  kind = 0;
  flags = 0;
  answerCount = 0;
  authorityCount = 0;
  additionalCount = 0;
  ttlSeconds = 0;
  storedAtMs = 0;
  /** The message; its body, everything behind the question, begins at bodyOffset. */
  bytes: Uint8Array = new Uint8Array(0);
  bodyOffset = 0;
  bodyBytes = 0;
  /** Where the TTLs are, counted from the first byte of the message. */
  readonly ttlOffsets = new Uint16Array(RECORDS_CACHED_MAX);
  ttlCount = 0;
}

/** The question an entry is found by. One object per worker, filled anew each time. */
export class Question {
  hash = 0;
  /** Name in wire form, folded to lower case. */
  name: Uint8Array = new Uint8Array(NAME_BYTES_MAX);
  nameBytes = 0;
  type = 0;
  class = 0;
  /** KEY_DO | KEY_CD */
  flags = 0;
}

export class Table {
  private readonly arena: Arena;
  private readonly words: Int32Array;
  private readonly layout: TableLayout;
  private readonly headerWord: number;
  private readonly indexWord: number;
  private readonly entryWord: number;
  private readonly indexMask: number;
  private readonly capacities: readonly [number, number, number];
  private readonly chunks: Chunks;
  private readonly ages: Ages;
  /** How often entries are asked for, and who is being fetched anew. */
  readonly uses: Uses;
  private begun = 0;
  /** TTL offsets of the entry last copied: for truncation. */
  readonly ttlOffsets = new Uint16Array(RECORDS_CACHED_MAX);
  ttlCount = 0;
  /** Entries that had to go during the last store, by kind. */
  readonly evicted = new Uint32Array(3);

  /** Bytes of arena that a table takes. */
  static bytes(successCapacity: number, denialCapacity: number): number {
    return tableLayout(successCapacity + denialCapacity).bytes;
  }

  /**
   * @param region byte offset of the table's memory in `arena`, a multiple of 64, {@link Table.bytes} long
   * @param initialise true in the one thread that makes the table; the memory must be zeroed
   */
  constructor(arena: Arena, region: number, successCapacity: number, denialCapacity: number, initialise: boolean) {
    assert(region % 64 === 0 && successCapacity > 0 && denialCapacity > 0);
    this.arena = arena;
    this.words = arena.i32;
    this.layout = tableLayout(successCapacity + denialCapacity);
    this.headerWord = region >>> 2;
    this.indexWord = this.headerWord + this.layout.indexWord;
    this.entryWord = this.headerWord + this.layout.entryWord;
    this.indexMask = this.layout.indexSlots - 1;
    this.capacities = [0, successCapacity, denialCapacity];
    this.chunks = new Chunks(arena, region, this.layout);
    this.ages = new Ages(arena, region, this.layout);
    this.uses = new Uses(arena, region, this.layout);
    if (initialise) this.chunks.initialise(); // Zeroes are free entries, each followed by the next.
  }

  /** Entries held, expired ones included. */
  count(kind: number): number {
    return this.ages.count(kind);
  }

  /**
   * Look a question up, expired or not.
   * @returns entry number for the functions below, or -1
   */
  find(question: Question): number {
    const { words } = this;
    const { hash } = question;
    const key = (question.nameBytes << 8) | (question.flags << 16);
    const asked = question.type | (question.class << 16);
    let slot = hash & this.indexMask;
    for (let probe = 0; probe < CACHE_PROBES_MAX; probe++) {
      const link = words[this.indexWord + slot];
      if (link === 0) return -1;
      const word = this.entryWord + (link - 1) * ENTRY_WORDS;
      if (words[word + Entry.HASH] === hash) {
        const begun = readBegin(words, word + Entry.SEQUENCE);
        const chunk = words[word + Entry.CHUNK];
        if (
          (begun & 1) !== 0 &&
          words[word + Entry.QUESTION] === asked &&
          (words[word + Entry.KEY] & ~0xff) === key &&
          this.chunks.exists(chunk) &&
          this.chunks.equals(chunk, question.name, question.nameBytes)
        ) {
          this.begun = begun;
          return link - 1;
        }
      }
      slot = (slot + 1) & this.indexMask;
    }
    return -1;
  }

  /** Is what was read of `entry` since {@link find} one whole state? */
  whole(entry: number): boolean {
    return readAgain(this.words, this.entryWord + entry * ENTRY_WORDS + Entry.SEQUENCE, this.begun);
  }

  /** SUCCESS or DENIAL. */
  kind(entry: number): number {
    return this.words[this.entryWord + entry * ENTRY_WORDS + Entry.KEY] & 0xff;
  }

  /** Whole seconds the answer may still be used, counted as CoreDNS does: its TTL minus whole seconds passed. */
  ttlLeft(entry: number, nowMs: number): number {
    const word = this.entryWord + entry * ENTRY_WORDS;
    return this.words[word + Entry.TTL] - Math.floor((nowMs - this.storedAtMs(entry)) / 1000);
  }

  /** TTL it was stored with, in seconds. */
  ttl(entry: number): number {
    return this.words[this.entryWord + entry * ENTRY_WORDS + Entry.TTL];
  }

  /** When it was stored: milliseconds of the monotonic clock. */
  storedAtMs(entry: number): number {
    return this.arena.f64[(this.entryWord + entry * ENTRY_WORDS + Entry.STORED_AT) >>> 1];
  }

  /** Header flags of the answer as stored. */
  flags(entry: number): number {
    return this.words[this.entryWord + entry * ENTRY_WORDS + Entry.FLAGS] & 0xffff;
  }

  /** Records in the answer section. */
  answerCount(entry: number): number {
    return this.words[this.entryWord + entry * ENTRY_WORDS + Entry.FLAGS] >>> 16;
  }

  /** Records in the authority section. */
  authorityCount(entry: number): number {
    return this.words[this.entryWord + entry * ENTRY_WORDS + Entry.COUNTS] & 0xffff;
  }

  /** Records in the additional section. */
  additionalCount(entry: number): number {
    return this.words[this.entryWord + entry * ENTRY_WORDS + Entry.COUNTS] >>> 16;
  }

  /** Bytes behind the question. */
  bodyBytes(entry: number): number {
    return this.words[this.entryWord + entry * ENTRY_WORDS + Entry.SIZE] & 0xffff;
  }

  /** Tell SIEVE that the entry was asked for. */
  visit(entry: number): void {
    this.uses.visit(entry);
  }

  /**
   * Copy the answer behind a question that stands in `target` already, and set its TTLs.
   * @param messageOffset where the message begins in `target`
   * @param questionBytes header and question together: where the body goes, counted from there
   * @param messageBytesMax room for the message in `target`; nothing is written behind it
   * @returns false when it does not fit, or when the entry changed meanwhile; then there is nonsense behind the question
   */
  copyBody(
    entry: number,
    target: Uint8Array,
    messageOffset: number,
    questionBytes: number,
    messageBytesMax: number,
    ttlSeconds: number,
  ): boolean {
    const word = this.entryWord + entry * ENTRY_WORDS;
    const size = this.words[word + Entry.SIZE];
    const chunk = this.words[word + Entry.CHUNK];
    const nameBytes = (this.words[word + Entry.KEY] >>> 8) & 0xff;
    const ttlCount = size >>> 16;
    if (ttlCount > RECORDS_CACHED_MAX || !this.chunks.exists(chunk)) return false;
    if (questionBytes + (size & 0xffff) > messageBytesMax) return false;
    const bodyAt = nameBytes + ttlCount * 2;
    if (!this.chunks.copyNumbers(chunk, nameBytes, ttlCount, this.ttlOffsets)) return false;
    if (!this.chunks.copy(chunk, bodyAt, size & 0xffff, target, messageOffset + questionBytes)) return false;
    if (!this.whole(entry)) return false;
    this.ttlCount = ttlCount;
    for (let index = 0; index < ttlCount; index++) {
      const at = messageOffset + this.ttlOffsets[index];
      target[at] = ttlSeconds >>> 24;
      target[at + 1] = ttlSeconds >>> 16;
      target[at + 2] = ttlSeconds >>> 8;
      target[at + 3] = ttlSeconds;
    }
    return true;
  }

  /** Keep an answer, in place of what the question had before. Bytes are copied; nothing is kept of the arguments. */
  store(question: Question, answer: Answer): Stored {
    assert(answer.kind === SUCCESS || answer.kind === DENIAL);
    const bytes = question.nameBytes + answer.ttlCount * 2 + answer.bodyBytes;
    if (bytes > CACHE_ENTRY_BYTES_MAX || answer.ttlCount > RECORDS_CACHED_MAX) {
      this.forget(question);
      return Stored.TOO_LARGE;
    }
    const needed = Chunks.needed(bytes);
    assert(needed <= this.layout.chunks); // Room for CACHE_LARGE_ENTRIES of the largest.
    this.evicted.fill(0);
    if (!tryWriter(this.words, this.headerWord + Header.WRITER)) return Stored.BUSY;
    const before = this.find(question);
    if (before >= 0) this.remove(before);
    const hasSlot = this.freeSlot(question.hash) >= 0;
    if (hasSlot) {
      this.makeRoom(answer.kind, needed); // Takes no slot that is free now.
      this.write(question, answer, needed);
    }
    releaseWriter(this.words, this.headerWord + Header.WRITER);
    if (!hasSlot) return Stored.TABLE_FULL;
    return before >= 0 ? Stored.REPLACED : Stored.ADDED;
  }

  /** Remove what the question has, unless another worker is writing. */
  forget(question: Question): void {
    if (!tryWriter(this.words, this.headerWord + Header.WRITER)) return;
    const before = this.find(question);
    if (before >= 0) this.remove(before);
    releaseWriter(this.words, this.headerWord + Header.WRITER);
  }

  /** First free index slot that {@link find} would look at, or -1. */
  private freeSlot(hash: number): number {
    for (let probe = 0; probe < CACHE_PROBES_MAX; probe++) {
      const slot = (hash + probe) & this.indexMask;
      if (this.words[this.indexWord + slot] === 0) return slot;
    }
    return -1;
  }

  /** Evict until the kind is under its capacity and `needed` chunks are free. Bounded: each turn frees at least one chunk. */
  private makeRoom(kind: number, needed: number): void {
    while (this.ages.count(kind) >= this.capacities[kind]) this.evict(kind);
    while (this.chunks.freeCount < needed) this.evict(this.ages.count(kind) > 0 ? kind : SUCCESS + DENIAL - kind);
  }

  private evict(kind: number): void {
    this.remove(this.ages.victim(kind));
    this.evicted[kind]++;
  }

  private write(question: Question, answer: Answer, needed: number): void {
    const { words, chunks } = this;
    const entry = words[this.headerWord + Header.ENTRY_FREE];
    assert(entry < this.layout.entries); // As many entries as both capacities, and the kind is under its own.
    const word = this.entryWord + entry * ENTRY_WORDS;
    words[this.headerWord + Header.ENTRY_FREE] = entry + 1 + words[word + Entry.OLDER];
    words[word + Entry.CHUNK] = chunks.take(needed);
    for (let index = 0; index < question.nameBytes; index++) chunks.append(question.name[index]);
    for (let index = 0; index < answer.ttlCount; index++) {
      chunks.append(answer.ttlOffsets[index] >>> 8);
      chunks.append(answer.ttlOffsets[index]);
    }
    for (let index = 0; index < answer.bodyBytes; index++) chunks.append(answer.bytes[answer.bodyOffset + index]);
    words[word + Entry.HASH] = question.hash;
    words[word + Entry.KEY] = answer.kind | (question.nameBytes << 8) | (question.flags << 16);
    words[word + Entry.QUESTION] = question.type | (question.class << 16);
    words[word + Entry.SIZE] = answer.bodyBytes | (answer.ttlCount << 16);
    words[word + Entry.FLAGS] = answer.flags | (answer.answerCount << 16);
    words[word + Entry.COUNTS] = answer.authorityCount | (answer.additionalCount << 16);
    words[word + Entry.TTL] = answer.ttlSeconds;
    this.arena.f64[(word + Entry.STORED_AT) >>> 1] = answer.storedAtMs;
    this.ages.insert(answer.kind, entry);
    endWrite(words, word + Entry.SEQUENCE); // Free entries are even: now it may be read …
    this.link(entry, question.hash); // … and now it can be found.
  }

  private link(entry: number, hash: number): void {
    const slot = this.freeSlot(hash);
    assert(slot >= 0);
    this.words[this.entryWord + entry * ENTRY_WORDS + Entry.SLOT] = slot;
    Atomics.store(this.words, this.indexWord + slot, entry + 1);
  }

  private remove(entry: number): void {
    const { words } = this;
    const word = this.entryWord + entry * ENTRY_WORDS;
    const kind = words[word + Entry.KEY] & 0xff;
    const size = words[word + Entry.SIZE];
    const nameBytes = (words[word + Entry.KEY] >>> 8) & 0xff;
    beginWrite(words, word + Entry.SEQUENCE);
    this.unlink(words[word + Entry.SLOT]);
    this.ages.remove(kind, entry);
    this.chunks.give(words[word + Entry.CHUNK], Chunks.needed(nameBytes + (size >>> 16) * 2 + (size & 0xffff)));
    words[word + Entry.KEY] = 0;
    words[word + Entry.OLDER] = words[this.headerWord + Header.ENTRY_FREE] - entry - 1;
    words[this.headerWord + Header.ENTRY_FREE] = entry;
  }

  /**
   * Empty an index slot and move later entries of the same run up, so that no search ends early at the hole (Knuth 6.4 R).
   * A reader may miss an entry while it moves: a miss, never a wrong answer.
   */
  private unlink(slot: number): void {
    const { words, indexWord, indexMask } = this;
    let hole = slot;
    let next = slot;
    for (;;) {
      next = (next + 1) & indexMask;
      const link = words[indexWord + next];
      if (link === 0) break;
      const word = this.entryWord + (link - 1) * ENTRY_WORDS;
      const home = words[word + Entry.HASH] & indexMask;
      if (((next - home) & indexMask) < ((next - hole) & indexMask)) continue; // Its home lies behind the hole.
      Atomics.store(words, indexWord + hole, link);
      words[word + Entry.SLOT] = hole;
      hole = next;
    }
    Atomics.store(words, indexWord + hole, 0);
  }
}
