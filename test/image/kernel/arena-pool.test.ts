import { ArenaPool } from '../../../image/kernel/arena-pool';
import { openLibc } from '../../../image/kernel/ffi';
import { FakeLibc } from '../../support/fake-libc';

const PAGE = 4096;

test('a map that was given back is taken again, zeroed', () => {
  const pool = new ArenaPool(new FakeLibc());
  const arena = pool.take(PAGE);
  arena.u8.fill(7);
  pool.give(arena);
  const again = pool.take(PAGE);
  expect(again).toBe(arena);
  expect(again.u8.every((byte) => byte === 0)).toBe(true);
});

test('the smallest that is large enough is taken; a larger one than all is mapped', () => {
  const pool = new ArenaPool(new FakeLibc());
  const [large, small] = [pool.take(4 * PAGE), pool.take(2 * PAGE)];
  pool.give(large);
  pool.give(small);
  expect(pool.take(PAGE)).toBe(small);
  expect(pool.take(PAGE)).toBe(large);
  expect(pool.take(PAGE).bytes).toBe(PAGE);
  expect(pool.counts).toEqual({ taken: 3, free: 0 });
});

test('what is shared keeps its content until the last user gives it back', () => {
  const pool = new ArenaPool(new FakeLibc());
  const arena = pool.take(PAGE);
  pool.share(arena);
  arena.u8[0] = 7;
  pool.give(arena);
  expect([arena.u8[0], pool.counts.free]).toEqual([7, 0]);
  pool.give(arena);
  expect([arena.u8[0], pool.counts.free]).toEqual([0, 1]);
});

test('giving back more often than taking is a mistake of ours', () => {
  const pool = new ArenaPool(new FakeLibc());
  const arena = pool.take(PAGE);
  pool.give(arena);
  expect(() => pool.give(arena)).toThrow('assertion failed');
  expect(() => pool.share(arena)).toThrow('assertion failed');
});

test('memory that the kernel does not take back is cleared all the same', () => {
  const pool = new ArenaPool(Object.assign(new FakeLibc(), { discardMemory: () => -22 }));
  const arena = pool.take(PAGE);
  arena.u8.fill(7);
  pool.give(arena);
  expect(arena.u8.every((byte) => byte === 0)).toBe(true);
});

test('the real kernel gives zeroes after a discard, and the view stays good', () => {
  const pool = new ArenaPool(openLibc());
  const arena = pool.take(64 * PAGE);
  arena.u8.fill(7);
  pool.give(arena);
  const again = pool.take(64 * PAGE);
  expect(again).toBe(arena);
  expect(again.u8.every((byte) => byte === 0)).toBe(true);
  again.u8[5] = 1;
  expect(again.u8[5]).toBe(1);
});
