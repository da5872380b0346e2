import { PoolSettings } from '../../../image/upstream/pool-settings';

function settings(expireMs: number, ageMsMax: number, idleConnectionsMax: number): PoolSettings {
  const made = new PoolSettings();
  made.wish({ expireMs, ageMsMax, idleConnectionsMax });
  return made;
}

test.each([
  [0, 1_000_000, false],
  [5_000, 4_999, false],
  [5_000, 5_000, true],
])('max_age %i ms, opened %i ms ago: too old %p', (ageMsMax, ageMs, isOld) => {
  expect(settings(60_000, ageMsMax, 0).isOld(1_000, 1_000 + ageMs)).toBe(isOld);
});

test.each<[string, PoolSettings, number, number, boolean]>([
  ['used just now', settings(10_000, 0, 0), 0, 0, false],
  ['unused for its time', settings(10_000, 0, 0), 10_000, 0, true],
  ['one of as many as may stay', settings(10_000, 0, 2), 0, 1, false],
  ['one more', settings(10_000, 0, 2), 0, 2, true],
])('%s: surplus', (_, made, unusedMs, idleBefore, isSurplus) => {
  expect(made.isSurplus(0, 1_000, idleBefore, 1_000 + unusedMs)).toBe(isSurplus);
});

test('what is too old is surplus, however short it was unused', () => {
  expect(settings(10_000, 12_000, 0).isSurplus(0, 11_999, 0, 12_000)).toBe(true);
});
