/** Graphs of block characters. */
import { bar, graph, roundUp } from '../../../image/commands/graph';

test('a graph of two rows: the newest right, the highest full, what is little still seen', () => {
  expect(graph([0, 0.001, 4, 8, 12, 16], 8, 2, 16)).toEqual(['      ▄█', '   ▁▄███']);
  expect(graph([16, 1, 2], 2, 1, 16)).toEqual(['▁▁']); // Only the last two.
  expect(graph([100], 1, 1, 16)).toEqual(['█']); // Cut off.
  expect(graph([5], 3, 1, 0)).toEqual(['   ']);
});

test.each([
  [0, ''],
  [0.5, '██'],
  [0.53, '██▏'],
  [1, '████'],
  [2, '████'],
])('a bar of %d', (share, text) => expect(bar(share, 4)).toBe(text));

test.each([
  [0, 1],
  [1, 1],
  [1.1, 2],
  [4.2, 5],
  [51, 100],
  [2000, 2000],
  [0.03, 0.05],
])('%d is rounded up to %d', (value, rounded) => expect(roundUp(value)).toBeCloseTo(rounded));
