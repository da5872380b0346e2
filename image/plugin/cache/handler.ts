/**
 * The cache on the long way: looks up what the short way (serve/fast-answer.ts) left, and keeps what comes back.
 * @source coredns plugin/cache/handler.go, cache.go; reference coredns-semantics 4
 */
import type { HandlerFactory } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import { isInZone } from '../../corefile/zone-name';
import type { Clock } from '../../kernel/clock';
import { MESSAGE_BYTES_MAX, RECORDS_CACHED_MAX, UDP_PLAIN_BYTES } from '../../limits';
import { Answer, DENIAL, Stored, SUCCESS } from '../../memory/table';
import type { Counters } from '../../observe/counters';
import { setTtls } from '../../wire/age';
import { Type } from '../../wire/codes';
import { dropTrailingOpt, OPT_BYTES } from '../../wire/edns';
import { FLAG_AD, getCount, getFlags, Section } from '../../wire/header';
import { decodeMessage, encodeMessage } from '../../wire/message';
import { RecordWalk, recordDataBytes, TYPE_TO_TTL_BYTES, walkRecords } from '../../wire/record';
import { isTruncated, ReplyKind, replyKind, TTL_SECONDS_WITHOUT_RECORDS, ttlMin } from './item';
import { CacheService } from './service';
import type { CacheOptions, CacheStoreOptions } from './setup';

/** Two root names and five numbers of 32 bits (RFC 1035 §3.3.13). */
const SOA_DATA_BYTES_MIN = 22;

/** Used by one walk of one query at a time, by all caches of the worker. */
const WALK = new RecordWalk();
const REBUILT = new Uint8Array(MESSAGE_BYTES_MAX);

export class CacheHandler implements Handler {
  readonly name = 'cache';
  readonly service: CacheService;
  private readonly answer = new Answer();
  private readonly clock: Clock;
  private readonly counters: Counters;
  private readonly scratch: { readonly bytes: Uint8Array; readonly offset: number };

  constructor(service: CacheService, clock: Clock, counters: Counters, scratch: { bytes: Uint8Array; offset: number }) {
    this.service = service;
    this.clock = clock;
    this.counters = counters;
    this.scratch = scratch;
  }

  /** Are names of this query looked up and kept here? */
  private covers(query: Query): boolean {
    return this.service.options.zones.some((zone) => isInZone(query.name, zone));
  }

  handle(query: Query): Step {
    if (!this.covers(query)) return Step.PASS;
    const { service, scratch } = this;
    const { view } = query;
    service.askAnew(view);
    const now = this.clock.now();
    const entry = service.lookUp(now);
    if (entry >= 0) {
      const { bytes, offset } = scratch;
      const written = service.writeHit(entry, query.bytes, view, bytes, offset, MESSAGE_BYTES_MAX, now);
      if (written > 0) {
        service.countHit(query.listener, entry);
        return query.answer(this.name, bytes, offset, written);
      }
    }
    service.countMiss(query.listener);
    return Step.PASS;
  }

  leave(query: Query): void {
    if (query.replyBytes === 0 || !this.covers(query)) return;
    if (!walkRecords(query.reply, query.replyOffset, query.replyBytes, WALK)) return;
    const epochSeconds = Math.floor(Date.now() / 1000);
    const kind = replyKind(query.reply, query.replyOffset, WALK, query.view.type, epochSeconds);
    const ttlSeconds = this.ttlSeconds(query, kind);
    setTtls(query.reply, query.replyOffset, WALK, ttlSeconds);
    query.hidesAuthenticated = (query.view.flags & FLAG_AD) === 0 && query.view.doBit === 0;
    if (!this.withoutOpt(query)) return;
    if (ttlSeconds > 0 && !query.joined && this.mayKeep(query, kind)) this.store(query, kind, ttlSeconds);
  }

  /** How long the answer is good for, whether it is kept or not: what the client is told. */
  private ttlSeconds(query: Query, kind: ReplyKind): number {
    const { options } = this.service;
    if (kind === ReplyKind.SERVER_ERROR) return options.servfailTtlSeconds;
    const fromRecords = kind === ReplyKind.NO_ERROR || kind === ReplyKind.NAME_ERROR || kind === ReplyKind.NO_DATA;
    const least = fromRecords ? this.leastTtl(query, kind) : TTL_SECONDS_WITHOUT_RECORDS;
    // TTL 0 means "for this transaction only" (RFC 1035 §3.2.1): it is passed on, not raised to the minimum.
    if (least === 0) return 0;
    return clamp(least, kind === ReplyKind.NAME_ERROR || kind === ReplyKind.NO_DATA ? options.denial : options.success);
  }

  private leastTtl(query: Query, kind: ReplyKind): number {
    const least = ttlMin(query.reply, WALK, TTL_SECONDS_WITHOUT_RECORDS);
    if (kind === ReplyKind.NO_ERROR) return least;
    if (recordDataBytes(WALK, query.reply, WALK.soaIndex) < SOA_DATA_BYTES_MIN) return least; // Empty: it says nothing.
    // How long a denial is good for is the smaller of the SOA's TTL and its MINIMUM, its last field (RFC 2308 §5).
    const at = query.replyOffset + WALK.recordEnds[WALK.soaIndex] - 4;
    const bytes = query.reply;
    const minimum = ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
    return Math.min(least, minimum);
  }

  private mayKeep(query: Query, kind: ReplyKind): boolean {
    if (kind === ReplyKind.OTHER || isTruncated(query.reply, query.replyOffset)) return false;
    if (query.view.type === Type.OPT) return false;
    const { disabledZones } = this.isDenial(kind) ? this.service.options.denial : this.service.options.success;
    return !disabledZones.some((zone) => isInZone(query.name, zone));
  }

  private isDenial(kind: ReplyKind): boolean {
    return kind === ReplyKind.NAME_ERROR || kind === ReplyKind.NO_DATA || kind === ReplyKind.SERVER_ERROR;
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
    const message = decodeMessage(reply, replyOffset, length > 0 ? length : query.replyBytes);
    if (message === undefined) return false;
    const additional = message.additional.filter((record) => record.type !== Type.OPT);
    const written = encodeMessage({ ...message, additional }, REBUILT, 0, MESSAGE_BYTES_MAX);
    if (written === 0) return false;
    query.reply = REBUILT;
    query.replyOffset = 0;
    query.replyBytes = written;
    return walkRecords(REBUILT, 0, written, WALK);
  }

  /** Keep the answer as it now stands in `query.reply`, which WALK describes. */
  private store(query: Query, kind: ReplyKind, ttlSeconds: number): void {
    const { answer, service } = this;
    const { reply, replyOffset, replyBytes } = query;
    if (WALK.count > RECORDS_CACHED_MAX) {
      this.skipped('too_many_records');
      return;
    }
    answer.kind = this.isDenial(kind) ? DENIAL : SUCCESS;
    answer.flags = getFlags(reply, replyOffset);
    answer.answerCount = WALK.answerCount;
    answer.authorityCount = WALK.authorityCount;
    answer.additionalCount = getCount(reply, replyOffset, Section.ADDITIONAL);
    answer.ttlSeconds = ttlSeconds;
    answer.storedAtMs = this.clock.now();
    answer.bytes = reply;
    answer.bodyOffset = replyOffset + WALK.recordsStart;
    answer.bodyBytes = replyBytes - WALK.recordsStart;
    for (let index = 0; index < WALK.count; index++) {
      answer.ttlOffsets[index] = WALK.typeOffsets[index] + TYPE_TO_TTL_BYTES;
    }
    answer.ttlCount = WALK.count;
    service.askAnew(query.view);
    const stored = service.table.store(service.question, answer);
    if (stored === Stored.BUSY) this.skipped('busy');
    else if (stored === Stored.TOO_LARGE) this.skipped('too_large');
    else if (stored === Stored.TABLE_FULL) this.skipped('table_full');
    else service.countStore(query.listener);
  }

  close(): void {
    this.service.close();
  }

  private skipped(reason: string): void {
    this.counters.add(this.counters.slot('nodelocaldns_cache_store_skipped_total', reason), 1);
  }
}

/** No TTL is longer (RFC 2181 §8), whatever a Corefile says. */
const TTL_SECONDS_MAX = 0x7fffffff;

/** Between the store's shortest and longest; the longest wins. */
function clamp(seconds: number, { ttlSecondsMin, ttlSecondsMax }: CacheStoreOptions): number {
  return Math.min(Math.max(seconds, ttlSecondsMin), ttlSecondsMax, TTL_SECONDS_MAX);
}

/** Make the handler and its table, or take over the table of the block before. */
export const handler: HandlerFactory<CacheOptions> = (options, context) => {
  const before = context.predecessor('cache');
  const service = new CacheService(options, context, before instanceof CacheHandler ? before.service : undefined);
  return new CacheHandler(service, context.clock, context.counters, context.scratch);
};
