import type { LoopProbe } from '../../../../image/agent/messages';
import { systemWorld } from '../../../../image/agent/system';
import { Rcode } from '../../../../image/wire/codes';
import { HandlerWorld, type WorldOptions } from '../../../support/query';

const NAME = '8127646.91823.example.org.';
const loops: LoopProbe[] = [
  { block: 1, name: '1.2.' },
  { block: 0, name: NAME },
];

function world(options: WorldOptions = {}, block = 'loop', key = 'example.org') {
  return new HandlerWorld(`${key} {\n${block}\n}`, { loops, ...options }, (query) => query.fail(Rcode.REFUSED, ''));
}

/** Ask for the probe `times` times. */
function probe(loop: HandlerWorld, times: number): void {
  for (let time = 0; time < times; time++) loop.ask(NAME, { type: 'HINFO' });
}

const FATAL =
  'plugin/loop: Loop (10.240.0.1:40212 -> :53) detected for zone "example.org.", see ' +
  `https://coredns.io/plugins/loop#troubleshooting. Query: "HINFO ${NAME}"`;

test('the third time the probe is seen is fatal, and said once', () => {
  const loop = world();
  probe(loop, 2);
  expect(loop.fatals).toEqual([]);
  probe(loop, 1);
  expect(loop.fatals).toEqual([FATAL]);
  probe(loop, 5);
  expect(loop.fatals).toHaveLength(1);
});

test('case aside: resolvers may mix it', () => {
  const loop = world();
  for (let time = 0; time < 3; time++) loop.ask(NAME.toUpperCase(), { type: 'HINFO' });
  expect(loop.fatals).toHaveLength(1);
});

test('the text has the addresses of both ends', () => {
  const loop = world({ remote: 'fd00::7' }, 'bind ::1\nloop', 'example.org:1053');
  probe(loop, 3);
  expect(loop.fatals[0]).toContain('Loop ([fd00::7]:40212 -> [::1]:1053) detected');
});

test.each([
  [NAME, 'A', 'another type'],
  [`x.${NAME}`, 'HINFO', 'another name'],
  ['1.2.', 'HINFO', 'the probe of another block'],
])('%s %s is never counted: %s', (name, type, _reason) => {
  const loop = world();
  for (let time = 0; time < 5; time++) loop.ask(name, { type });
  expect(loop.fatals).toEqual([]);
});

test('every question goes on', () => {
  const loop = world();
  expect(loop.ask(NAME, { type: 'HINFO' }).rcode).toBe('REFUSED');
  expect(loop.ask('a.').rcode).toBe('REFUSED');
});

test('a probe that is sent again is counted from 0', () => {
  const loop = world();
  probe(loop, 2);
  loop.tell({ kind: 'loop-reset', name: NAME });
  probe(loop, 2);
  expect(loop.fatals).toEqual([]);
  probe(loop, 1);
  expect(loop.fatals).toEqual([FATAL]);
});

test('CVE-2026-26018: nobody can guess the name of a probe, and it is counted while we ask only', () => {
  const { randomDecimal } = systemWorld('');
  const numbers = Array.from({ length: 200 }, () => BigInt(randomDecimal()));
  expect(new Set(numbers).size).toBe(200);
  for (const number of numbers) expect(number < 1n << 62n).toBe(true);
  expect(numbers.filter((number) => number >= 1n << 61n).length).toBeGreaterThan(50); // 62 bits, not 31.
  const loop = world();
  loop.tell({ kind: 'loop-done', name: NAME });
  probe(loop, 10);
  expect(loop.fatals).toEqual([]);
});

test('an answered probe ends the counting', () => {
  const loop = world();
  probe(loop, 2);
  loop.tell({ kind: 'loop-done', name: NAME });
  probe(loop, 5);
  expect(loop.fatals).toEqual([]);
});

test('news of another block’s probe change nothing', () => {
  const loop = world();
  probe(loop, 2);
  loop.tell({ kind: 'loop-reset', name: 'other.' });
  loop.tell({ kind: 'loop-done', name: 'other.' });
  probe(loop, 1);
  expect(loop.fatals).toEqual([FATAL]);
});

test('without a probe nothing is counted', () => {
  const loop = world({ loops: [] });
  for (let time = 0; time < 5; time++) loop.ask('.', { type: 'HINFO' });
  expect(loop.fatals).toEqual([]);
});
