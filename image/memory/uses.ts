/**
 * How an entry is used, in two of its words, which readers write: how often it was asked for without a long pause (CoreDNS's
 * `prefetch` counts so), and whether it is being fetched anew. Nobody waits for anybody: of two counts at the same time one
 * may be lost, and two workers may fetch the same entry.
 *
 *   USE       │ hits, 16 bits │ … │ FAILED │ REFRESHING │ VISITED │
 *   LAST_USE  when it was asked for; or, when FAILED is set, when fetching it anew last failed
 *             milliseconds modulo 2^32: a pause of 49 days and a bit looks short, and costs one question
 */
import type { Arena } from '../kernel/arena';
import { ENTRY_WORDS, Entry, type TableLayout } from './layout';

/** SIEVE: asked for since the hand passed. */
export const USE_VISITED = 1;
const USE_REFRESHING = 2;
const USE_FAILED = 4;
const HITS_SHIFT = 16;
const FLAGS_MASK = 0xffff;

/** Hits are counted no further. */
export const HITS_MAX = 0xffff;

export class Uses {
  private readonly words: Int32Array;
  private readonly firstWord: number;

  /** @param region byte offset of the table in `arena` */
  constructor(arena: Arena, region: number, layout: TableLayout) {
    this.words = arena.i32;
    this.firstWord = (region >>> 2) + layout.entryWord + Entry.USE;
  }

  private word(entry: number): number {
    return this.firstWord + entry * ENTRY_WORDS;
  }

  /** Somebody asked for it: SIEVE lets it live. */
  visit(entry: number): void {
    this.words[this.firstWord + entry * ENTRY_WORDS] |= USE_VISITED;
  }

  /** Times it was asked for, as far as they are counted. */
  hits(entry: number): number {
    return this.words[this.word(entry)] >>> HITS_SHIFT;
  }

  /** Milliseconds since it was counted, or failed, last. */
  private idleMs(word: number, nowMs: number): number {
    return (Math.floor(nowMs) - this.words[word + 1]) >>> 0; // LAST_USE follows USE.
  }

  /** What {@link count} would make of the hits: one, after a pause longer than `pauseMsMax`, else one more. */
  hitsNow(entry: number, nowMs: number, pauseMsMax: number): number {
    const word = this.word(entry);
    const hits = this.words[word] >>> HITS_SHIFT;
    return hits === 0 || this.idleMs(word, nowMs) > pauseMsMax ? 1 : Math.min(hits + 1, HITS_MAX);
  }

  /** It was asked for: count. */
  count(entry: number, nowMs: number, pauseMsMax: number): void {
    this.carry(entry, this.hitsNow(entry, nowMs, pauseMsMax), nowMs);
  }

  /** Set what was counted elsewhere: a fresh answer goes on where the one it replaces stopped. */
  carry(entry: number, hits: number, lastMs: number): void {
    const word = this.word(entry);
    this.words[word] = (this.words[word] & FLAGS_MASK) | (hits << HITS_SHIFT);
    this.words[word + 1] = Math.floor(lastMs);
  }

  /** Is somebody fetching it anew? */
  isRefreshing(entry: number): boolean {
    return (this.words[this.word(entry)] & USE_REFRESHING) !== 0;
  }

  /** Somebody begins to fetch it anew. */
  beginRefresh(entry: number): void {
    this.words[this.word(entry)] |= USE_REFRESHING;
  }

  /** It is not being fetched any more; what replaced it never was. */
  endRefresh(entry: number): void {
    this.words[this.word(entry)] &= ~USE_REFRESHING;
  }

  /** Fetching it anew failed. */
  fail(entry: number, nowMs: number): void {
    const word = this.word(entry);
    this.words[word] |= USE_FAILED;
    this.words[word + 1] = Math.floor(nowMs);
  }

  /** Did fetching it anew fail less than `recheckMs` ago? */
  hasFailed(entry: number, nowMs: number, recheckMs: number): boolean {
    const word = this.word(entry);
    return (this.words[word] & USE_FAILED) !== 0 && this.idleMs(word, nowMs) < recheckMs;
  }
}
