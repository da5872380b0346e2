/**
 * The two Services: one through which the cache reaches the cluster DNS, one through which Prometheus finds the caches.
 * Raw objects typed by kubernetes-types: cdk8s-plus has no place for a templated selector and adds empty fields.
 */
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { Service } from 'kubernetes-types/core/v1';
import { optional, when } from './helm/control';
import { asText, fallback } from './helm/functions';
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
        ipFamilyPolicy: optional(upstreamService.ipFamilyPolicy),
        ipFamilies: optional(upstreamService.ipFamilies),
      },
    };
    new ApiObject(this, 'Resource', service as never);
  }
}

/**
 * The cluster DNS pods by name: while the cache is silent, rules of the node lead pods that ask a local address straight
 * to one of them. Pods that are not ready are no way out.
 */
export class FallbackService extends Construct {
  /** @param installation names, labels, `fallbackService` and the selector of `upstreamService` are read */
  constructor(scope: Construct, id: string, installation: Installation) {
    super(scope, id);
    const { upstreamService, fallbackService } = installation.values;
    const service: Service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: fallbackService.name,
        namespace: installation.release.namespace,
        labels: { ...labels(installation), 'k8s-app': 'kube-dns' },
      },
      spec: {
        clusterIP: 'None',
        publishNotReadyAddresses: false,
        ports: [
          { name: 'dns', port: DNS_PORT, protocol: 'UDP', targetPort: DNS_PORT },
          { name: 'dns-tcp', port: DNS_PORT, protocol: 'TCP', targetPort: DNS_PORT },
        ],
        selector: optional(upstreamService.selector),
        // Local addresses of both families want a way out each.
        ipFamilyPolicy: fallback(upstreamService.ipFamilyPolicy, 'PreferDualStack'),
        ipFamilies: optional(upstreamService.ipFamilies),
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
