import { PANICS_PER_SECOND_MAX } from '../../../image/limits';
import { Counters } from '../../../image/observe/counters';
import { Panics } from '../../../image/serve/panics';

/** Panics in a world whose clock and log are ours. */
function world() {
  const clock = { nowMs: 5_000, now: () => clock.nowMs };
  const lines: string[] = [];
  const counters = new Counters(new Float64Array(1_000), () => undefined);
  const log = { line: (level: string, text: string) => lines.push(`${level} ${text}`), plugin: () => undefined };
  const counted = () => counters.values[counters.slot('coredns_panics_total')];
  return { clock, lines, counted, panics: new Panics(clock, counters, log) };
}

test('a throw is counted and logged with its place, and the loop goes on', () => {
  const { panics, lines, counted } = world();
  panics.recovered(new Error('odd packet'));
  expect(counted()).toBe(1);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^ERROR Recovered from panic in server: Error: odd packet\n.*panics\.test/);
});

test('what is thrown need not be an Error', () => {
  const { panics, lines } = world();
  panics.recovered('a word');
  expect(lines).toEqual(['ERROR Recovered from panic in server: a word']);
});

test('of many throws in a second each is counted and one is logged', () => {
  const { panics, lines, counted, clock } = world();
  for (let index = 0; index < 10; index++) panics.recovered(new Error('again'));
  expect(counted()).toBe(10);
  expect(lines).toHaveLength(1);
  clock.nowMs += 1_000;
  panics.recovered(new Error('later'));
  expect(lines).toHaveLength(2);
});

test('a server that throws all the time ends, so that it starts anew', () => {
  const { panics } = world();
  const error = new Error('broken state');
  for (let index = 0; index < PANICS_PER_SECOND_MAX; index++) panics.recovered(error);
  expect(() => panics.recovered(error)).toThrow('broken state');
});
