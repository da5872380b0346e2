import { Arena } from '../../../image/kernel/arena';
import { Blocks } from '../../../image/kernel/blocks';

const arena = new Arena(0, new ArrayBuffer(64 * 1024));
const blocks = new Blocks(arena, 100, 5);

test('do not overlap, and are all there is', () => {
  const taken = Array.from({ length: 5 }, () => blocks.take());
  expect(taken.map((offset) => offset - taken[0])).toEqual([0, 128, 256, 384, 512]);
  expect(blocks.take()).toBe(-1);
  for (const block of taken) blocks.give(block);
});

test('the one given back last is warm, and taken first', () => {
  const [first, second] = [blocks.take(), blocks.take()];
  blocks.give(first);
  expect(blocks.take()).toBe(first);
  blocks.give(second);
  blocks.give(first);
});

test('what was never taken cannot be given back', () => {
  expect(() => blocks.give(-1)).toThrow('assertion failed');
});

test.each([
  [100, 5],
  [64, 1],
  [65_536, 3],
])('%d bytes %d times take no more arena than they say', (blockBytes, count) => {
  const bytes = Blocks.arenaBytes(blockBytes, count);
  expect(() => new Blocks(new Arena(0, new ArrayBuffer(Math.ceil(bytes / 8) * 8)), blockBytes, count)).not.toThrow();
});
