/**
 * Keeping answers: what comes back is told its TTL, freed of its OPT and put into the table; that nothing came back is
 * remembered, too.
 * @source coredns plugin/cache/cache.go WriteMsg, set; reference coredns-semantics 4.6; RFC 9520
 */
import type { Query } from '../../chain/query';
import { isInZone } from '../../corefile/zone-name';
import type { Clock } from '../../kernel/clock';
import {
  FAILURE_FORGOTTEN_SECONDS,
  FAILURE_TTL_SECONDS,
  MESSAGE_BYTES_MAX,
  RECORDS_CACHED_MAX,
  TTL_SECONDS_MAX,
  UDP_PLAIN_BYTES,
} from '../../limits';
import { Answer, DENIAL, Stored, SUCCESS } from '../../memory/table';
import type { Counters } from '../../observe/counters';
import { setTtls } from '../../wire/age';
import { Rcode, Type } from '../../wire/codes';
import { dropTrailingOpt, OPT_BYTES } from '../../wire/edns';
import { FLAG_AD, getCount, getFlags, Section } from '../../wire/header';
import { rebuildMessage } from '../../wire/rebuild';
import { RecordWalk, recordDataBytes, TYPE_TO_TTL_BYTES, walkRecords } from '../../wire/record';
import { belongsTo, isTruncated, ReplyKind, replyKind, TTL_SECONDS_WITHOUT_RECORDS, ttlMin } from './item';
import { type CacheService, FLAG_NETWORK_ERROR, FLAG_NO_ANSWER } from './service';
import type { CacheStoreOptions } from './setup';

/** Two root names and five numbers of 32 bits (RFC 1035 §3.3.13). */
const SOA_DATA_BYTES_MIN = 22;

/** Used by one walk of one query at a time, by all caches of the worker. */
const WALK = new RecordWalk();
const REBUILT = new Uint8Array(MESSAGE_BYTES_MAX);

/** An answer that takes the place of one that is there: what goes on counting. */
export interface Refreshed {
  /** When the hit was that made it necessary; of a stale entry the end of its TTL. Milliseconds of the monotonic clock. */
  readonly atMs: number;
  /** The entry was stale: only an answer or a denial may replace it (RFC 8767 §4). */
  readonly wasStale: boolean;
}

export class Keeper {
  private readonly service: CacheService;
  private readonly clock: Clock;
  private readonly counters: Counters;
  private readonly answer = new Answer();

  constructor(service: CacheService, clock: Clock, counters: Counters) {
    this.service = service;
    this.clock = clock;
    this.counters = counters;
  }

  /**
   * Bring the answer of a query into the form that its client gets and that is kept: all TTLs equal, no OPT. Keep it if it
   * may be.
   * @param refreshed set when it was asked for in place of an entry; as in CoreDNS `disable` does not count then
   * @returns false when it is no answer to the question, or may not replace the entry
   */
  settle(query: Query, refreshed?: Refreshed): boolean {
    const { view } = query;
    if (query.replyBytes === 0 || !walkRecords(query.reply, query.replyOffset, query.replyBytes, WALK)) return false;
    const epochSeconds = Math.floor(Date.now() / 1000);
    const kind = replyKind(query.reply, query.replyOffset, WALK, view.type, epochSeconds);
    const isOurs = belongsTo(query.reply, query.replyOffset, WALK, view);
    const isCut = isTruncated(query.reply, query.replyOffset);
    if (refreshed?.wasStale && !(isOurs && replacesStale(query))) return false;
    const ttlSeconds = this.ttlSeconds(query, kind);
    setTtls(query.reply, query.replyOffset, WALK, ttlSeconds);
    query.hidesAuthenticated = (view.flags & FLAG_AD) === 0 && view.doBit === 0;
    const mayKeep = kind !== ReplyKind.OTHER && kind !== ReplyKind.ALIAS && !isCut && ttlSeconds > 0;
    if (!this.withoutOpt(query) || !mayKeep) {
      // What is stale is no longer true, although the news cannot be kept; of a cut answer the whole one follows over TCP.
      if (refreshed?.wasStale && !isCut) this.forget(query);
    } else if (!isOurs) this.service.countDrop(query.listener);
    else if (refreshed !== undefined || !(query.joined || this.isDisabled(query, kind))) {
      this.store(query, kind, ttlSeconds, refreshed);
    }
    return true;
  }

  private forget({ view }: Query): void {
    this.service.askAnew(view);
    this.service.table.forget(this.service.question);
    this.service.countEntries();
  }

  /** How long the answer is good for, whether it is kept or not: what the client is told. */
  private ttlSeconds(query: Query, kind: ReplyKind): number {
    const { options } = this.service;
    if (kind === ReplyKind.SERVER_ERROR) return options.servfailTtlSeconds;
    const least = hasTtl(kind) ? this.leastTtl(query, kind) : TTL_SECONDS_WITHOUT_RECORDS;
    // TTL 0 means "for this transaction only" (RFC 1035 §3.2.1): it is passed on, not raised to the minimum.
    if (least === 0) return 0;
    const isDeniedAlias = kind === ReplyKind.ALIAS && query.rcode === Rcode.NXDOMAIN;
    const isDenied = kind === ReplyKind.NAME_ERROR || kind === ReplyKind.NO_DATA || isDeniedAlias;
    return clamp(least, isDenied ? options.denial : options.success);
  }

  private leastTtl(query: Query, kind: ReplyKind): number {
    const least = ttlMin(query.reply, WALK, TTL_SECONDS_WITHOUT_RECORDS);
    if (kind === ReplyKind.NO_ERROR || kind === ReplyKind.ALIAS) return least;
    if (recordDataBytes(WALK, query.reply, WALK.soaIndex) < SOA_DATA_BYTES_MIN) return least; // Empty: it says nothing.
    // How long a denial is good for is the smaller of the SOA's TTL and its MINIMUM, its last field (RFC 2308 §5).
    const at = query.replyOffset + WALK.recordEnds[WALK.soaIndex] - 4;
    const bytes = query.reply;
    const minimum = ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
    return Math.min(least, minimum);
  }

  private isDisabled(query: Query, kind: ReplyKind): boolean {
    const { disabledZones } = isDenial(kind) ? this.service.options.denial : this.service.options.success;
    return disabledZones.some((zone) => isInZone(query.name, zone));
  }

  /**
   * Make the answer one without OPT, as it is kept; and compressed when it would not fit a plain client otherwise, so that
   * nobody is told to use TCP for want of compression. @returns false when it cannot be taken apart
   */
  private withoutOpt(query: Query): boolean {
    const { reply, replyOffset } = query;
    const length = dropTrailingOpt(reply, replyOffset, query.replyBytes, WALK);
    if (length > 0 && length <= UDP_PLAIN_BYTES - OPT_BYTES) {
      query.replyBytes = length;
      // Two OPT records are a mistake (RFC 6891 §6.1.1): the answer is passed on, not kept.
      return walkRecords(reply, replyOffset, length, WALK) && WALK.optIndex < 0;
    }
    const written = rebuildMessage(reply, replyOffset, length > 0 ? length : query.replyBytes, REBUILT);
    if (written === 0) return false;
    query.reply = REBUILT;
    query.replyOffset = 0;
    query.replyBytes = written;
    return walkRecords(REBUILT, 0, written, WALK);
  }

  /** Keep the answer as it now stands in `query.reply`, which WALK describes. */
  private store(query: Query, kind: ReplyKind, ttlSeconds: number, refreshed: Refreshed | undefined): void {
    const { answer, service } = this;
    const { reply, replyOffset, replyBytes, view } = query;
    if (view.type === Type.OPT) return;
    const now = this.clock.now();
    service.askAnew(view);
    if (WALK.count > RECORDS_CACHED_MAX) {
      this.forget(query);
      this.skipped('too_many_records');
      return;
    }
    const before = service.table.find(service.question);
    if (kind === ReplyKind.SERVER_ERROR && this.isWorthMore(before, now)) return;
    const hits = before < 0 ? 0 : service.table.uses.hits(before);
    answer.kind = isDenial(kind) ? DENIAL : SUCCESS;
    answer.flags = getFlags(reply, replyOffset) & ~FLAG_NO_ANSWER;
    answer.answerCount = WALK.answerCount;
    answer.authorityCount = WALK.authorityCount;
    answer.additionalCount = getCount(reply, replyOffset, Section.ADDITIONAL);
    answer.ttlSeconds = ttlSeconds;
    answer.storedAtMs = now;
    answer.bytes = reply;
    answer.bodyOffset = replyOffset + WALK.recordsStart;
    answer.bodyBytes = replyBytes - WALK.recordsStart;
    for (let index = 0; index < WALK.count; index++) {
      answer.ttlOffsets[index] = WALK.typeOffsets[index] + TYPE_TO_TTL_BYTES;
    }
    answer.ttlCount = WALK.count;
    if (!this.put(query.listener) || refreshed === undefined || hits === 0) return;
    const entry = service.table.find(service.question);
    if (entry >= 0) service.table.uses.carry(entry, hits, refreshed.atMs);
  }

  /** Is an entry worth more than the news of a failure? A fresh or stale answer is there for just this case. */
  private isWorthMore(entry: number, nowMs: number): boolean {
    return entry >= 0 && this.service.isUsable(entry, nowMs) && !this.service.isFailure(entry);
  }

  /**
   * Remember that upstreams did not answer a query: for a second, and twice as long after each further failure, up to what
   * `servfail` says.
   * @param isNetworkError they could not be reached, as opposed to: they were silent
   * @source RFC 9520 §3.2
   */
  rememberFailure(query: Query, isNetworkError: boolean): void {
    const { answer, service } = this;
    const { servfailTtlSeconds } = service.options;
    if (servfailTtlSeconds === 0 || this.isDisabled(query, ReplyKind.SERVER_ERROR)) return;
    const now = this.clock.now();
    service.askAnew(query.view);
    const before = service.table.find(service.question);
    if (this.isWorthMore(before, now)) return;
    const ttlSeconds = before < 0 ? FAILURE_TTL_SECONDS : this.nextFailureTtl(before, query, now);
    if (ttlSeconds === 0) return;
    answer.kind = DENIAL;
    answer.flags = Rcode.SERVFAIL | FLAG_NO_ANSWER | (isNetworkError ? FLAG_NETWORK_ERROR : 0);
    answer.answerCount = answer.authorityCount = answer.additionalCount = 0;
    answer.ttlSeconds = Math.min(ttlSeconds, servfailTtlSeconds);
    answer.storedAtMs = now;
    answer.bodyOffset = 0;
    answer.bodyBytes = 0;
    answer.ttlCount = 0;
    this.put(query.listener);
  }

  /** Seconds that a failure after `entry` is remembered; 0 when it is the same failure. */
  private nextFailureTtl(entry: number, query: Query, nowMs: number): number {
    const { table } = this.service;
    if ((table.flags(entry) & FLAG_NO_ANSWER) === 0) return FAILURE_TTL_SECONDS;
    const storedAtMs = table.storedAtMs(entry);
    if (query.receivedAtMs <= storedAtMs) return 0; // It waited for the same upstreams.
    const ttlSeconds = table.ttl(entry);
    const isForgotten = nowMs - storedAtMs > (ttlSeconds + FAILURE_FORGOTTEN_SECONDS) * 1000;
    return isForgotten ? FAILURE_TTL_SECONDS : 2 * ttlSeconds;
  }

  /** Put {@link answer} into the table. */
  private put(listener: number): boolean {
    const { service } = this;
    const stored = service.table.store(service.question, this.answer);
    service.countEntries();
    if (stored === Stored.BUSY) this.skipped('busy');
    else if (stored === Stored.TOO_LARGE) this.skipped('too_large');
    else if (stored === Stored.TABLE_FULL) this.skipped('table_full');
    else service.countEvictions(listener);
    return stored === Stored.ADDED || stored === Stored.REPLACED;
  }

  private skipped(reason: string): void {
    this.counters.add(this.counters.slot('nodelocaldns_cache_store_skipped_total', reason), 1);
  }
}

/** Do the records of such an answer say how long it is good for? */
function hasTtl(kind: ReplyKind): boolean {
  return kind !== ReplyKind.OTHER && kind !== ReplyKind.DELEGATION && kind !== ReplyKind.SERVER_ERROR;
}

function isDenial(kind: ReplyKind): boolean {
  return kind === ReplyKind.NAME_ERROR || kind === ReplyKind.NO_DATA || kind === ReplyKind.SERVER_ERROR;
}

/** Only news of the name itself do; a server's trouble is what stale answers are for (RFC 8767 §4). */
function replacesStale({ rcode }: Query): boolean {
  return rcode === Rcode.NOERROR || rcode === Rcode.NXDOMAIN;
}

/** Between the store's shortest and longest; the longest wins. */
function clamp(seconds: number, { ttlSecondsMin, ttlSecondsMax }: CacheStoreOptions): number {
  return Math.min(Math.max(seconds, ttlSecondsMin), ttlSecondsMax, TTL_SECONDS_MAX);
}
