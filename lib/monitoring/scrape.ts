/** What tells a Prometheus operator to scrape the caches. */
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { elements, optional } from '../helm/control';
import { type Installation, SELECTOR } from '../installation';
import type { Values } from '../values';
import { monitoringMetadata } from './metadata';

/** A change to the labels of a target. @source prometheus-operator, monitoring.coreos.com/v1 RelabelConfig */
export interface Relabeling {
  readonly sourceLabels?: readonly string[];
  readonly regex?: string;
  readonly targetLabel?: string;
  readonly replacement?: string;
  readonly action?: 'keep' | 'replace';
}

/** How one endpoint is scraped: what ServiceMonitor and PodMonitor say alike. */
function endpoint(settings: Values['podMonitor'], own: readonly Relabeling[]): Record<string, unknown> {
  return {
    path: settings.path,
    interval: optional(settings.interval),
    scrapeTimeout: optional(settings.scrapeTimeout),
    honorLabels: settings.honorLabels,
    relabelings: own.length > 0 ? [...own, ...elements(settings.relabelings)] : optional(settings.relabelings),
    metricRelabelings: optional(settings.metricRelabelings),
  };
}

/** A number, left out where it is 0. */
function positive(value: number): number {
  return optional(value as never);
}

/** One monitor: the kinds differ in the name of their list, and in what they find targets by. */
function monitor(
  scope: Construct,
  installation: Installation,
  kind: 'ServiceMonitor' | 'PodMonitor',
  settings: Values['podMonitor'],
  endpoints: object,
): void {
  const object = {
    apiVersion: 'monitoring.coreos.com/v1',
    kind,
    metadata: monitoringMetadata(installation, settings),
    spec: {
      selector: { matchLabels: SELECTOR },
      namespaceSelector: { matchNames: [installation.release.namespace] },
      sampleLimit: positive(settings.sampleLimit),
      ...endpoints,
    },
  };
  new ApiObject(scope, 'Resource', object as never);
}

/** Scrape every cache through the metrics Service, wherever the monitor itself lives. */
export class CacheServiceMonitor extends Construct {
  /** @param installation names, labels and `serviceMonitor` are read */
  constructor(scope: Construct, id: string, installation: Installation) {
    super(scope, id);
    const { serviceMonitor } = installation.values;
    const endpoints = [{ port: 'metrics', ...endpoint(serviceMonitor, []) }];
    monitor(this, installation, 'ServiceMonitor', serviceMonitor, { endpoints });
  }
}

/**
 * Makes a target of a container that declares no port: on the host network each would count as taken. On the pod network
 * its two ports of DNS become one target, with the same labels. The job is that of the ServiceMonitor, so that alerts
 * mean both.
 * @source Prometheus kubernetes_sd: a pod without ports is a target at its address alone; targets with the same labels
 * are one
 */
function targetOfPod({ fullnameOverride, ports }: Values): Relabeling[] {
  const address = { sourceLabels: ['__meta_kubernetes_pod_ip'], targetLabel: '__address__' } as const;
  return [
    { sourceLabels: ['__meta_kubernetes_pod_container_name'], regex: 'node-cache', action: 'keep' },
    { ...address, regex: '([^:]+)', replacement: `$1:${ports.metrics}` },
    { ...address, regex: '(.*:.*)', replacement: `[$1]:${ports.metrics}` },
    { targetLabel: 'job', replacement: fullnameOverride },
  ];
}

/** Scrape every pod of the cache without a Service. */
export class CachePodMonitor extends Construct {
  /** @param installation names, labels, `ports.metrics` and `podMonitor` are read */
  constructor(scope: Construct, id: string, installation: Installation) {
    super(scope, id);
    const { podMonitor } = installation.values;
    const podMetricsEndpoints = [endpoint(podMonitor, targetOfPod(installation.values))];
    monitor(this, installation, 'PodMonitor', podMonitor, { podMetricsEndpoints });
  }
}
