import { merge } from '../../../lib/helm/values';
import { alertRule, alertScope } from '../../../lib/monitoring/alert';
import { DEFAULTS, EXPRESSIONS, type UserValues, type Values } from '../../../lib/values';

const complete = (values: UserValues) => merge<Values>(DEFAULTS, values);
const definition = {
  name: 'NodeLocalDNSTest',
  expr: 'vector(1)',
  settings: { forMinutes: 3, severity: 'info' },
  summary: 'A test.',
  description: 'Look here. Then there.',
};

describe('the scope of alerts', () => {
  test('names job, namespace and DaemonSets of the installation', () => {
    expect(alertScope(complete({ fullnameOverride: 'dns' }), 'net')).toEqual({
      job: 'job="dns"',
      daemonSets: 'dns(-.+)?',
      namespace: 'namespace="net"',
    });
  });

  test('says the job by a named template in the chart', () => {
    expect(alertScope(EXPRESSIONS, 'net').job).toBe('job="⟦include "nodelocaldns.job" .⟧"');
  });
});

describe('a rule', () => {
  const made = (prometheusRule: UserValues['prometheusRule']) =>
    alertRule(definition, complete({ prometheusRule }).prometheusRule);

  test('has what the definition and the values say', () => {
    expect(made({ alertLabels: { team: 'net' }, runbookUrl: 'https://a.example' })).toEqual({
      alert: 'NodeLocalDNSTest',
      expr: 'vector(1)',
      for: '3m',
      labels: { severity: 'info', team: 'net' },
      annotations: {
        summary: 'A test.',
        description: 'Look here. Then there.',
        runbook_url: 'https://a.example/NodeLocalDNSTest.md',
      },
    });
  });
});
