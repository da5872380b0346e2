/**
 * The cache of a server block: its table and its counters, used by the handler on the long way and by serve/fast-answer on
 * the short one. One table however many zones and listeners lead to the block.
 *
 * An entry is fresh for its TTL; then, with `serve_stale`, stale for the directive's DURATION; then of no use. A fresh one
 * that is popular is due when little of its TTL is left (`prefetch`).
 */
import { assert } from '../../assert';
import type { HandlerContext } from '../../chain/context';
import type { Arena } from '../../kernel/arena';
import type { ArenaPool } from '../../kernel/arena-pool';
import { CACHE_ENTRIES_MAX, HEADER_BYTES } from '../../limits';
import { NameHash } from '../../memory/hash';
import { DENIAL, KEY_CD, KEY_DO, Question, SUCCESS, Table } from '../../memory/table';
import { HITS_MAX } from '../../memory/uses';
import { Rcode } from '../../wire/codes';
import {
  FLAG_AA,
  FLAG_AD,
  FLAG_CD,
  FLAG_QR,
  FLAG_RA,
  FLAG_RD,
  FLAG_TC,
  OPCODE_MASK,
  RCODE_MASK,
} from '../../wire/header';
import type { QueryView } from '../../wire/question';
import type { CacheOptions, CacheStoreOptions } from './setup';

/** What of an answer's flags is kept and given back: the rest is made anew for each client. */
const FLAGS_STORED = FLAG_RA | FLAG_AD | RCODE_MASK;

/** Of an entry's flags: no answer came, the entry remembers that (RFC 9520). No answer that is kept has TC. */
export const FLAG_NO_ANSWER = FLAG_TC;
/** And with it: upstreams could not be reached; else they were silent. AA is no part of what is kept either. */
export const FLAG_NETWORK_ERROR = FLAG_AA;

/** Slots of the counters of one listener. */
interface ListenerCounters {
  readonly requests: number;
  readonly misses: number;
  readonly drops: number;
  readonly prefetches: number;
  readonly servedStale: number;
  /** By kind: SUCCESS, DENIAL. */
  readonly hits: readonly [number, number, number];
  readonly evictions: readonly [number, number, number];
  readonly entries: readonly [number, number, number];
}

export class CacheService {
  readonly options: CacheOptions;
  readonly table: Table;
  /** The question being looked up or stored; one at a time per worker. */
  readonly question = new Question();
  /** Seconds that an answer is of use after its TTL; 0 when it is not. */
  private readonly staleSeconds: number;
  /** Hits that make an entry popular; 0 when nothing is fetched before its time. */
  private readonly prefetchHits: number;
  private readonly prefetchPauseMs: number;
  private readonly prefetchShare: number;
  /** Seconds left of the TTL of the entry that was looked up last; 0 or less when it is stale. */
  left = 0;
  /** Its memory is given back: nothing is looked up or kept any more. */
  closed = false;
  private readonly values: Float64Array;
  /** By index of the plan's listeners; undefined where a listener does not lead here. */
  private readonly listeners: (ListenerCounters | undefined)[] = [];
  private readonly hash: NameHash;
  private readonly arenas: ArenaPool;
  private readonly arena: Arena;

  /** @param before of a block that answers alike: its table is used on, with all that is in it */
  constructor(options: CacheOptions, context: HandlerContext, before?: CacheService) {
    this.options = options;
    this.arenas = context.arenas;
    if (before === undefined) {
      const success = bounded(options.success, 'success', context);
      const denial = bounded(options.denial, 'denial', context);
      this.arena = context.arenas.take(Table.bytes(success, denial));
      this.table = new Table(this.arena, 0, success, denial, true);
    } else {
      this.arena = before.arena;
      this.table = before.table;
      context.arenas.share(this.arena);
    }
    this.staleSeconds = options.staleSeconds;
    this.prefetchHits = Math.min(options.prefetch.hits, HITS_MAX);
    this.prefetchPauseMs = options.prefetch.pauseMs;
    this.prefetchShare = options.prefetch.percentage / 100;
    this.hash = context.hash;
    this.values = context.counters.values;
    const zones = options.zones.join(',');
    for (const listener of context.listeners) {
      this.listeners[listener] = makeCounters(context, context.servers[listener], zones);
    }
    this.countEntries();
  }

  /** No query looks into it any more. */
  close(): void {
    this.closed = true;
    this.arenas.give(this.arena);
  }

  /** Set {@link question} from a query. @param nameHash of `view.key` */
  ask(view: QueryView, nameHash: number): void {
    const { question } = this;
    const flags = (view.doBit * KEY_DO) | ((view.flags & FLAG_CD) !== 0 ? KEY_CD : 0);
    question.hash = NameHash.question(nameHash, view.type, view.class, flags);
    question.name = view.key;
    question.nameBytes = view.nameBytes;
    question.type = view.type;
    question.class = view.class;
    question.flags = flags;
  }

  /** The same, hashing the name first. */
  askAnew(view: QueryView): void {
    this.ask(view, this.hash.name(view.key, view.nameBytes, view.labelStarts, view.labelCount));
  }

  /** Entry that answers {@link question} on the short way, or -1: fresh, and not due. */
  lookUpFresh(nowMs: number): number {
    const entry = this.table.find(this.question);
    if (entry < 0) return -1;
    this.left = this.table.ttlLeft(entry, nowMs);
    if (this.left <= 0) return -1;
    return this.prefetchHits > 0 && this.isDue(entry, nowMs) ? -1 : entry;
  }

  /** Entry that answers {@link question}, fresh or stale, or -1. */
  lookUp(nowMs: number): number {
    const entry = this.table.find(this.question);
    if (entry < 0 || !this.isUsable(entry, nowMs)) return -1;
    this.left = this.table.ttlLeft(entry, nowMs);
    return entry;
  }

  /** Is an entry fresh or stale? A failure is never stale: one more question may end it. */
  isUsable(entry: number, nowMs: number): boolean {
    const left = this.table.ttlLeft(entry, nowMs);
    return left > 0 || (-left < this.staleSeconds && !this.isFailure(entry));
  }

  /** Is it time to fetch the fresh entry anew that was looked up? It is popular, counting this hit, and nobody does yet. */
  isDue(entry: number, nowMs: number): boolean {
    if (this.left > Math.ceil(this.prefetchShare * this.table.ttl(entry))) return false;
    const { uses } = this.table;
    if (uses.hitsNow(entry, nowMs, this.prefetchPauseMs) < this.prefetchHits) return false;
    return this.prefetchHits > 0 && !uses.isRefreshing(entry);
  }

  /** Does an entry say that there is no service: SERVFAIL, NOTIMP, or that no answer came? Such a one replaces no other. */
  isFailure(entry: number): boolean {
    const rcode = this.table.flags(entry) & RCODE_MASK;
    return rcode === Rcode.SERVFAIL || rcode === Rcode.NOTIMP;
  }

  /** What is told as TTL of the entry that was looked up: what is left; of a stale one what the directive says. */
  private ttlTold(entry: number): number {
    const { keepTtl, staleTtlSeconds } = this.options;
    if (this.left <= 0 && staleTtlSeconds > 0) return staleTtlSeconds;
    if (keepTtl) return this.table.ttl(entry);
    return this.left > 0 ? this.left : 0;
  }

  /**
   * Write the entry that was looked up: the client's own header and question, then the answer. No OPT, nothing cut.
   * @param bytes where the request stands, at view.messageOffset
   * @param out where the answer goes, at `outOffset`; never the request's own place
   * @returns its size, or 0 when it is larger than `bytesMax`, is no answer, or another worker is changing the entry
   */
  writeHit(
    entry: number,
    bytes: Uint8Array,
    view: QueryView,
    out: Uint8Array,
    outOffset: number,
    bytesMax: number,
  ): number {
    const { table } = this;
    const { questionEnd, messageOffset } = view;
    assert(bytesMax >= questionEnd);
    const ttlSeconds = this.ttlTold(entry);
    const stored = table.flags(entry);
    if ((stored & FLAG_NO_ANSWER) !== 0) return 0;
    const answerCount = table.answerCount(entry);
    const authorityCount = table.authorityCount(entry);
    const additionalCount = table.additionalCount(entry);
    const bodyBytes = table.bodyBytes(entry);
    if (!table.copyBody(entry, out, outOffset, questionEnd, bytesMax, ttlSeconds)) return 0;
    for (let index = HEADER_BYTES; index < questionEnd; index++) out[outOffset + index] = bytes[messageOffset + index];
    const wantsAd = (view.flags & FLAG_AD) !== 0 || view.doBit !== 0; // RFC 6840 §5.7, §5.8.
    const kept = wantsAd ? stored & FLAGS_STORED : stored & FLAGS_STORED & ~FLAG_AD;
    const flags = FLAG_QR | FLAG_AA | kept | (view.flags & echoed(view.flags));
    out[outOffset] = view.id >>> 8;
    out[outOffset + 1] = view.id;
    out[outOffset + 2] = flags >>> 8;
    out[outOffset + 3] = flags;
    out[outOffset + 4] = 0;
    out[outOffset + 5] = 1;
    out[outOffset + 6] = answerCount >>> 8;
    out[outOffset + 7] = answerCount;
    out[outOffset + 8] = authorityCount >>> 8;
    out[outOffset + 9] = authorityCount;
    out[outOffset + 10] = additionalCount >>> 8;
    out[outOffset + 11] = additionalCount;
    return questionEnd + bodyBytes;
  }

  /** Count a hit of the entry that was looked up, and tell the table that it is liked. */
  countHit(listener: number, entry: number, nowMs: number): void {
    const counters = this.listeners[listener]!;
    this.values[counters.requests] += 1;
    this.values[counters.hits[this.table.kind(entry) === DENIAL ? DENIAL : SUCCESS]] += 1;
    this.table.uses.visit(entry);
    // As in CoreDNS a stale entry's hits do not make it more popular.
    if (this.prefetchHits > 0 && this.left > 0) {
      this.table.uses.count(entry, nowMs, this.prefetchPauseMs);
    }
  }

  /** Count a stale answer given. */
  countStale(listener: number): void {
    this.values[this.listeners[listener]!.servedStale] += 1;
  }

  /** Count an entry that is fetched anew. */
  countPrefetch(listener: number): void {
    this.values[this.listeners[listener]!.prefetches] += 1;
  }

  /** Count a miss. */
  countMiss(listener: number): void {
    const counters = this.listeners[listener]!;
    this.values[counters.requests] += 1;
    this.values[counters.misses] += 1;
  }

  /** Count an answer that does not belong to its question. */
  countDrop(listener: number): void {
    this.values[this.listeners[listener]!.drops] += 1;
  }

  /** After a store: entries that had to go. */
  countEvictions(listener: number): void {
    const counters = this.listeners[listener]!;
    for (const kind of [SUCCESS, DENIAL]) this.values[counters.evictions[kind]] += this.table.evicted[kind];
  }

  /** Say how many entries there are. */
  countEntries(): void {
    for (const kind of [SUCCESS, DENIAL]) {
      for (const each of this.listeners) if (each) this.values[each.entries[kind]] = this.table.count(kind);
    }
  }
}

/** Flags of a request that an answer repeats: the opcode; RD and CD of a QUERY only. @source miekg/dns SetReply */
function echoed(requestFlags: number): number {
  return (requestFlags & OPCODE_MASK) === 0 ? FLAG_RD | FLAG_CD : OPCODE_MASK;
}

/** A capacity of the Corefile within what memory is planned for. */
function bounded(store: CacheStoreOptions, kind: string, { log }: HandlerContext): number {
  if (store.entriesMax <= CACHE_ENTRIES_MAX) return store.entriesMax;
  const wanted = `${kind} capacity ${store.entriesMax} is above what one cache holds`;
  log.plugin('cache', 'WARNING', `${wanted}; using ${CACHE_ENTRIES_MAX}`);
  return CACHE_ENTRIES_MAX;
}

function makeCounters({ counters }: HandlerContext, server: string, zones: string): ListenerCounters {
  const view = '';
  const kinds = (metric: 'coredns_cache_hits_total' | 'coredns_cache_evictions_total' | 'coredns_cache_entries') =>
    [
      0,
      counters.slot(metric, server, 'success', zones, view),
      counters.slot(metric, server, 'denial', zones, view),
    ] as const;
  return {
    requests: counters.slot('coredns_cache_requests_total', server, zones, view),
    misses: counters.slot('coredns_cache_misses_total', server, zones, view),
    drops: counters.slot('coredns_cache_drops_total', server, zones, view),
    prefetches: counters.slot('coredns_cache_prefetch_total', server, zones, view),
    servedStale: counters.slot('coredns_cache_served_stale_total', server, zones, view),
    hits: kinds('coredns_cache_hits_total'),
    evictions: kinds('coredns_cache_evictions_total'),
    entries: kinds('coredns_cache_entries'),
  };
}
