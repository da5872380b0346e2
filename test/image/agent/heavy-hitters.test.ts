/** The most frequent of many, in fixed room. */
import { HeavyHitters } from '../../../image/agent/heavy-hitters';

test('exact while there is room', () => {
  const hitters = new HeavyHitters(4);
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) hitters.add(key);
  expect(hitters.top(2)).toEqual([
    { key: 'a', count: 3, error: 0 },
    { key: 'b', count: 2, error: 0 },
  ]);
  expect(hitters.total).toBe(6);
});

test('whoever has more than one in k is found among ever new keys, and the error is told', () => {
  const hitters = new HeavyHitters(16);
  for (let index = 0; index < 10_000; index++) {
    hitters.add(`noise-${index}`);
    if (index % 8 === 0) hitters.add('frequent'); // One in nine.
  }
  const [first] = hitters.top(1);
  expect(first.key).toBe('frequent');
  expect(first.count).toBeGreaterThanOrEqual(1250);
  expect(first.count - first.error).toBeLessThanOrEqual(1250);
  expect(hitters.top(100)).toHaveLength(16);
});

test('counts fade, and what is next to nothing goes', () => {
  const hitters = new HeavyHitters(4);
  hitters.add('a', 8);
  hitters.add('b', 0.015);
  hitters.fade(0.5);
  expect(hitters.top(9)).toEqual([{ key: 'a', count: 4, error: 0 }]);
  expect(hitters.total).toBeCloseTo(4.0075);
});
