import { merge } from '../../../lib/helm/values';
import { alerts } from '../../../lib/monitoring/alerts';
import { DEFAULTS, type UserValues, type Values } from '../../../lib/values';
import { direct, find } from '../../support/helm';

const made = (values: UserValues = {}) => alerts(merge<Values>(DEFAULTS, values));

describe('alerts', () => {
  test.each(made())('$alert says what it means and where to look', ({ annotations, labels }) => {
    expect(annotations.summary).toMatch(/\{\{ \$labels\.instance \}\}.*\.$/);
    expect(annotations.description.split('. ').length).toBeGreaterThan(1);
    expect(labels.severity).toMatch(/^(critical|warning)$/);
  });

  test.each<[string, UserValues, string]>([
    ['the metrics Service', {}, 'node-local-dns'],
    ['the metrics Service by another name', { fullnameOverride: 'dns' }, 'dns'],
    ['the job given', { prometheusRule: { job: 'kube/dns' } }, 'kube/dns'],
    ['the job given, whatever the Service', { fullnameOverride: 'dns', prometheusRule: { job: 'a' } }, 'a'],
  ])('are about %s', (_, values, wanted) => {
    for (const { expr } of made(values)) {
      const jobs = [...expr.matchAll(/job="([^"]*)"/g)].map(([, job]) => job);
      expect([...new Set(jobs)]).toEqual([wanted]);
    }
  });

  test('are about the Service that the ServiceMonitor scrapes', () => {
    const objects = direct({ fullnameOverride: 'dns', serviceMonitor: { enabled: true } });
    const { spec } = find(objects, 'ServiceMonitor', 'dns') as unknown as {
      spec: { selector: { matchLabels: object } };
    };
    const wanted = { kind: 'Service', metadata: { labels: expect.objectContaining(spec.selector.matchLabels) } };
    const scraped = objects.filter((object) =>
      expect.objectContaining(wanted).asymmetricMatch({
        kind: object.kind,
        metadata: { labels: (object.metadata as { labels?: object }).labels },
      }),
    );
    expect(spec).not.toHaveProperty('jobLabel'); // With one, a label of the Service would be the job.
    expect(scraped.map(({ metadata }) => metadata.name)).toEqual(['dns']);
  });

  test('take their thresholds and times from the values', () => {
    const thresholds = {
      down: { forMinutes: 1 },
      servfail: { percent: 7, forMinutes: 2 },
      latency: { milliseconds: 250, forMinutes: 3 },
    };
    const [down, servfail, latency] = made({ prometheusRule: { alerts: thresholds } });
    expect([down.for, servfail.for, latency.for]).toEqual(['1m', '2m', '3m']);
    expect(servfail.expr).toMatch(/> 7\n$/);
    expect(latency.expr).toMatch(/> 250$/);
  });

  test('are per cache: one node without DNS is an outage for its pods', () => {
    const [, ...aggregated] = made();
    for (const { expr } of aggregated) expect(expr).toMatch(/by \(instance/);
  });

  test('have balanced parentheses', () => {
    for (const { expr } of made()) {
      expect(expr.split('(').length).toBe(expr.split(')').length);
      expect(expr.split('{').length).toBe(expr.split('}').length);
    }
  });
});
