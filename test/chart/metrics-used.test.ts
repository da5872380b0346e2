/** lib/ and image/ meet in the names of metrics: what alerts, rules and panels ask for, the cache shows. */
import { METRICS } from '../../image/observe/metrics';
import { dashboardText } from '../../lib/monitoring/dashboard';
import { direct, find } from '../support/helm';

const rule = JSON.stringify(find(direct({ prometheusRule: { enabled: true } }), 'PrometheusRule').spec);
const TEXTS: [string, string][] = [
  ['alerts and recording rules', rule],
  ['the dashboard', dashboardText()],
];

/** Names that look like metrics of the cache. */
function names(text: string): string[] {
  const found = text.match(/(?<![:a-z_])(coredns|nodelocaldns|process)_[a-z_]+(?![a-z_:])/g) ?? [];
  return [...new Set(found.map((name) => name.replace(/_(bucket|count|sum)$/, '')))];
}

describe.each(TEXTS)('%s', (_, text) => {
  test('use metrics of the catalogue only', () => {
    expect(names(text).length).toBeGreaterThan(10);
    expect(names(text).filter((name) => !(name in METRICS))).toEqual([]);
  });

  test('select by labels that their metric has', () => {
    const foreign = ['cluster', 'job', 'instance', 'le'];
    const selectors = [...text.matchAll(/\b((?:coredns|nodelocaldns|process)_[a-z_]+)\{([^}]*)\}/g)];
    expect(selectors.length).toBeGreaterThan(10);
    for (const [, series, inner] of selectors) {
      const name = series.replace(/_(bucket|count|sum)$/, '') as keyof typeof METRICS;
      const labels = [...inner.matchAll(/([a-z_]+)[!=]~?\\?"/g)].map(([, label]) => label);
      const known: readonly string[] = [...foreign, ...METRICS[name].labels];
      expect([name, labels.filter((label) => !known.includes(label))]).toEqual([name, []]);
    }
  });
});
