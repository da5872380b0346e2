/** Samples are taken while somebody looks, at a rate that follows the load; one query can be asked for. */
import type { MessageToWorker } from '../../../image/agent/messages';
import { Watching } from '../../../image/agent/watching';
import { EXPLAIN_MS, SAMPLE_LOOK_MS, SAMPLES_PER_SECOND, WATCH_BEGIN_MS, WATCHERS_MAX } from '../../../image/limits';
import { Path, queryMark, type Sample, SampleWriter } from '../../../image/observe/samples';
import { FakeClock } from '../../support/fake-world';

const ROOT = new Uint8Array(1);

class World {
  readonly clock = new FakeClock();
  readonly posted: MessageToWorker['kind'][] = [];
  writer: SampleWriter | undefined;
  /** Does the worker take its mail? */
  hears = true;
  readonly watching = new Watching({ clock: this.clock, post: (message) => this.take(message) });

  private take(message: MessageToWorker): void {
    this.posted.push(message.kind);
    if (message.kind !== 'sample') return;
    this.writer = message.ring === null || !this.hears ? undefined : new SampleWriter(message.ring);
  }

  answer(mark = 0): void {
    const { writer } = this;
    writer!.see();
    writer!.begin(Path.HIT, 0, 1, 5, ROOT, 0, 0, ROOT, 1);
    writer!.end(false, 0, 'cache', '', mark !== 0 && writer!.wanted === mark);
  }
}

test('the first who looks switches it on, the last off', async () => {
  const world = new World();
  const seen: [number, number][] = [];
  const note = (samples: readonly Sample[], count: number): void => void seen.push([samples.length, count]);
  const first = world.watching.watch(note)!;
  const second = world.watching.watch(() => {})!;
  world.answer();
  world.answer();
  await world.clock.pass(SAMPLE_LOOK_MS);
  first();
  expect(world.writer).toBeDefined();
  second();
  second(); // Twice is once.
  expect(world.writer).toBeUndefined();
  expect(world.posted).toEqual(['sample', 'sample']);
  expect(seen).toEqual([[2, 2]]);
  expect(world.clock.waiting).toBe(0);
});

test('the more queries, the smaller their share', async () => {
  const world = new World();
  const end = world.watching.watch(() => {})!;
  expect(world.writer!.step).toBe(1);
  const perLook = (20 * SAMPLES_PER_SECOND * SAMPLE_LOOK_MS) / 1000;
  for (let look = 0; look < 40; look++) {
    for (let count = 0; count < perLook; count++) world.writer!.see();
    await world.clock.pass(SAMPLE_LOOK_MS);
  }
  expect(world.writer!.step).toBe(20);
  for (let look = 0; look < 60; look++) await world.clock.pass(SAMPLE_LOOK_MS);
  expect(world.writer!.step).toBe(1);
  end();
});

test('only so many may look', () => {
  const world = new World();
  for (let count = 0; count < WATCHERS_MAX; count++) expect(world.watching.watch(() => {})).not.toBeNull();
  expect(world.watching.watch(() => {})).toBeNull();
});

test('one query: ready first, then found; nothing stays behind', async () => {
  const world = new World();
  const ready = jest.fn();
  const found = world.watching.explain(4000, 77, ready);
  await world.clock.pass(SAMPLE_LOOK_MS);
  expect(ready).toHaveBeenCalledTimes(1);
  world.answer(queryMark(4000, 78));
  await world.clock.pass(SAMPLE_LOOK_MS);
  world.answer(queryMark(4000, 77));
  await world.clock.pass(SAMPLE_LOOK_MS);
  expect(await found).toMatchObject({ path: 'hit', isWanted: true });
  expect([world.writer, world.clock.waiting]).toEqual([undefined, 0]);
});

test('a query that never comes, and a worker that does not hear', async () => {
  const world = new World();
  const ready = jest.fn();
  const never = world.watching.explain(4000, 77, ready);
  await world.clock.pass(EXPLAIN_MS + 2 * SAMPLE_LOOK_MS);
  expect([await never, ready.mock.calls.length]).toEqual([null, 1]);
  world.hears = false;
  const deaf = world.watching.explain(4000, 77, ready);
  await world.clock.pass(WATCH_BEGIN_MS + SAMPLE_LOOK_MS);
  expect([await deaf, ready.mock.calls.length]).toEqual([null, 1]);
  expect(world.clock.waiting).toBe(0);
});

test('two who ask wait for each other; one too many is told at once', async () => {
  const world = new World();
  const order: string[] = [];
  const all = Array.from({ length: WATCHERS_MAX }, (_, index) =>
    world.watching.explain(4000 + index, 1, () => void order.push(`ready ${index}`)),
  );
  expect(await world.watching.explain(5000, 1, () => {})).toBeNull();
  for (let index = 0; index < WATCHERS_MAX; index++) {
    await world.clock.pass(SAMPLE_LOOK_MS);
    world.answer(queryMark(4000 + index, 1));
    await world.clock.pass(SAMPLE_LOOK_MS);
    expect(await all[index]).not.toBeNull();
  }
  expect(order).toEqual(all.map((_, index) => `ready ${index}`));
});
