/** The values of what watches the cache (values.ts holds the others). */
import { flag, group, integer, list, map, text } from './helm/values';
import * as patterns from './patterns';

const RELABELINGS = { type: 'object' };
const MINUTES = { minimum: 1, maximum: 1440 };
const FOR_MINUTES = 'For how long before it fires, in minutes.';

/** The groups of values by who scrapes: annotations, ServiceMonitor; and PrometheusRule for who is woken. */
export const MONITORING = {
  metrics: group('How Prometheus finds the cache without the Prometheus operator.', {
    scrapeAnnotations: flag(true, 'prometheus.io/scrape and prometheus.io/port on the pods and the metrics Service.'),
  }),
  serviceMonitor: group('A ServiceMonitor of the Prometheus operator.', {
    enabled: flag(false, 'Create it. Turn metrics.scrapeAnnotations off where both would be scraped.'),
    namespace: text('', 'Its namespace, empty for the release namespace.', { pattern: patterns.NAMESPACE_OR_EMPTY }),
    labels: map<Record<string, string>>({}, 'Labels that your Prometheus selects by.', patterns.OWN_LABELS),
    interval: text('', 'Between scrapes, 30s for instance; empty for the default of Prometheus.', {
      pattern: patterns.DURATION_OR_EMPTY,
    }),
    scrapeTimeout: text('', 'For one scrape, not above the interval; empty for the default of Prometheus.', {
      pattern: patterns.DURATION_OR_EMPTY,
    }),
    relabelings: list<object>([], 'Changes to the labels of the targets.', RELABELINGS),
    metricRelabelings: list<object>([], 'Changes to the labels of the samples.', RELABELINGS),
  }),
  prometheusRule: group('Alerts, as a PrometheusRule of the Prometheus operator.', {
    enabled: flag(false, 'Create it.'),
    namespace: text('', 'Its namespace, empty for the release namespace.', { pattern: patterns.NAMESPACE_OR_EMPTY }),
    labels: map<Record<string, string>>({}, 'Labels that your Prometheus selects by.', patterns.OWN_LABELS),
    job: text(
      '',
      'The job label of the targets, empty for what a ServiceMonitor gives them: the name of the metrics Service, ' +
        'which is fullnameOverride.',
      { pattern: patterns.JOB_OR_EMPTY },
    ),
    alerts: group('Thresholds.', {
      down: group('A cache that Prometheus cannot reach.', { forMinutes: integer(5, FOR_MINUTES, MINUTES) }),
      servfail: group('A cache that answers SERVFAIL.', {
        percent: integer(3, 'Share of its answers, in percent.', { minimum: 0, maximum: 100 }),
        forMinutes: integer(10, FOR_MINUTES, MINUTES),
      }),
      latency: group('A cache that answers late.', {
        milliseconds: integer(500, 'Time that one answer in a hundred exceeds.', { minimum: 1, maximum: 8000 }),
        forMinutes: integer(10, FOR_MINUTES, MINUTES),
      }),
    }),
  }),
};
