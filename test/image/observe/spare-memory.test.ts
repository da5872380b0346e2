import { SPARE_GARBAGE_BYTES_MIN, SPARE_QUIET_SHARE_MAX } from '../../../image/limits';
import { type HeapAccess, ownHeap, SpareMemory } from '../../../image/observe/spare-memory';

const LIVE = 5 << 20;
const SECOND = 1_000;

class FakeHeap implements HeapAccess {
  bytes = LIVE + SPARE_GARBAGE_BYTES_MIN;
  cpu = 400;
  now = 0;
  collected = 0;
  used = (): number => this.bytes;
  cpuMs = (): number => this.cpu;
  nowMs = (): number => this.now;
  collect(): void {
    this.collected++;
    this.bytes = LIVE;
  }

  /** Time passes. */
  pass(ms: number, cpuShare: number): void {
    this.now += ms;
    this.cpu += ms * cpuShare;
  }
}

test('what a start left is collected at the first quiet look, once', () => {
  const heap = new FakeHeap();
  const spare = new SpareMemory(heap);
  const looks = [1, 0.5, 0, 0, 0].map((share) => {
    heap.pass(2 * SECOND, share);
    return spare.look();
  });
  expect(looks).toEqual([false, false, true, false, false]);
  expect(heap.collected).toBe(1);
});

describe('after a collection', () => {
  test.each<[string, number, number, boolean]>([
    ['as much garbage as is worth it, and quiet', SPARE_GARBAGE_BYTES_MIN, 0.01, true],
    ['as busy as still counts as quiet', SPARE_GARBAGE_BYTES_MIN, SPARE_QUIET_SHARE_MAX, true],
    ['less garbage', SPARE_GARBAGE_BYTES_MIN - 1, 0.01, false],
    ['busier', SPARE_GARBAGE_BYTES_MIN, SPARE_QUIET_SHARE_MAX * 1.01, false],
  ])('%s', (_, garbage, share, wanted) => {
    const heap = new FakeHeap();
    const spare = new SpareMemory(heap);
    heap.pass(SECOND, 0);
    spare.look();
    heap.bytes += garbage;
    heap.pass(SECOND, share);
    expect(spare.look()).toBe(wanted);
  });
});

/** Make some MiB of objects that nobody holds afterwards. @returns bytes in use while they were held */
function litter(heap: HeapAccess): number {
  const made = Array.from({ length: 1_000 }, () => new Array<number>(1_000).fill(0.5));
  expect(made.length).toBe(1_000);
  return heap.used();
}

test('a whole collection of the real heap frees what nobody holds', () => {
  const heap = ownHeap();
  heap.collect();
  const before = heap.used();
  const held = litter(heap);
  expect(held - before).toBeGreaterThan(6 << 20);
  heap.collect();
  expect(held - heap.used()).toBeGreaterThan(6 << 20);
});

test('times run on', () => {
  const heap = ownHeap();
  const before = [heap.cpuMs(), heap.nowMs()];
  while (heap.cpuMs() - before[0] < 5) Math.sqrt(heap.nowMs());
  expect(heap.nowMs()).toBeGreaterThan(before[1]);
});
