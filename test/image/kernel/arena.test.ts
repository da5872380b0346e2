import { Arena, mapArena, viewArena } from '../../../image/kernel/arena';
import { openLibc } from '../../../image/kernel/ffi';

const libc = openLibc();

test('what is given out is zeroed, on cache lines of its own, and seen through every view', () => {
  const arena = mapArena(libc, 10_000);
  expect(arena.bytes).toBe(12_288);
  const [first, second] = [arena.allocate(1), arena.allocate(65)];
  expect([first % 64, second, arena.allocate(8)]).toEqual([0, first + 64, first + 192]);
  expect(arena.u8.every((byte) => byte === 0)).toBe(true);
  arena.u8[second] = 1;
  arena.u8[second + 3] = 0x80;
  expect([arena.u16[second >>> 1], arena.u32[second >>> 2], arena.i32[second >>> 2]]).toEqual([
    1, 0x80000001, -0x7fffffff,
  ]);
  expect(viewArena(libc, arena.base, arena.bytes).u8[second]).toBe(1);
  expect(arena.address(second)).toBe(arena.base + second);
});

test('more than there is, is a mistake of ours', () => {
  const arena = new Arena(0, new ArrayBuffer(4096));
  arena.allocate(4096);
  expect(() => arena.allocate(1)).toThrow('assertion failed');
});

test.each([
  [0, '0000000000000000'],
  [1, '0100000000000000'],
  [0xffffffff, 'ffffffff00000000'],
  [0x7fff_1234_5678, '78563412ff7f0000'],
])('pointer %d is 8 bytes, little-endian', (value, wanted) => {
  const arena = new Arena(0, new ArrayBuffer(64));
  arena.setPointer(4, value);
  expect(Buffer.from(arena.u8.slice(4, 12)).toString('hex')).toBe(wanted);
});

test('memory that the kernel refuses is a message with its size', () => {
  const refusing = { ...libc, mapMemory: () => -12 };
  expect(() => mapArena(refusing, 5_000)).toThrow('Cannot map 8192 bytes of memory: cannot allocate memory');
  expect(libc.mapMemory(2 ** 47)).toBe(-12); // More than there are addresses.
});
