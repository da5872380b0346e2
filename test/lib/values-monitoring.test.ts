import Ajv from 'ajv';
import { merge } from '../../lib/helm/values';
import { DECLARATION, DEFAULTS } from '../../lib/values';
import { MONITORING } from '../../lib/values-monitoring';

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });

/** What the schema says of values. */
function complaint(values: object): string {
  ajv.validate(DECLARATION.schema, merge(DEFAULTS as object, values));
  return ajv.errorsText(ajv.errors);
}

describe('values of the monitoring', () => {
  test('create nothing by default', () => {
    const { serviceMonitor, podMonitor, prometheusRule, dashboard } = DEFAULTS;
    const switches = [serviceMonitor, podMonitor, prometheusRule, dashboard, dashboard.grafanaOperator];
    expect(switches.map(({ enabled }) => enabled)).toEqual([false, false, false, false, false]);
    expect(Object.keys(MONITORING)).toHaveLength(5);
  });

  test.each<[string, object]>([
    ['an alert left out', { prometheusRule: { disabled: ['NodeLocalDNSRepairs'] } }],
    ['a severity of one’s own', { prometheusRule: { alerts: { down: { severity: 'P1' } } } }],
    ['runbooks of one’s own', { prometheusRule: { runbookUrl: 'https://wiki.example/x/y' } }],
    ['no runbooks', { prometheusRule: { runbookUrl: '' } }],
    ['an alert after a fortnight', { prometheusRule: { alerts: { outdated: { forMinutes: 20160 } } } }],
  ])('take %s', (_, values) => {
    expect(complaint(values)).toBe('No errors');
  });

  test.each<[string, object, RegExp]>([
    ['an alert that does not exist', { prometheusRule: { disabled: ['NodeLocalDNSRepair'] } }, /disabled\/0/],
    ['a threshold that does not exist', { prometheusRule: { alerts: { servfail: { precent: 1 } } } }, /additional/],
    ['more than all', { prometheusRule: { alerts: { servfail: { percent: 101 } } } }, /percent must be <= 100/],
    ['a severity with a blank', { prometheusRule: { alerts: { down: { severity: 'very bad' } } } }, /severity/],
    [
      'a label that is the severity',
      { prometheusRule: { alertLabels: { severity: 'page' } } },
      /alertLabels\/severity/,
    ],
    ['a slash too many', { prometheusRule: { runbookUrl: 'https://wiki.example/' } }, /runbookUrl/],
    ['a job that ends its quotes', { prometheusRule: { job: 'a"b' } }, /job/],
    ['a path without its slash', { serviceMonitor: { path: 'metrics' } }, /path/],
    ['an interval without a unit', { podMonitor: { interval: '30' } }, /interval/],
    [
      'all nodes excluded',
      { prometheusRule: { alerts: { nodeMissing: { excludedNodePrefixes: [] } } } },
      /fewer than 1/,
    ],
  ])('refuse %s', (_, values, message) => {
    expect(complaint(values)).toMatch(message);
  });
});
