/** Options of cache. */
import { each, lines } from './case';

/** Lines and options of cache. */
export const CACHE = [
  ...lines('cache -1', 'cache 0', 'cache 3600', 'cache abc', 'cache 30 example.org', 'cache example.org 30'),
  ...lines('cache 1.5', 'cache +30', 'cache 0x10', 'cache 99999999999999999999', 'cache 30 a..b', 'cache a: b'),
  ...lines('cache 10.0.0.0/9', 'cache "" x', 'cache 2147483648', 'cache 30 30'),
  ...each('cache', ['success', 'success 0', 'success 1', 'success x', 'success 1 2', 'success 1 0', 'success 1 2 3']),
  ...each('cache', [
    'success 1 2 3 4',
    'success 1 5 10',
    'success 1 5 -1',
    'success 1 x',
    'success -5',
    'success 1 -2',
  ]),
  ...each('cache', ['denial', 'denial 0', 'denial x', 'denial 1 2 3', 'denial 1 2 3 4', 'denial 1 0', 'denial 1 2 -1']),
  ...each('cache', ['prefetch', 'prefetch 0', 'prefetch x', 'prefetch -1', 'prefetch 10 1m', 'prefetch 10 x']),
  ...each('cache', ['prefetch 10 1m 10%', 'prefetch 10 1m 9%', 'prefetch 10 1m 90%', 'prefetch 10 1m 91%']),
  ...each('cache', [
    'prefetch 10 1m 20',
    'prefetch 10 1m x%',
    'prefetch 10 1m %',
    'prefetch 10 1m 20% x',
    'prefetch 1 -1m',
  ]),
  ...each('cache', [
    'serve_stale',
    'serve_stale 1h',
    'serve_stale 0s',
    'serve_stale -1s',
    'serve_stale x',
    'serve_stale 1',
  ]),
  ...each('cache', [
    'serve_stale 1h immediate',
    'serve_stale 1h verify',
    'serve_stale 1h VERIFY',
    'serve_stale 1h foo',
  ]),
  ...each('cache', [
    'serve_stale 1h verify 1s',
    'serve_stale 1h verify x',
    'serve_stale 1h immediate 1s',
    'serve_stale verify',
  ]),
  ...each('cache', [
    'servfail',
    'servfail 0',
    'servfail 5m',
    'servfail 5m1s',
    'servfail -1s',
    'servfail x',
    'servfail 1',
    'servfail 1s 2s',
  ]),
  ...each('cache', [
    'disable',
    'disable success',
    'disable denial',
    'disable foo',
    'disable success a..b',
    'disable success a b',
  ]),
  ...each('cache', ['keepttl', 'keepttl x', 'foo', 'success 1\nfoo', 'ttl 5', 'success 1 {\n}', 'keepttl\nkeepttl']),
];
