import { Arena } from '../../../image/kernel/arena';
import { Chunks } from '../../../image/memory/chunks';
import { CHUNK_BYTES, tableLayout } from '../../../image/memory/layout';

const layout = tableLayout(4);

function makeChunks(): { chunks: Chunks; arena: Arena } {
  const arena = new Arena(0, new ArrayBuffer(layout.bytes));
  const chunks = new Chunks(arena, 0, layout);
  chunks.initialise();
  return { chunks, arena };
}

/** A chain holding 0, 1, 2 … of `count` octets. */
function chainOf(chunks: Chunks, count: number): number {
  const first = chunks.take(Chunks.needed(count));
  for (let index = 0; index < count; index++) chunks.append(index);
  return first;
}

test.each([
  [1, 1],
  [CHUNK_BYTES, 1],
  [CHUNK_BYTES + 1, 2],
  [65_535, 1024],
])('%d octets take %d chunks', (bytes, wanted) => expect(Chunks.needed(bytes)).toBe(wanted));

test('what is taken and given back in any order can be taken again as one', () => {
  const { chunks } = makeChunks();
  const chains = [3, 1, 200, 7].map((count) => ({ first: chunks.take(count), count }));
  expect(chunks.freeCount).toBe(layout.chunks - 211);
  for (const index of [2, 0, 3, 1]) chunks.give(chains[index].first, chains[index].count);
  expect(chunks.freeCount).toBe(layout.chunks);
  chunks.take(layout.chunks);
  expect(chunks.freeCount).toBe(0);
  expect(() => chunks.take(1)).toThrow('assertion failed');
});

test.each([
  [0, 1],
  [0, 500],
  [63, 2],
  [64, 64],
  [65, 300],
  [127, 2],
  [128, 128],
  [129, 300],
  [499, 1],
  [500, 0],
  [512, 0],
])('from %d on %d octets are copied, and no more', (position, count) => {
  const { chunks } = makeChunks();
  const first = chainOf(chunks, 500);
  const target = new Uint8Array(600).fill(0xee);
  expect(chunks.copy(first, position, count, target, 5)).toBe(true);
  const wanted = Array.from({ length: count }, (_, index) => (position + index) & 0xff);
  expect([...target.subarray(4, 6 + count)]).toEqual([0xee, ...wanted, 0xee]);
});

test('a copy beyond the chain, or along a link that leads nowhere, says so', () => {
  const { chunks, arena } = makeChunks();
  const first = chainOf(chunks, 200);
  const target = new Uint8Array(600);
  expect(chunks.copy(first, 0, 257, target, 0)).toBe(false);
  expect(chunks.copy(first, 256, 1, target, 0)).toBe(false);
  expect(chunks.copyNumbers(first, 255, 1, new Uint16Array(4))).toBe(false);
  arena.i32[layout.linkWord + first] = 0x7fffffff; // What a reader may see that was overtaken.
  expect(chunks.copy(first, 0, 200, target, 0)).toBe(false);
  expect(
    chunks.equals(
      first,
      Uint8Array.from({ length: 200 }, (_, index) => index),
      200,
    ),
  ).toBe(false);
});

test('keys are compared to the last octet, across chunks', () => {
  const { chunks } = makeChunks();
  const first = chainOf(chunks, 255);
  const key = Uint8Array.from({ length: 255 }, (_, index) => index);
  for (const count of [1, 63, 64, 65, 127, 128, 129, 255]) expect(chunks.equals(first, key, count)).toBe(true);
  for (const at of [0, 63, 64, 127, 128, 254]) {
    const other = Uint8Array.from(key);
    other[at] ^= 1;
    expect(chunks.equals(first, other, 255)).toBe(false);
    expect(chunks.equals(first, other, at)).toBe(true);
  }
});

test('numbers of two octets are read big-endian, also where they lie in two chunks', () => {
  const { chunks } = makeChunks();
  const first = chainOf(chunks, 200);
  const target = new Uint16Array(3);
  expect(chunks.copyNumbers(first, 125, 3, target)).toBe(true);
  expect([...target]).toEqual([0x7d7e, 0x7f80, 0x8182]);
});

test.each([
  [-1, false],
  [0, true],
  [layout.chunks - 1, true],
  [layout.chunks, false],
  [0x7fffffff, false],
])('chunk %d exists: %p', (chunk, wanted) => expect(makeChunks().chunks.exists(chunk)).toBe(wanted));
