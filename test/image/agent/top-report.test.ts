/** Samples to a second of `top`. */
import { quantile, TopReport } from '../../../image/agent/top-report';
import type { Sample } from '../../../image/observe/samples';

const sample = (part: Partial<Sample> = {}): Sample => ({
  ...{
    path: 'hit',
    rcode: 0,
    type: 1,
    microseconds: 10,
    address: new Uint8Array([10, 0, 0, 1]),
    isTcp: false,
    block: 0,
  },
  ...{ name: 'a.', writer: 'cache', upstream: '', isWanted: false },
  ...part,
});
const UP = new Map([['10.0.0.10:53', 'up' as const]]);
const NOW = new Date('2026-11-21T10:00:00Z');

test('shares, times and rates', () => {
  const report = new TopReport();
  const miss = { path: 'miss', upstream: '10.0.0.10:53', microseconds: 2000, name: 'b.', rcode: 3, type: 28 } as const;
  report.add([sample(), sample({ microseconds: 30 }), sample({ microseconds: 20 }), sample(miss)], 400);
  const frame = report.frame(NOW, 2, UP);
  expect(frame).toMatchObject({ at: NOW.toISOString(), queriesPerSecond: 200, hitRatio: 0.75, sampled: 4 });
  expect(frame.paths).toEqual([
    { path: 'hit', ratio: 0.75, p50Us: 20, p99Us: 30 },
    { path: 'miss', ratio: 0.25, p50Us: 2000, p99Us: 2000 },
  ]);
  expect(frame.upstreams).toEqual([{ address: '10.0.0.10:53', state: 'up', perSecond: 50, p50Us: 2000 }]);
  expect(frame.names).toEqual([
    { key: 'a.', ratio: 0.75, errorRatio: 0, perSecond: 150 },
    { key: 'b.', ratio: 0.25, errorRatio: 0, perSecond: 50 },
  ]);
  expect(frame.types.map(({ key }) => key)).toEqual(['A', 'AAAA']);
  expect(frame.rcodes.map(({ key }) => key)).toEqual(['NOERROR', 'NXDOMAIN']);
  expect(frame.clients.map(({ key }) => key)).toEqual(['10.0.0.1']);
});

test('a second without queries, and fading lists', () => {
  const report = new TopReport();
  report.add([sample()], 1);
  report.frame(NOW, 1, UP);
  const frame = report.frame(NOW, 1, UP);
  expect(frame).toMatchObject({ queriesPerSecond: 0, hitRatio: null, sampled: 0, paths: [] });
  expect(frame.names).toEqual([{ key: 'a.', ratio: 1, errorRatio: 0, perSecond: 0 }]); // Who asked a second ago.
});

test('a sample taken when many were left out weighs more', () => {
  const report = new TopReport();
  report.add([sample({ name: 'dense.' })], 1);
  report.add([sample({ name: 'sparse.' })], 99);
  expect(report.frame(NOW, 1, UP).names.map(({ key, ratio }) => [key, ratio])).toEqual([
    ['sparse.', 0.99],
    ['dense.', 0.01],
  ]);
});

test('a query that waited for an equal one asked no upstream', () => {
  const report = new TopReport();
  report.add([sample({ path: 'joined', upstream: '10.0.0.10:53' })], 1);
  expect(report.frame(NOW, 1, UP).upstreams).toEqual([
    { address: '10.0.0.10:53', state: 'up', perSecond: 0, p50Us: 0 },
  ]);
});

test('clients of IPv6, as everywhere', () => {
  const report = new TopReport();
  const address = new Uint8Array([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
  report.add([sample({ address })], 1);
  expect(report.frame(NOW, 1, UP).clients[0].key).toBe('2001:db8::1');
});

test.each([
  [0.5, 2],
  [0.99, 4],
  [0.01, 1],
])('quantile %d of 1 to 4', (share, value) => expect(quantile([1, 2, 3, 4], share)).toBe(value));
