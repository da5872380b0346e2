/** The screen of `top` as text: what is on it, and that it never leaves its size. */
import type { TopFrame } from '../../../image/agent/top-report';
import { Paint, widthOf } from '../../../image/commands/paint';
import { topScreen } from '../../../image/commands/top-view';

const row = (key: string, ratio: number): TopFrame['names'][number] => ({
  key,
  ratio,
  errorRatio: 0,
  perSecond: ratio * 9000,
});
const FRAME: TopFrame = {
  at: '2026-11-21T10:35:22.000Z',
  queriesPerSecond: 9000,
  hitRatio: 0.967,
  sampled: 2000,
  paths: [
    { path: 'hit', ratio: 0.967, p50Us: 12, p99Us: 419 },
    { path: 'miss', ratio: 0.033, p50Us: 3710, p99Us: 18_000 },
  ],
  upstreams: [
    { address: '10.96.0.10:53', state: 'up', perSecond: 281, p50Us: 3710 },
    { address: '[2001:db8::53]:53', state: 'down', perSecond: 0, p50Us: 0 },
  ],
  names: [row('kubernetes.default.svc.cluster.local.', 0.4), row('evil\x1b[2J.example.', 0.1)],
  types: [row('A', 0.7), row('AAAA', 0.3)],
  rcodes: [row('NOERROR', 0.9), row('NXDOMAIN', 0.1)],
  clients: [row('10.244.1.7', 0.6), row('2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff', 0.4)],
};
const screen = (columns: number, rows: number, frames = [FRAME]): string[] =>
  topScreen(frames, { columns, rows }, new Paint('none'));

test('a wide screen has all of it', () => {
  const lines = screen(100, 24);
  expect(lines[0]).toBe('9000 queries/s   96.7 % hits   from 2,000 samples   10:35:22   q quits');
  const text = lines.join('\n');
  expect(text).toMatch(/^hit +█+.* 96\.7 % +12\.0 µs +419 µs +10\.96\.0\.10:53 +up +281 +3\.71 ms$/m);
  expect(text).toMatch(/^miss .* \[2001:db8::53\]:53 +down +0 +–$/m);
  expect(text).toMatch(/^kubernetes\.def\S+ster\.local\. +3600 █{8} +10\.244\.1\.7 +5400 █+ +A +6300/m);
  expect(text).toMatch(/NXDOMAIN +900/);
  expect(text).not.toContain('\x1b'); // A client chooses names.
});

test('graphs grow from the right', () => {
  const frames = [0, 100, 200].map((queriesPerSecond) => ({ ...FRAME, queriesPerSecond, hitRatio: null }));
  const lines = screen(100, 24, frames);
  expect(lines[2]).toMatch(/^200 +█ +100 %$/);
  expect(lines[4]).toMatch(/^q\/s +██ +hits$/);
});

test.each([
  [100, 40],
  [80, 24],
  [72, 16],
  [71, 30],
  [40, 12],
  [20, 5],
  [9, 3],
  [300, 100],
])('%i columns and %i rows are kept', (columns, rows) => {
  const frames = Array.from({ length: 400 }, () => ({
    ...FRAME,
    names: Array.from({ length: 32 }, () => row('x'.repeat(250), 0.03)),
  }));
  for (const depth of ['none', 'basic', 'full'] as const) {
    const lines = topScreen(frames, { columns, rows }, new Paint(depth));
    expect(lines.length).toBeLessThanOrEqual(rows);
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(columns);
  }
});

test('a second without queries', () => {
  const idle = {
    ...FRAME,
    queriesPerSecond: 0,
    hitRatio: null,
    sampled: 0,
    paths: [],
    names: [],
    types: [],
    rcodes: [],
    clients: [],
  };
  expect(screen(100, 24, [idle])[0]).toContain('0 queries/s   – hits');
  expect(screen(100, 24, [idle]).join('\n')).not.toContain('none above');
});

test('names that are all rare are said to be so, where their list would be', () => {
  const many = screen(100, 24, [{ ...FRAME, names: [] }]).join('\n');
  expect(many).toMatch(/name .*\n *none above 1 in 256/);
  expect(screen(60, 24, [{ ...FRAME, names: [] }]).join('\n')).toContain('none above 1 in 256');
});
