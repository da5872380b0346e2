/** The `cache` of a server block; options that say what holds anyway are left out. */

import { differs } from '../helm/conditions';
import { type Lines, when } from '../helm/control';
import { equals, inline, join } from '../helm/functions';
import type { Values } from '../values';

type Cache = Values['zones']['cluster']['cache'];

/** `success CAPACITY TTL [MINTTL]`, `denial` likewise. CoreDNS's MINTTL is 5 where none is given. */
function storeLine(name: string, { capacity, ttlSeconds, minTtlSeconds }: Cache['success']): string {
  return `            ${name} ${capacity} ${ttlSeconds}` + inline(differs(minTtlSeconds, 5), ` ${minTtlSeconds}`);
}

/**
 * `serve_stale DURATION MODE`, and what 1.14 has besides.
 * @param isOwnImage whether it takes more than two arguments
 */
function staleLines({ enabled, ...stale }: Cache['serveStale'], isOwnImage: boolean): Lines {
  const { durationSeconds, refresh, verifyTimeoutMs, ttlSeconds, recheckSeconds } = stale;
  const wait = inline(equals(refresh, 'verify'), ` ${verifyTimeoutMs}ms`);
  const more = inline(isOwnImage, `${wait} ${ttlSeconds}s ${recheckSeconds}s`);
  return when(enabled, `            serve_stale ${durationSeconds}s ${refresh}${more}`);
}

/** @param isOwnImage whether the image knows options of CoreDNS 1.14 */
export function cacheLines(cache: Cache, isOwnImage: boolean): Lines {
  const { success, denial, prefetch, serveStale, servfailSeconds, keepTtl } = cache;
  return when<Lines>(cache.enabled, [
    '    cache {',
    storeLine('success', success),
    storeLine('denial', denial),
    when<Lines>(success.except, `            disable success ${join(success.except, ' ')}`),
    when<Lines>(denial.except, `            disable denial ${join(denial.except, ' ')}`),
    when<Lines>(
      prefetch.amount,
      `            prefetch ${prefetch.amount} ${prefetch.durationSeconds}s ${prefetch.percentage}%`,
    ),
    staleLines(serveStale, isOwnImage),
    when<Lines>(differs(servfailSeconds, 5), `            servfail ${servfailSeconds}s`),
    when<Lines>(keepTtl, '            keepttl'),
    '    }',
  ]);
}
