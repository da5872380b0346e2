/**
 * The two Services: one through which the cache reaches the cluster DNS, one through which Prometheus finds the caches.
 * Raw objects typed by kubernetes-types: cdk8s-plus has no place for a templated selector and adds empty fields.
 */
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { Service } from 'kubernetes-types/core/v1';
import { optional, when } from './helm/control';
import { asText } from './helm/functions';
import { type Installation, labels, SELECTOR } from './installation';

/** The port at which DNS is asked; the kubelet names no other. @source RFC 1035 §4.2 */
const DNS_PORT = 53;

/**
 * A second way to the cluster DNS pods. The ClusterIP of kube-dns is held by the cache on each node, which would ask
 * itself.
 * Must be there before the pods start and in their namespace: they read its address from their environment.
 * @source kubernetes/kubernetes cluster/addons/dns/nodelocaldns (Service kube-dns-upstream)
 */
export class UpstreamService extends Construct {
  /** @param installation names, labels and `upstreamService` are read */
  constructor(scope: Construct, id: string, installation: Installation) {
    super(scope, id);
    const { upstreamService } = installation.values;
    const { targetPort } = upstreamService;
    const service: Service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: upstreamService.name,
        namespace: installation.release.namespace,
        labels: { ...labels(installation), 'k8s-app': 'kube-dns', 'kubernetes.io/name': 'KubeDNSUpstream' },
      },
      spec: {
        ports: [
          { name: 'dns', port: DNS_PORT, protocol: 'UDP', targetPort },
          { name: 'dns-tcp', port: DNS_PORT, protocol: 'TCP', targetPort },
        ],
        selector: optional(upstreamService.selector),
      },
    };
    new ApiObject(this, 'Resource', service as never);
  }
}

/** Annotations by which a Prometheus without the operator finds what to scrape. */
export function scrapeAnnotations({ values }: Installation): Record<string, string> {
  return { 'prometheus.io/port': asText(values.ports.metrics), 'prometheus.io/scrape': 'true' };
}

/** A headless Service whose endpoints are the caches' metrics. */
export class MetricsService extends Construct {
  /** @param installation names, labels and `ports.metrics` are read */
  constructor(scope: Construct, id: string, installation: Installation) {
    super(scope, id);
    const { values, release } = installation;
    const { metrics: port } = values.ports;
    const service: Service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: values.fullnameOverride,
        namespace: release.namespace,
        labels: { ...labels(installation), ...SELECTOR },
        annotations: when(values.metrics.scrapeAnnotations, scrapeAnnotations(installation)),
      },
      spec: {
        clusterIP: 'None',
        ports: [{ name: 'metrics', port, protocol: 'TCP', targetPort: port }],
        selector: SELECTOR,
      },
    };
    new ApiObject(this, 'Resource', service as never);
  }
}
