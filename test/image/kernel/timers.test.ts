import { Timer, Timers } from '../../../image/kernel/timers';
import fc from '../../support/property';

/** Deadlines are kept to a slot of 8 ms, so a timer fires in the first sweep this late or later. */
const SLOT_MS = 8;
/** Once around the wheel. */
const ROUND_MS = 2048 * SLOT_MS;

/** Start timers at 0, sweep at the given times; which fired at which sweep? */
function fired(deadlinesMs: readonly number[], sweepsMs: readonly number[]): string[] {
  const timers = new Timers(0);
  const seen: string[] = [];
  let nowMs = 0;
  for (const deadlineMs of deadlinesMs) {
    timers.start(new Timer(() => seen.push(`${deadlineMs}@${nowMs}`)), deadlineMs);
  }
  for (nowMs of sweepsMs) timers.sweep(nowMs);
  return seen;
}

test.each([
  ['nothing before its time', [100], [0, 8, 50, 99.9], []],
  ['a deadline on the border of a slot', [104], [103.9, 104], ['104@104']],
  ['a deadline within a slot', [100], [100, 103.9, 104], ['100@104']],
  ['a deadline that has passed, in the next slot', [-5], [0, 7, 8], ['-5@8']],
  ['each one once', [16], [16, 24, 32, 16 + ROUND_MS], ['16@16']],
  ['one sweep that comes late', [16, 800], [5_000], ['16@5000', '800@5000']],
  [
    'a round further away',
    [16, 16 + ROUND_MS],
    [16, ROUND_MS, 16 + ROUND_MS],
    ['16@16', `${16 + ROUND_MS}@${16 + ROUND_MS}`],
  ],
  ['further away than the wheel is round, after one sleep', [20_000], [20_000], ['20000@20000']],
  ['three rounds away, after one sleep', [3 * ROUND_MS + 40], [3 * ROUND_MS + 40], ['49192@49192']],
  [
    'a process that was stopped for an hour',
    [5_000, 30_000, 600_000],
    [3_600_000],
    ['5000', '30000', '600000'].map((deadline) => `${deadline}@3600000`),
  ],
])('%s', (_, deadlinesMs, sweepsMs, wanted) => {
  expect(fired(deadlinesMs, sweepsMs).sort()).toEqual([...wanted].sort());
});

test('a timer that is started again is moved, one that is stopped stays silent', () => {
  const timers = new Timers(0);
  const seen: string[] = [];
  const moved = new Timer(() => seen.push('moved'));
  const stopped = new Timer(() => seen.push('stopped'));
  timers.start(moved, 16);
  timers.start(stopped, 16);
  timers.start(moved, 160);
  timers.stop(stopped);
  timers.stop(stopped);
  expect([moved.running, stopped.running]).toEqual([true, false]);
  timers.sweep(80);
  expect(seen).toEqual([]);
  timers.sweep(160);
  expect(seen).toEqual(['moved']);
  expect(moved.running).toBe(false);
  expect(timers.delay(160)).toBe(-1);
});

test('a timer that fires may stop its neighbours and start itself', () => {
  const timers = new Timers(0);
  const seen: string[] = [];
  const neighbours = ['a', 'b', 'c'].map((name) => new Timer(() => fire(name)));
  const fire = (name: string) => {
    seen.push(name);
    for (const neighbour of neighbours) timers.stop(neighbour);
    timers.start(neighbours[0], 0); // Long past: not in this slot again, or one sweep would never end.
  };
  for (const neighbour of neighbours) timers.start(neighbour, 16);
  timers.sweep(16);
  expect(seen).toEqual(['c']);
  timers.sweep(24);
  expect(seen).toEqual(['c', 'a']);
});

test.each([
  ['nothing runs', [], 3, -1],
  ['whole milliseconds, rounded up', [100], 3.4, 101],
  ['the earliest counts', [1_000, 16, 500], 0, 16],
  ['what is overdue needs no sleep', [16], 40, 0],
])('the delay: %s', (_, deadlinesMs, nowMs, wanted) => {
  const timers = new Timers(0);
  for (const deadlineMs of deadlinesMs) timers.start(new Timer(() => undefined), deadlineMs);
  expect(timers.delay(nowMs)).toBe(wanted);
});

test('who sleeps as long as the delay says wakes up at most once a round for nothing', () => {
  const timers = new Timers(0);
  let firedAtMs = -1;
  let nowMs = 0;
  timers.start(
    new Timer(() => {
      firedAtMs = nowMs;
    }),
    5 * ROUND_MS + 3,
  );
  let sleeps = 0;
  while (firedAtMs < 0 && sleeps < 100) {
    nowMs += timers.delay(nowMs);
    timers.sweep(nowMs);
    sleeps++;
  }
  expect(firedAtMs).toBe(5 * ROUND_MS + SLOT_MS);
  expect(sleeps).toBeLessThanOrEqual(6);
});

/** A step of a random run; times are relative to the step before, deadlines to the time of the step. */
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('start'), timer: fc.nat(19), ms: fc.integer({ min: -50, max: 60_000 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('start'), timer: fc.nat(19), ms: fc.integer({ min: 0, max: 400 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('stop'), timer: fc.nat(19), ms: fc.constant(0) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('sweep'),
      timer: fc.constant(0),
      ms: fc.oneof(fc.nat(100), fc.nat(3_000), fc.nat(50_000)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('sweep'),
      timer: fc.constant(0),
      ms: fc.double({ min: 0, max: 30, noNaN: true }),
    }),
  },
);

test('against a plain list: never early, never twice, and never a sweep later than 8 ms after the deadline', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.double({ min: 0, max: 1e9, noNaN: true }), (steps, startMs) => {
      let nowMs = startMs;
      const timers = new Timers(nowMs);
      /** Deadline by timer, as far as the list knows it runs. */
      const list = new Map<number, number>();
      const all = Array.from(
        { length: 20 },
        (_, number) =>
          new Timer(() => {
            expect(list.get(number)).toBeLessThanOrEqual(nowMs);
            list.delete(number);
          }),
      );
      for (const { kind, timer, ms } of steps) {
        if (kind === 'start') {
          timers.start(all[timer], nowMs + ms);
          list.set(timer, Math.max(nowMs, nowMs + ms));
        } else if (kind === 'stop') {
          timers.stop(all[timer]);
          list.delete(timer);
        } else {
          const due = Math.min(...list.values());
          expect(list.size === 0 ? -1 : timers.delay(nowMs)).toBeLessThanOrEqual(
            Math.max(0, due + SLOT_MS + 1 - nowMs),
          );
          nowMs += ms;
          timers.sweep(nowMs);
          for (const deadlineMs of list.values()) expect(deadlineMs).toBeGreaterThan(nowMs - SLOT_MS);
        }
        expect(all.map((each) => each.running)).toEqual(all.map((_, number) => list.has(number)));
      }
    }),
    { numRuns: 500 },
  );
});
