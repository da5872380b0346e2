/** The page of the picture holds what Prometheus had; the picture itself is made by hand: `npm run picture`. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { apart, type Line, named, type PictureData, part } from './data';
import { PANELS } from './expressions';
import { page, pageHeight } from './page';

const line = (name: string, values: (number | null)[], labels: Record<string, string> = {}): Line => ({
  name,
  labels,
  values,
});
const DATA: PictureData = {
  times: [1_700_000_000, 1_700_000_002],
  instances: ['node1', 'node2'],
  drawn: PANELS.map((panel) => ({ panel, lines: panel.targets ? [line('</script><b>', [1, null])] : [] })),
};

describe('a legend', () => {
  test.each([
    ['{{to}} {{rcode}}', '10.0.0.1:53 NOERROR'],
    ['{{absent}}x', 'x'],
    ['p99', 'p99'],
  ])('%s becomes %s', (legend, wanted) => {
    expect(named(legend, { to: '10.0.0.1:53', rcode: 'NOERROR' })).toBe(wanted);
  });
});

test('buckets of a histogram are taken apart, whatever their order', () => {
  const lines = [
    line('+Inf', [9, 4], { le: '+Inf' }),
    line('0.5', [2, null], { le: '0.5' }),
    line('2', [5, 4], { le: '2' }),
  ];
  expect(apart(lines).map(({ name, values }) => [name, values])).toEqual([
    ['0.5', [2, 0]],
    ['2', [3, 4]],
    ['+Inf', [4, 0]],
  ]);
});

describe('the page', () => {
  const html = page(DATA);

  test('has all panels and all numbers', () => {
    const [, json] = /const DATA = (.*);<\/script>/.exec(html) ?? [];
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(DATA)));
  });

  test('fetches nothing', () => {
    expect(html.replace(/const DATA = .*/, '')).not.toMatch(
      /\b(src|href)=|https?:\/\/(?!uplot)[a-z]+\.[a-z]+\/[^\s*]*\.(js|css)/i,
    );
  });

  test('names cannot end its script', () => {
    expect(html.split('</script>')).toHaveLength(4);
  });

  test('is as high as its grid, with a folded row per cache', () => {
    const one = { ...DATA, instances: ['node1'] };
    expect(pageHeight(DATA) - pageHeight(one)).toBe(38);
  });
});

test('a part of the dashboard begins at the top', () => {
  const some = part(DATA, ['Cache', 'Process']);
  expect(some.drawn.filter(({ panel }) => panel.type === 'row').map(({ panel }) => panel.title)).toEqual([
    'Cache',
    'Process',
  ]);
  expect(some.drawn[0].panel.gridPos.y).toBe(0);
  expect(some.drawn.length).toBeGreaterThan(6);
});

test.each(['dashboard.png', 'dashboard-node.png'])('%s is there for the pages, and no burden for them', (name) => {
  const bytes = fs.readFileSync(path.join(__dirname, '../../docs/pictures', name));
  expect(bytes.subarray(1, 4).toString('latin1')).toBe('PNG');
  expect(bytes.length).toBeLessThan(300_000);
});
