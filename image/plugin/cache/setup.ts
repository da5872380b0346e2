/** `cache [TTL] [ZONES…] { success … denial … servfail … disable … keepttl }` */
import type { Controller, Draft } from '../../corefile/controller';
import { CorefileError, text } from '../../corefile/errors';
import { MINUTE, parseDuration, SECOND } from '../../corefile/go-duration';
import { integerOrNothing, parseInteger } from '../../corefile/go-integer';
import { normalizeName } from '../../corefile/zone-name';
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
}

type Store = Draft<CacheStoreOptions>;
interface CacheDraft {
  zones: readonly string[];
  success: Store;
  denial: Store;
  servfailTtlSeconds: number;
  keepTtl: boolean;
}

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
    case 'serve_stale':
      throw controller.laterError(controller.value);
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
