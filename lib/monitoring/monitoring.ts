/** Everything that watches the cache: for use by itself, beside a cache that was installed in another way. */
import { Construct } from 'constructs';
import { guarded, refuse } from '../helm/app';
import { both, sharesKey } from '../helm/functions';
import type { Installation } from '../installation';
import type { Values } from '../values';
import { CacheAlerts } from './alerts';
import { CacheDashboard, CacheGrafanaDashboard } from './dashboard-objects';
import { CachePodMonitor, CacheServiceMonitor } from './scrape';

/** Values that cannot work together. */
function refuseContradictions(scope: Construct, { commonLabels, ...values }: Values): void {
  const { serviceMonitor, podMonitor, prometheusRule, dashboard } = values;
  refuse(
    scope,
    'monitors',
    both(serviceMonitor.enabled, podMonitor.enabled),
    'serviceMonitor.enabled and podMonitor.enabled are both true: Prometheus would scrape every cache twice and ' +
      'count every query twice, set one to false',
  );
  const { grafanaOperator } = dashboard;
  const maps = { serviceMonitor, podMonitor, prometheusRule, dashboard, 'dashboard.grafanaOperator': grafanaOperator };
  for (const [name, { labels }] of Object.entries(maps)) {
    const message = `${name}.labels and commonLabels set the same label, which every object has already: remove it from one`;
    refuse(scope, `${name}.labels`, sharesKey(commonLabels, labels), message);
  }
}

/** ServiceMonitor or PodMonitor, PrometheusRule and dashboards, as the values say: none of them by default. */
export class CacheMonitoring extends Construct {
  /**
   * @param installation names, labels and the groups of values-monitoring.ts are read
   * @throws RangeError when values cannot work together; the message names them and the repair
   */
  constructor(scope: Construct, id: string, installation: Installation) {
    super(scope, id);
    const { values } = installation;
    refuseContradictions(this, values);
    guarded(this, 'servicemonitor', values.serviceMonitor.enabled, (inner) => {
      new CacheServiceMonitor(inner, 'Default', installation);
    });
    guarded(this, 'podmonitor', values.podMonitor.enabled, (inner) => {
      new CachePodMonitor(inner, 'Default', installation);
    });
    guarded(this, 'prometheusrule', values.prometheusRule.enabled, (inner) => {
      new CacheAlerts(inner, 'Default', installation);
    });
    guarded(this, 'dashboard', values.dashboard.enabled, (inner) => {
      new CacheDashboard(inner, 'Default', installation);
    });
    guarded(this, 'grafanadashboard', values.dashboard.grafanaOperator.enabled, (inner) => {
      new CacheGrafanaDashboard(inner, 'Default', installation);
    });
  }
}
