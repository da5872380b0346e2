/**
 * The table in memory: one region, shared by the worker threads, offsets in 32-bit words. The only place that knows where
 * things are.
 *
 *   ┌────────┬──────────────┬──────────────────┬────────────────┬─────────────────────────┐
 *   │ header │ index        │ entries          │ chunk links    │ chunks                  │
 *   │ 64 w   │ 1 w per slot │ 16 w per entry   │ 1 w per chunk  │ 64 bytes each           │
 *   └────────┴──────────────┴──────────────────┴────────────────┴─────────────────────────┘
 *
 * index    open addressing, linear probing, at most half full: 0 = empty, else entry number + 1
 * entry    one question and its answer; its bytes lie in a chain of chunks:
 *
 *          key: name, folded │ TTL offsets, 2 bytes each │ body: the answer behind the question
 *
 *          The header and the question of an answer are not kept: they come from the client's own packet, in its spelling.
 *
 * links    of a chunk to the next of its chain, or of the free ones: the distance, less one. Zeroes thus are a list of all in
 *          their order, and a fresh table touches one page: four default caches take 5.7 MiB less until they are used.
 */
import { CACHE_ENTRY_BYTES_MAX, CACHE_LARGE_ENTRIES } from '../limits';

/** Bytes of a chunk: a cache line. A service's A record takes one: name 40, offset 2, record 16. */
export const CHUNK_BYTES = 64;

/** Header words. */
export const Header = {
  /** 0 free, 1 taken: writers try, and skip storing when they fail. */
  WRITER: 0,
  /** First free entry, and first free chunk; as many as there are = none. */
  ENTRY_FREE: 1,
  CHUNK_FREE: 2,
  CHUNKS_FREE_COUNT: 3,
  /** Per kind (success, denial): entries, newest entry + 1, oldest entry + 1, SIEVE's hand + 1, evictions since start. */
  KIND: 8,
} as const;
/** Words per kind in the header. */
export const KIND_WORDS = 8;
export const Kind = { COUNT: 0, NEWEST: 1, OLDEST: 2, HAND: 3, EVICTIONS: 4 } as const;
export const HEADER_WORDS = 64;

/** Entry words. */
export const Entry = {
  /** Odd: readable. Even: being written, or free, as in memory never touched. Changes with every write (sequence.ts). */
  SEQUENCE: 0,
  HASH: 1,
  /** Index slot, so that removing needs no search. */
  SLOT: 2,
  /** kind (success 1, denial 2; 0 = free) | name bytes << 8 | flags (DO, CD) << 16 */
  KEY: 3,
  /** type | class << 16 */
  QUESTION: 4,
  /** body bytes | TTL offsets count << 16 */
  SIZE: 5,
  CHUNK: 6,
  /** Header flags of the answer | AN count << 16; NS count | AR count << 16 */
  FLAGS: 7,
  COUNTS: 8,
  TTL: 9,
  /** float64, milliseconds of the monotonic clock */
  STORED_AT: 10,
  /** Neighbours by age in the kind's list, entry + 1: newer, older. Free entries: in OLDER the distance to the next, less one. */
  NEWER: 12,
  OLDER: 13,
  /** How it is used: see uses.ts. Written by readers; a lost write costs nothing. */
  USE: 14,
  LAST_USE: 15,
} as const;
export const ENTRY_WORDS = 16;

/** Where a table of given capacity has its parts. */
export interface TableLayout {
  readonly entries: number;
  readonly indexSlots: number;
  readonly chunks: number;
  /** Word offsets within the region. */
  readonly indexWord: number;
  readonly entryWord: number;
  readonly linkWord: number;
  /** Byte offset of chunk 0. */
  readonly chunkByte: number;
  readonly bytes: number;
}

/** Chunks per entry on average: 256 bytes, twice what a cluster name takes; and room for a few of the largest answers. */
const CHUNKS_PER_ENTRY = 4;
const CHUNKS_LARGE = Math.ceil((CACHE_LARGE_ENTRIES * CACHE_ENTRY_BYTES_MAX) / CHUNK_BYTES);

/** Compute the layout. @param entries success and denial capacity together */
export function tableLayout(entries: number): TableLayout {
  const indexSlots = 2 ** Math.ceil(Math.log2(entries * 2));
  const chunks = entries * CHUNKS_PER_ENTRY + CHUNKS_LARGE;
  const indexWord = HEADER_WORDS;
  const entryWord = indexWord + indexSlots;
  const linkWord = entryWord + entries * ENTRY_WORDS;
  const chunkByte = Math.ceil((linkWord + chunks) / 16) * 64;
  return {
    entries,
    indexSlots,
    chunks,
    indexWord,
    entryWord,
    linkWord,
    chunkByte,
    bytes: chunkByte + chunks * CHUNK_BYTES,
  };
}
