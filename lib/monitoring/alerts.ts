/**
 * Alerts: one entry per alert with threshold, meaning and first action. Only metrics that the cache shows by today's
 * names; test/lib/monitoring/alerts.test.ts compares with the catalogue of the image.
 */
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { fallback } from '../helm/functions';
import type { Installation } from '../installation';
import type { Values } from '../values';
import { monitoringMetadata } from './scrape';

/** One alerting rule. @source prometheus-operator, monitoring.coreos.com/v1 Rule */
export interface Alert {
  readonly alert: string;
  /** PromQL; fires for each series it returns. */
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: 'critical' | 'warning' };
  readonly annotations: {
    /** One line for the pager. */
    readonly summary: string;
    /** What it means for the pods of the node, and what to look at first. */
    readonly description: string;
  };
}

function down(job: string, { forMinutes }: Values['prometheusRule']['alerts']['down']): Alert {
  return {
    alert: 'NodeLocalDNSDown',
    expr: `up{job="${job}"} == 0`,
    for: `${forMinutes}m`,
    labels: { severity: 'critical' },
    annotations: {
      summary: 'The DNS cache at {{ $labels.instance }} does not answer its scrapes.',
      description:
        'Pods of that node may have no DNS. Look at the pod and its last log: kubectl -n {{ $labels.namespace }} ' +
        'describe pod {{ $labels.pod }}.',
    },
  };
}

function servfail(job: string, { percent, forMinutes }: Values['prometheusRule']['alerts']['servfail']): Alert {
  const answers = 'rate(coredns_dns_responses_total';
  return {
    alert: 'NodeLocalDNSServfailHigh',
    expr: [
      `100 * sum by (instance) (${answers}{job="${job}", rcode="SERVFAIL"}[5m]))`,
      `  / sum by (instance) (${answers}{job="${job}"}[5m])) > ${percent}`,
      '',
    ].join('\n'),
    for: `${forMinutes}m`,
    labels: { severity: 'warning' },
    annotations: {
      summary:
        'The DNS cache at {{ $labels.instance }} answers {{ $value | humanize }} % of its queries with SERVFAIL.',
      description:
        'Its upstreams fail or cannot be reached from that node. See ' +
        'coredns_proxy_request_duration_seconds_count by upstream (to) and rcode, then the cluster DNS pods and ' +
        'the resolvers of the node.',
    },
  };
}

function latency(job: string, { milliseconds, forMinutes }: Values['prometheusRule']['alerts']['latency']): Alert {
  const buckets = `rate(coredns_dns_request_duration_seconds_bucket{job="${job}"}[5m])`;
  return {
    alert: 'NodeLocalDNSLatencyHigh',
    expr: `1000 * histogram_quantile(0.99, sum by (instance, le) (${buckets})) > ${milliseconds}`,
    for: `${forMinutes}m`,
    labels: { severity: 'warning' },
    annotations: {
      summary:
        'One answer in a hundred of the DNS cache at {{ $labels.instance }} takes {{ $value | humanize }} ms or more.',
      description:
        'Answers from memory take less than one millisecond, so this is the time of an upstream. See ' +
        'coredns_proxy_request_duration_seconds by upstream (to): a few seconds are time-outs, packets lost on ' +
        'the way.',
    },
  };
}

/**
 * All alerts with the thresholds of the values. A ServiceMonitor without jobLabel names the job after the Service.
 * @source prometheus-operator, monitoring.coreos.com/v1 ServiceMonitorSpec.jobLabel
 */
export function alerts({ fullnameOverride, prometheusRule }: Values): Alert[] {
  const { alerts: thresholds } = prometheusRule;
  const job = fallback(prometheusRule.job, fullnameOverride);
  return [down(job, thresholds.down), servfail(job, thresholds.servfail), latency(job, thresholds.latency)];
}

/** The alerts as an object of the Prometheus operator. */
export class CacheAlerts extends Construct {
  /** @param installation names, labels and `prometheusRule` are read */
  constructor(scope: Construct, id: string, installation: Installation) {
    super(scope, id);
    const { values } = installation;
    const rule = {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: monitoringMetadata(installation, values.prometheusRule),
      spec: { groups: [{ name: 'node-local-dns', rules: alerts(values) }] },
    };
    new ApiObject(this, 'Resource', rule as never);
  }
}
