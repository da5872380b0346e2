/** `cache [TTL] [ZONES…] { success … denial … prefetch … serve_stale … servfail … disable … keepttl }` */
import type { Controller, Draft } from '../../corefile/controller';
import { CorefileError, text } from '../../corefile/errors';
import { HOUR, MINUTE, parseDuration, SECOND } from '../../corefile/go-duration';
import { integerOrNothing, parseInteger } from '../../corefile/go-integer';
import { normalizeName } from '../../corefile/zone-name';
import { STALE_VERIFY_MS } from '../../limits';
import { zonesOrBlock } from '../zones';

/** One of the two stores. */
export interface CacheStoreOptions {
  /** Most answers kept: CAPACITY as CoreDNS rounds it, 256 shards of at least four. @default 9984 */
  readonly entriesMax: number;
  /** Longest an answer is kept. @default 3600 for success, 1800 for denial */
  readonly ttlSecondsMax: number;
  /** Shortest an answer is kept; where it is above the longest, the longest wins. @default 5 */
  readonly ttlSecondsMin: number;
  /** Zones whose answers of this kind are not kept, normalized. @default none */
  readonly disabledZones: readonly string[];
}

/** What is fetched anew before its time is up. */
export interface PrefetchOptions {
  /** Hits that make an answer popular; 0 for no prefetching. @default 0 */
  readonly hits: number;
  /** A longer pause between two hits, in milliseconds, and counting begins anew. @default 60000 */
  readonly pauseMs: number;
  /** It is time when no more than this share of the TTL is left, in percent. @default 10 */
  readonly percentage: number;
}

/** What `cache` says. */
export interface CacheOptions {
  /** Names at or below these are looked up and kept, normalized. @default the block's zones */
  readonly zones: readonly string[];
  /** Answers with data, and delegations. */
  readonly success: CacheStoreOptions;
  /** NXDOMAIN, no data, and server failures. */
  readonly denial: CacheStoreOptions;
  /** How long SERVFAIL and NOTIMP are kept, in `denial`; 0 is not at all. @default 5 */
  readonly servfailTtlSeconds: number;
  /** Answer with the original TTLs instead of the remaining ones. @default false */
  readonly keepTtl: boolean;
  readonly prefetch: PrefetchOptions;
  /** How long an answer is of use after its TTL; 0 for not at all. @default 0; 3600 for `serve_stale` alone */
  readonly staleSeconds: number;
  /** Ask upstreams first and give the stale answer when they have none. @default false */
  readonly staleVerify: boolean;
  /** How long they are waited for; 0 for as long as forward does. @default STALE_VERIFY_MS */
  readonly staleVerifyMs: number;
  /** TTL that is told with a stale answer. @default 0 */
  readonly staleTtlSeconds: number;
  /** How long upstreams are left alone after they had no answer instead of a stale one. @default 0 */
  readonly staleRecheckMs: number;
}

type Store = Draft<CacheStoreOptions>;
type CacheDraft = Draft<Omit<CacheOptions, 'success' | 'denial'>> & { success: Store; denial: Store };

const SHARDS = 256; // CoreDNS divides a store by the low byte of the key's hash …
const SHARD_ENTRIES_MIN = 4; // … and gives each part room for four, whatever is asked for.

/** Entries CoreDNS keeps for a CAPACITY: 10000 is 9984, 0 is 1024. @source coredns plugin/pkg/cache/cache.go */
function entriesFor(capacity: number): number {
  return SHARDS * Math.max(SHARD_ENTRIES_MIN, Math.floor(capacity / SHARDS));
}

const store = (ttlSecondsMax: number): Store => {
  return { entriesMax: entriesFor(10_000), ttlSecondsMax, ttlSecondsMin: 5, disabledZones: [] };
};

function positiveTtl(seconds: number): number {
  if (seconds <= 0) throw new CorefileError(text.cacheTtl(seconds));
  return seconds;
}

/** `success|denial CAPACITY [TTL] [MINTTL]` */
function readStore(controller: Controller, target: Store): void {
  const [capacity, ttl, minTtl] = controller.arguments(1, Number.POSITIVE_INFINITY);
  target.entriesMax = entriesFor(parseInteger(capacity));
  if (ttl === undefined) return;
  target.ttlSecondsMax = positiveTtl(parseInteger(ttl));
  if (minTtl === undefined) return;
  const seconds = parseInteger(minTtl);
  if (seconds < 0) throw new CorefileError(text.cacheMinTtl(seconds));
  target.ttlSecondsMin = seconds;
}

/** `servfail DURATION`; RFC 2308 §7.1 allows five minutes. */
function readServfail(controller: Controller, options: CacheDraft): void {
  const duration = parseDuration(controller.arguments(1, 1)[0]);
  if (duration < 0n) throw new CorefileError(text.cacheServfailNegative);
  if (duration > 5n * MINUTE) throw new CorefileError(text.cacheServfailLong);
  options.servfailTtlSeconds = Number(duration / SECOND); // TTLs are whole seconds.
}

/** `disable success|denial [ZONES…]`; of several for one store the last counts. */
function readDisable(controller: Controller, options: CacheDraft): void {
  const [kind, ...names] = controller.arguments(1, Number.POSITIVE_INFINITY);
  if (kind !== 'success' && kind !== 'denial') throw new CorefileError(text.cacheDisable);
  options[kind].disabledZones = names.length === 0 ? ['.'] : names.map(normalizeName);
}

/** `AMOUNT [DURATION [PERCENTAGE%]]` */
function readPrefetch(controller: Controller): PrefetchOptions {
  const [amount, pause = '1m', share = '10%'] = controller.arguments(1, 3);
  const hits = parseInteger(amount);
  if (hits < 0) throw new CorefileError(text.cachePrefetchAmount(hits));
  const pauseMs = milliseconds(parseDuration(pause));
  if (!share.endsWith('%')) throw new CorefileError(text.cachePercentSign(share.slice(-1)));
  const percentage = parseInteger(share.slice(0, -1));
  if (percentage < 10 || percentage > 90) throw new CorefileError(text.cachePercentage(percentage));
  return { hits, pauseMs, percentage };
}

const milliseconds = (nanoseconds: bigint): number => Number(nanoseconds) / 1e6;

/** A duration that may not be negative. */
function notNegative(value: string, message: string): bigint {
  const duration = parseDuration(value);
  if (duration < 0n) throw new CorefileError(message);
  return duration;
}

/** As {@link notNegative}, saying of what it is one. */
function notNegativeOf(what: string, value: string, message: string): bigint {
  try {
    return notNegative(value, message);
  } catch (error) {
    if (!(error instanceof CorefileError) || error.message === message) throw error;
    throw new CorefileError(text.cacheStaleDuration(what, error.message));
  }
}

/**
 * `[DURATION [immediate [TTL [RECHECK]] | verify [TIMEOUT [TTL [RECHECK]]]]]`; 1.13.2 has the first two.
 * @source coredns plugin/cache/setup.go at v1.14.7
 */
function readServeStale(controller: Controller, options: CacheDraft): void {
  const [duration, mode = 'immediate', ...rest] = controller.arguments(0, 5);
  const stale = duration === undefined ? HOUR : notNegative(duration, text.cacheStaleNegative);
  const refresh = mode.toLowerCase();
  if (refresh !== 'immediate' && refresh !== 'verify') throw new CorefileError(text.cacheStaleMode(refresh));
  options.staleSeconds = Number(stale / SECOND);
  options.staleVerify = refresh === 'verify';
  options.staleVerifyMs = STALE_VERIFY_MS;
  if (options.staleVerify && rest.length > 0) {
    const wait = notNegativeOf('verify timeout', rest.shift()!, text.cacheStaleVerifyNegative);
    options.staleVerifyMs = milliseconds(wait);
  }
  const [ttl = '0', recheck = '0', ...surplus] = rest;
  if (surplus.length > 0) throw controller.argumentError();
  options.staleTtlSeconds = staleTtl(notNegativeOf('response TTL', ttl, text.cacheStaleTtlNegative));
  const pause = notNegativeOf('failure recheck', recheck, text.cacheStaleRecheckNegative);
  if (pause > 5n * MINUTE) throw new CorefileError(text.cacheStaleRecheckLong);
  options.staleRecheckMs = milliseconds(pause);
}

function staleTtl(duration: bigint): number {
  if (duration % SECOND !== 0n) throw new CorefileError(text.cacheStaleTtlPart);
  const seconds = Number(duration / SECOND);
  if (seconds > 0xffffffff) throw new CorefileError(text.cacheStaleTtlLong);
  return seconds;
}

function readOption(controller: Controller, options: CacheDraft): void {
  switch (controller.value) {
    case 'success':
      readStore(controller, options.success);
      break;
    case 'denial':
      readStore(controller, options.denial);
      break;
    case 'servfail':
      readServfail(controller, options);
      break;
    case 'disable':
      readDisable(controller, options);
      break;
    case 'keepttl':
      controller.arguments(0, 0);
      options.keepTtl = true;
      break;
    case 'prefetch':
      options.prefetch = readPrefetch(controller);
      break;
    case 'serve_stale':
      readServeStale(controller, options);
      break;
    default:
      throw controller.argumentError();
  }
}

/**
 * Reads `cache`.
 * @throws CorefileError
 * @source coredns plugin/cache/setup.go
 */
export function setup(controller: Controller): CacheOptions {
  const options: CacheDraft = {
    zones: [],
    success: store(3600),
    denial: store(1800),
    servfailTtlSeconds: 5,
    keepTtl: false,
    prefetch: { hits: 0, pauseMs: 60_000, percentage: 10 },
    staleSeconds: 0,
    staleVerify: false,
    staleVerifyMs: STALE_VERIFY_MS,
    staleTtlSeconds: 0,
    staleRecheckMs: 0,
  };
  controller.once(() => {
    let names = controller.remainingArguments();
    const seconds = names.length > 0 ? integerOrNothing(names[0]) : undefined;
    if (seconds !== undefined) {
      options.success.ttlSecondsMax = options.denial.ttlSecondsMax = positiveTtl(seconds);
      names = names.slice(1);
    }
    options.zones = zonesOrBlock(names, controller);
    while (controller.nextBlock()) readOption(controller, options);
  });
  return options;
}
