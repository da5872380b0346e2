import { fuzzMemory } from '../../fuzz/memory';

test('60 000 operations with keys that are nearly alike get everywhere and find no fault', () => {
  const report = fuzzMemory(60_000, 1);
  expect(report.failures).toEqual([]);
  for (const count of [report.found, report.absent, report.stored, report.refused, report.evicted]) {
    expect(count).toBeGreaterThan(100);
  }
});

test('a seed gives the same operations again', () => {
  const { seconds: _, ...first } = fuzzMemory(3_000, 42);
  expect(fuzzMemory(3_000, 42)).toMatchObject(first);
  expect(fuzzMemory(3_000, 43).found).not.toBe(first.found);
});
