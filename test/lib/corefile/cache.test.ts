import { cacheLines } from '../../../lib/corefile/cache';
import { text } from '../../../lib/helm/control';
import { merge, type Partially } from '../../../lib/helm/values';
import { DEFAULTS, type Values } from '../../../lib/values';

type Cache = Values['zones']['cluster']['cache'];

/** The lines inside the braces, without blanks before them. */
const options = (given: Partially<Cache>, isOwnImage = true): string[] =>
  text(cacheLines(merge<Cache>(DEFAULTS.zones.external.cache, given), isOwnImage))
    .split('\n')
    .slice(1, -2)
    .map((line) => line.trim());

const BOTH = ['success 9984 30', 'denial 9984 30'];

describe('cache', () => {
  test('says capacity and time, and nothing that holds anyway', () => {
    expect(options({})).toEqual(BOTH);
  });

  test.each<[string, Partially<Cache>, string]>([
    ['a shortest time', { success: { minTtlSeconds: 0 } }, 'success 9984 30 0'],
    [
      'names that are not kept',
      { success: { except: ['a.example', 'b.example'] } },
      'disable success a.example b.example',
    ],
    ['absence that is not kept', { denial: { except: ['.'] } }, 'disable denial .'],
    ['prefetching', { prefetch: { amount: 3, durationSeconds: 30, percentage: 20 } }, 'prefetch 3 30s 20%'],
    ['stale answers', { serveStale: { enabled: true } }, 'serve_stale 3600s verify 1800ms 30s 0s'],
    [
      'stale answers at once',
      { serveStale: { enabled: true, refresh: 'immediate', durationSeconds: 60, recheckSeconds: 5 } },
      'serve_stale 60s immediate 30s 5s',
    ],
    ['failures that are not kept', { servfailSeconds: 0 }, 'servfail 0s'],
    ['times as they came', { keepTtl: true }, 'keepttl'],
  ])('says %s', (_, given, line) => {
    expect(options(given)).toContain(line);
    expect(options({})).not.toContain(line);
  });

  test('gives stale answers in the words of CoreDNS 1.13 where the image is that', () => {
    expect(options({ serveStale: { enabled: true } }, false)).toEqual([...BOTH, 'serve_stale 3600s verify']);
  });

  test('is not there where nothing is kept', () => {
    expect(text(cacheLines({ ...DEFAULTS.zones.cluster.cache, enabled: false }, true))).toBe('\n');
  });
});
