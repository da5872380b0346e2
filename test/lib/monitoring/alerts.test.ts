import { merge } from '../../../lib/helm/values';
import { alerts } from '../../../lib/monitoring/alerts';
import { DEFAULTS, type UserValues, type Values } from '../../../lib/values';

const made = (values: UserValues = {}) => alerts(merge<Values>(DEFAULTS, values).prometheusRule);

describe('alerts', () => {
  test.each(made())('$alert says what it means and where to look', ({ annotations, labels }) => {
    expect(annotations.summary).toMatch(/\{\{ \$labels\.instance \}\}.*\.$/);
    expect(annotations.description.split('. ').length).toBeGreaterThan(1);
    expect(labels.severity).toMatch(/^(critical|warning)$/);
  });

  test.each(made())('$alert is about the job of the values', ({ expr }) => {
    expect(expr).toContain('{job="node-local-dns"');
    expect(expr).not.toContain('undefined');
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
