/** The catalogue beside what k8s-dns-node-cache 1.26.8 shows, and the page that is written from it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Counters, type Series } from '../../../image/observe/counters';
import { exposeText } from '../../../image/observe/exposition';
import { METRIC_NAMES, METRICS } from '../../../image/observe/metrics';
import { readSources } from '../../tidy/source';
import { ABSENT } from './absent';
import { metricsPage } from './metrics-table';
import { type Family, familiesOf } from './recorded/families';

const SAID: readonly Family[] = JSON.parse(readFileSync(join(__dirname, 'recorded/said.json'), 'utf8'));
/** In its source, but hard to bring about: a mangled answer, a reload. */
const NOT_RECORDED = ['coredns_cache_drops_total', 'coredns_reload_version_info'];

/** A page with every metric, each with one series. */
function wholePage(): string {
  const series: Series[] = [];
  const values = new Float64Array(4096);
  const counters = new Counters(values, (made) => void series.push(made));
  for (const name of METRIC_NAMES) counters.set(counters.slot(name, ...METRICS[name].labels.map((label) => label)), 1);
  return exposeText([{ values, series }]);
}

const ours = new Map(familiesOf(wholePage()).map((family) => [family.name, family]));

test.each(SAID.map((family) => [family.name, family] as const))('%s', (name, family) => {
  const absent = ABSENT.find(({ fits }) => fits.test(name));
  if (absent === undefined) expect(ours.get(name)).toEqual(family);
  else expect(ours.has(name)).toBe(false);
});

test('nothing is called coredns_ or process_ that is not there', () => {
  const known = new Set([...SAID.map(({ name }) => name), ...NOT_RECORDED]);
  const theirs = METRIC_NAMES.filter((name) => !name.startsWith('nodelocaldns_'));
  expect(theirs.filter((name) => !known.has(name))).toEqual([]);
});

test('every metric is raised somewhere', () => {
  const sources = readSources('image').filter(({ path }) => path !== 'image/observe/metrics.ts');
  const text = sources.map(({ tree }) => tree.text).join('\n');
  expect(METRIC_NAMES.filter((name) => !text.includes(`'${name}'`))).toEqual([]);
});

test('METRICS.md is what the catalogue says; write-metrics.ts writes it', () => {
  expect(readFileSync(join(__dirname, '../../../image/observe/METRICS.md'), 'utf8')).toBe(metricsPage());
});
