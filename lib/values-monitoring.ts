/** The values of what watches the cache (values.ts holds the others, values-alerts.ts those of the alerts). */
import { flag, group, integer, list, map, text } from './helm/values';
import * as patterns from './patterns';
import { ALERT_NAMES, ALERTS } from './values-alerts';

const RELABELINGS = { type: 'object' };

/** Of an object that need not be where the cache is. */
function place(labels: Record<string, string> = {}, selects = 'Prometheus') {
  return {
    namespace: text('', 'Its namespace, empty for the release namespace.', { pattern: patterns.NAMESPACE_OR_EMPTY }),
    labels: map<Record<string, string>>(labels, `Labels that your ${selects} selects by.`, patterns.OWN_LABELS),
    annotations: map<Record<string, string>>({}, 'Its annotations.', patterns.ANNOTATIONS),
  };
}

/** Of what makes Prometheus scrape. */
function scrape() {
  return {
    ...place(),
    path: text('/metrics', 'Path of the metrics.', { pattern: patterns.HTTP_PATH }),
    interval: text('', 'Between scrapes, 30s for instance; empty for the default of Prometheus.', {
      pattern: patterns.DURATION_OR_EMPTY,
    }),
    scrapeTimeout: text('', 'For one scrape, not above the interval; empty for the default of Prometheus.', {
      pattern: patterns.DURATION_OR_EMPTY,
    }),
    honorLabels: flag(false, 'Whether labels of the cache win over those of the target where both have one.'),
    sampleLimit: integer(0, 'Samples above which a scrape is refused; 0 for no limit. A cache has about 500.', {
      minimum: 0,
      maximum: 10_000_000,
    }),
    relabelings: list<object>(
      [{ sourceLabels: ['__meta_kubernetes_pod_node_name'], targetLabel: 'node' }],
      'Changes to the labels of the targets. The default says the node, which alerts name.',
      RELABELINGS,
    ),
    metricRelabelings: list<object>([], 'Changes to the labels of the samples.', RELABELINGS),
  };
}

/** The groups of values by who scrapes (annotations, monitors), who is woken (PrometheusRule), who looks (Grafana). */
export const MONITORING = {
  metrics: group('How Prometheus finds the cache without the Prometheus operator.', {
    scrapeAnnotations: flag(true, 'prometheus.io/scrape and prometheus.io/port on the pods and the metrics Service.'),
  }),
  serviceMonitor: group('A ServiceMonitor of the Prometheus operator.', {
    enabled: flag(false, 'Create it. Turn metrics.scrapeAnnotations off where both would be scraped.'),
    ...scrape(),
  }),
  podMonitor: group('A PodMonitor of the Prometheus operator, with the same job label as the ServiceMonitor.', {
    enabled: flag(false, 'Create it, where the ServiceMonitor is not: both would scrape every cache twice.'),
    ...scrape(),
  }),
  prometheusRule: group('Alerts and recording rules, as a PrometheusRule of the Prometheus operator.', {
    enabled: flag(false, 'Create it.'),
    ...place(),
    job: text(
      '',
      'The job label of the targets, empty for what the monitors above give them: the name of the metrics Service, ' +
        'which is fullnameOverride.',
      { pattern: patterns.JOB_OR_EMPTY },
    ),
    runbookUrl: text(
      'https://github.com/nodelocaldns/nodelocaldns/blob/main/docs/runbooks',
      'Where the pages are that alerts point to, by runbook_url: <this>/<alert>.md. Empty: no runbook_url.',
      { pattern: patterns.URL_OR_EMPTY },
    ),
    alertLabels: map<Record<string, string>>({}, 'Labels for every alert, for the routes of Alertmanager.', {
      properties: { severity: false },
      propertyNames: { type: 'string', pattern: patterns.SAMPLE_LABEL },
      additionalProperties: { type: 'string' },
    }),
    disabled: list<string>(
      [],
      'Names of alerts that are left out, NodeLocalDNSRepairs for instance.',
      { type: 'string', enum: [...ALERT_NAMES] },
      { uniqueItems: true, maxItems: ALERT_NAMES.length - 1 },
    ),
    alerts: ALERTS,
    recordingRules: group('Series counted in advance, for dashboards of your own.', {
      enabled: flag(true, 'Have them: queries per second, hit ratio, p50 and p99, share of SERVFAIL.'),
    }),
    extraRules: list<object>([], 'More rules, in the group of the alerts.', RELABELINGS),
  }),
  dashboard: group('The Grafana dashboard, as a ConfigMap that the sidecar of Grafana charts loads.', {
    enabled: flag(false, 'Create it.'),
    ...place({ grafana_dashboard: '1' }, 'sidecar'),
    folder: text('', 'Folder in Grafana (annotation grafana_folder), empty for the one of the sidecar.'),
    grafanaOperator: group('The same as a GrafanaDashboard of the Grafana operator.', {
      enabled: flag(false, 'Create it.'),
      ...place({}, 'tools'),
      instanceSelector: map<object>(
        { matchLabels: { dashboards: 'grafana' } },
        'Labels of the Grafana objects that show it.',
      ),
      allowCrossNamespaceImport: flag(true, 'Whether they may be in another namespace.'),
      folder: text('', 'Folder in Grafana, empty for General.'),
      resyncPeriod: text('', 'How often the operator looks after it, 10m for instance; empty for its default.', {
        pattern: patterns.GO_DURATION_OR_EMPTY,
      }),
    }),
  }),
};
