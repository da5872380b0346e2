/** What tells a Prometheus operator to scrape the caches. */
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { keysOf, optional } from '../helm/control';
import { fallback } from '../helm/functions';
import { type Installation, labels, SELECTOR } from '../installation';

/** The fields of a ServiceMonitor in use here. @source prometheus-operator, monitoring.coreos.com/v1 */
interface ServiceMonitor {
  readonly apiVersion: 'monitoring.coreos.com/v1';
  readonly kind: 'ServiceMonitor';
  readonly metadata: object;
  readonly spec: {
    readonly selector: { readonly matchLabels: Record<string, string> };
    readonly namespaceSelector: { readonly matchNames: string[] };
    readonly endpoints: {
      readonly port: string;
      readonly interval?: string;
      readonly scrapeTimeout?: string;
      readonly relabelings?: object[];
      readonly metricRelabelings?: object[];
    }[];
  };
}

/** Scrape every cache through the metrics Service, wherever the monitor itself lives. */
export class CacheServiceMonitor extends Construct {
  /** @param installation names, labels and `serviceMonitor` are read */
  constructor(scope: Construct, id: string, installation: Installation) {
    super(scope, id);
    const { values, release } = installation;
    const settings = values.serviceMonitor;
    const monitor: ServiceMonitor = {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'ServiceMonitor',
      metadata: monitoringMetadata(installation, settings),
      spec: {
        selector: { matchLabels: SELECTOR },
        namespaceSelector: { matchNames: [release.namespace] },
        endpoints: [
          {
            port: 'metrics',
            interval: optional(settings.interval),
            scrapeTimeout: optional(settings.scrapeTimeout),
            relabelings: optional(settings.relabelings),
            metricRelabelings: optional(settings.metricRelabelings),
          },
        ],
      },
    };
    new ApiObject(this, 'Resource', monitor as never);
  }
}

/** Metadata of an object that belongs to the monitoring: its own namespace, and labels that a Prometheus selects by. */
export function monitoringMetadata(
  installation: Installation,
  settings: { readonly namespace: string; readonly labels: Record<string, string> },
): object {
  const { values, release } = installation;
  return {
    name: values.fullnameOverride,
    namespace: fallback(settings.namespace, release.namespace),
    labels: { ...labels(installation), ...SELECTOR, ...keysOf(settings.labels) },
  };
}
