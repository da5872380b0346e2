import { CACHE_ENTRIES_MAX } from '../../../image/limits';
import { CHUNK_BYTES, ENTRY_WORDS, HEADER_WORDS, tableLayout } from '../../../image/memory/layout';

test.each([2, 3, 100, 9984 * 2, 2 ** 15, CACHE_ENTRIES_MAX])('a table of %d entries', (entries) => {
  const layout = tableLayout(entries);
  expect(layout.indexSlots).toBeGreaterThanOrEqual(2 * entries); // Half full at most.
  expect(Math.log2(layout.indexSlots) % 1).toBe(0); // A mask finds the slot.
  // Parts follow one another and do not overlap.
  expect(layout.indexWord).toBe(HEADER_WORDS);
  expect(layout.entryWord).toBe(layout.indexWord + layout.indexSlots);
  expect(layout.linkWord).toBe(layout.entryWord + entries * ENTRY_WORDS);
  expect(layout.chunkByte).toBeGreaterThanOrEqual((layout.linkWord + layout.chunks) * 4);
  expect(layout.bytes).toBe(layout.chunkByte + layout.chunks * CHUNK_BYTES);
  // STORED_AT is a float64 within its entry; chunks begin on a cache line.
  expect([layout.entryWord % 2, layout.chunkByte % 64]).toEqual([0, 0]);
});

test('the default cache takes less than 7 MiB, the largest less than 700', () => {
  expect(tableLayout(2 * 9984).bytes).toBeLessThan(7 << 20);
  expect(tableLayout(2 * CACHE_ENTRIES_MAX).bytes).toBeLessThan(700 << 20);
});
