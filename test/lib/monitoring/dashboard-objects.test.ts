import { dashboardText } from '../../../lib/monitoring/dashboard';
import { direct, find } from '../../support/helm';

const on = { enabled: true };

describe('the dashboard for the sidecar', () => {
  test('is a ConfigMap with the label that the sidecar looks for', () => {
    const configMap = find(direct({ dashboard: on }), 'ConfigMap', 'node-local-dns-dashboard');
    expect(configMap.data).toEqual({ 'node-local-dns.json': dashboardText() });
    expect(configMap.metadata).toHaveProperty(['labels', 'grafana_dashboard'], '1');
    expect(configMap.metadata).not.toHaveProperty('annotations');
  });

  test('is where its values say, in their folder', () => {
    const values = { ...on, namespace: 'grafana', labels: { dash: 'yes' }, annotations: { a: 'b' }, folder: 'DNS' };
    const { metadata } = find(direct({ dashboard: values }), 'ConfigMap', 'node-local-dns-dashboard');
    expect(metadata).toMatchObject({
      namespace: 'grafana',
      labels: { grafana_dashboard: '1', dash: 'yes' },
      annotations: { a: 'b', grafana_folder: 'DNS' },
    });
  });
});

describe('the dashboard for the Grafana operator', () => {
  test('is shown by the Grafanas that the values select', () => {
    const grafanaOperator = {
      ...on,
      folder: 'DNS',
      resyncPeriod: '10m',
      instanceSelector: { matchLabels: { a: 'b' } },
    };
    const { spec } = find(direct({ dashboard: { grafanaOperator } }), 'GrafanaDashboard');
    expect(spec).toEqual({
      allowCrossNamespaceImport: true,
      folder: 'DNS',
      instanceSelector: { matchLabels: { dashboards: 'grafana', a: 'b' } },
      json: dashboardText(),
      resyncPeriod: '10m',
    });
  });

  test('needs no ConfigMap', () => {
    const kinds = direct({ dashboard: { grafanaOperator: on } }).map(
      ({ kind, metadata }) => `${kind} ${metadata.name}`,
    );
    expect(kinds).toContain('GrafanaDashboard node-local-dns');
    expect(kinds).not.toContain('ConfigMap node-local-dns-dashboard');
  });
});
