import { Chart, Testing } from 'cdk8s';
import { completeInstallation } from '../../../lib/complete-installation';
import { CacheMonitoring } from '../../../lib/monitoring/monitoring';
import type { UserValues } from '../../../lib/values';
import { direct } from '../../support/helm';

const on = { enabled: true };

/** The objects of the monitoring alone. */
function watching(values: UserValues): string[] {
  const chart = new Chart(Testing.app(), 'chart', { disableResourceNameHashes: true });
  new CacheMonitoring(chart, 'monitoring', completeInstallation({ values }));
  return Testing.synth(chart).map(({ kind }) => kind);
}

describe('the monitoring', () => {
  test('is nothing unless asked for', () => {
    expect(watching({})).toEqual([]);
  });

  test('can be had without a cache, for one that was installed in another way', () => {
    const values = { serviceMonitor: on, prometheusRule: on, dashboard: { ...on, grafanaOperator: on } };
    expect(watching(values)).toEqual(['ServiceMonitor', 'PrometheusRule', 'ConfigMap', 'GrafanaDashboard']);
  });

  test.each(['serviceMonitor', 'podMonitor', 'prometheusRule', 'dashboard'])(
    'refuses a label of %s that every object has already',
    (name) => {
      const values = { commonLabels: { team: 'net' }, [name]: { labels: { team: 'dns' } } };
      expect(() => direct(values)).toThrow(`${name}.labels and commonLabels set the same label`);
    },
  );

  test('refuses such a label of the GrafanaDashboard', () => {
    const grafanaOperator = { labels: { team: 'dns' } };
    expect(() => direct({ commonLabels: { team: 'net' }, dashboard: { grafanaOperator } })).toThrow(
      /dashboard\.grafanaOperator\.labels and commonLabels/,
    );
  });
});
