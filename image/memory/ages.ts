/**
 * Which entry goes when a kind is full: SIEVE (Zhang et al., NSDI 2024). Entries stand by age; a hit only sets a bit; the
 * hand walks from old to new, forgives a set bit once and takes the first entry without one. Against random eviction
 * (CoreDNS) it keeps popular names, and unlike LRU a hit moves nothing, so readers never write to the lists.
 *
 *   oldest ◀──────────────────────────────▶ newest
 *      A   B*  C   D*  E           * visited
 *          hand ─▶ clears B*, takes C
 */
import type { Arena } from '../kernel/arena';
import { CACHE_HAND_STEPS_MAX } from '../limits';
import { ENTRY_WORDS, Entry, HEADER_WORDS, Header, KIND_WORDS, Kind, type TableLayout } from './layout';
import { USE_VISITED } from './uses';

export class Ages {
  private readonly words: Int32Array;
  private readonly headerWord: number;
  private readonly entryWord: number;

  /** @param region byte offset of the table in `arena` */
  constructor(arena: Arena, region: number, layout: TableLayout) {
    this.words = arena.i32;
    this.headerWord = region >>> 2;
    this.entryWord = (region >>> 2) + layout.entryWord;
  }

  private kindWord(kind: number): number {
    return this.headerWord + Header.KIND + (kind - 1) * KIND_WORDS;
  }

  /** Entries of a kind. */
  count(kind: number): number {
    return this.words[this.kindWord(kind) + Kind.COUNT];
  }

  /** Put an entry at the young end. */
  insert(kind: number, entry: number): void {
    const { words } = this;
    const list = this.kindWord(kind);
    const word = this.entryWord + entry * ENTRY_WORDS;
    const newest = words[list + Kind.NEWEST];
    words[word + Entry.NEWER] = 0;
    words[word + Entry.OLDER] = newest;
    words[word + Entry.USE] = 0;
    if (newest === 0) words[list + Kind.OLDEST] = entry + 1;
    else words[this.entryWord + (newest - 1) * ENTRY_WORDS + Entry.NEWER] = entry + 1;
    words[list + Kind.NEWEST] = entry + 1;
    words[list + Kind.COUNT]++;
  }

  /** Take an entry out, wherever it stands. */
  remove(kind: number, entry: number): void {
    const { words } = this;
    const list = this.kindWord(kind);
    const word = this.entryWord + entry * ENTRY_WORDS;
    const newer = words[word + Entry.NEWER];
    const older = words[word + Entry.OLDER];
    if (newer === 0) words[list + Kind.NEWEST] = older;
    else words[this.entryWord + (newer - 1) * ENTRY_WORDS + Entry.OLDER] = older;
    if (older === 0) words[list + Kind.OLDEST] = newer;
    else words[this.entryWord + (older - 1) * ENTRY_WORDS + Entry.NEWER] = newer;
    if (words[list + Kind.HAND] === entry + 1) words[list + Kind.HAND] = newer;
    words[list + Kind.COUNT]--;
  }

  /** Choose who goes; the kind must not be empty. @returns entry number */
  victim(kind: number): number {
    const { words } = this;
    const list = this.kindWord(kind);
    let hand = words[list + Kind.HAND];
    for (let step = 0; step < CACHE_HAND_STEPS_MAX; step++) {
      if (hand === 0) hand = words[list + Kind.OLDEST];
      const word = this.entryWord + (hand - 1) * ENTRY_WORDS;
      if ((words[word + Entry.USE] & USE_VISITED) === 0) break;
      words[word + Entry.USE] &= ~USE_VISITED;
      hand = words[word + Entry.NEWER];
    }
    if (hand === 0) hand = words[list + Kind.OLDEST];
    words[list + Kind.HAND] = hand;
    words[list + Kind.EVICTIONS]++;
    return hand - 1;
  }
}

// The lists of both kinds fit the header.
if (Header.KIND + 2 * KIND_WORDS > HEADER_WORDS) throw new Error('table header too small');
