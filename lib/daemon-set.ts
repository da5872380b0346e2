/** The DaemonSet: flags, probes, capabilities and mounts of the pod on every node, each with its reason. */
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { Container, PodSpec, PodTemplateSpec, Probe } from 'kubernetes-types/core/v1';
import { COREFILE_KEY } from './config-map';
import { each, elements, keysOf, keysWhen, optional, when } from './helm/control';
import { either, first, join, union } from './helm/functions';
import { accountName, type Installation, image, labels, SELECTOR, stableLabels } from './installation';
import { scrapeAnnotations } from './services';
import type { Values } from './values';

/** Folder of the Corefile's template; the cache watches it. */
const TEMPLATE_FOLDER = '/etc/coredns';
/** Folder of stubDomains and upstreamNameservers; k8s-dns-node-cache looks nowhere else. */
const KUBE_DNS_FOLDER = '/etc/kube-dns';
/** What the cache writes: its Corefile and its process id. The one writable place. */
const RUN_FOLDER = '/run/node-cache';
/** iptables programs of the whole node take turns by a lock on this file. */
const XTABLES_LOCK = '/run/xtables.lock';

/**
 * Flags of the cache, all known to k8s-dns-node-cache 1.26, so that the image can be swapped both ways.
 *
 * `-localip` names the cluster DNS address only where the values do. `$(KUBE_DNS_SERVICE_HOST)` looks like a way to
 * have it filled in, but the kubelet leaves a name it does not know as it stands, and the flag is then refused on every
 * node; with kube-proxy in IPVS mode it is the wrong address, too. An image that finds the address sees that variable.
 */
export function cacheArguments({ localIPs, clusterDNS, upstreamService, nodeCache, ports }: Values): string[] {
  return [
    `-localip=${join(union(localIPs, clusterDNS.ips), ',')}`,
    `-conf=${RUN_FOLDER}/Corefile`,
    `-basecorefile=${TEMPLATE_FOLDER}/Corefile.base`,
    `-upstreamsvc=${upstreamService.name}`,
    // Without a pid file to wait for, k8s-dns-node-cache writes its rules a whole sync interval after its start.
    `-pidfile=${RUN_FOLDER}/node-cache.pid`,
    `-interfacename=${nodeCache.interfaceName}`,
    // A Go duration that is multiplied by a second: 60ns is a minute, 60s is 148 years.
    `-syncinterval=${nodeCache.syncIntervalSeconds}ns`,
    `-health-port=${ports.health}`,
    // Opened before the link exists, so that it cannot be one of localIPs.
    `-metrics-listen-address=127.0.0.1:${ports.nodeCacheMetrics}`,
    `-setupinterface=${nodeCache.setupInterface}`,
    `-setupiptables=${nodeCache.setupIptables}`,
    `-skipteardown=${nodeCache.skipTeardown}`,
    ...each(nodeCache.extraArgs, (argument) => argument),
  ];
}

/** The kubelet asks from the node itself, where 127.0.0.1 is not the cache: `host` names the cache's own address. */
function probe(values: Values, timing: Values['daemonSet']['livenessProbe']): Probe {
  return { httpGet: { host: first(values.localIPs), path: '/health', port: values.ports.health }, ...timing };
}

function container(values: Values): Container {
  const { daemonSet } = values;
  return {
    name: 'node-cache',
    image: image(values.image),
    imagePullPolicy: values.image.pullPolicy,
    args: cacheArguments(values),
    env: optional(daemonSet.env),
    // No ports: on the host network each would count as taken, and a second pod could not come up beside the first.
    livenessProbe: probe(values, daemonSet.livenessProbe),
    readinessProbe: probe(values, daemonSet.readinessProbe),
    resources: optional(daemonSet.resources),
    securityContext: optional(daemonSet.securityContext),
    volumeMounts: [
      { name: 'corefile', mountPath: TEMPLATE_FOLDER, readOnly: true },
      { name: 'kube-dns', mountPath: KUBE_DNS_FOLDER, readOnly: true },
      { name: 'run', mountPath: RUN_FOLDER },
      { name: 'xtables-lock', mountPath: XTABLES_LOCK },
      ...elements(daemonSet.extraVolumeMounts),
    ],
  };
}

function podSpec(values: Values): PodSpec {
  const { daemonSet, fullnameOverride, kubeDNSConfigMap } = values;
  return {
    priorityClassName: optional(daemonSet.priorityClassName),
    serviceAccountName: accountName(values),
    automountServiceAccountToken: false,
    hostNetwork: true,
    dnsPolicy: 'Default', // The node's resolvers: the cache must not ask itself.
    nodeSelector: optional(daemonSet.nodeSelector),
    affinity: optional(daemonSet.affinity),
    tolerations: optional(daemonSet.tolerations),
    terminationGracePeriodSeconds: daemonSet.terminationGracePeriodSeconds,
    securityContext: optional(daemonSet.podSecurityContext),
    imagePullSecrets: when(
      values.image.pullSecrets,
      each(values.image.pullSecrets, (name) => ({ name })),
    ),
    initContainers: optional(daemonSet.initContainers),
    containers: [container(values), ...elements(daemonSet.extraContainers)],
    volumes: [
      {
        name: 'corefile',
        configMap: { name: fullnameOverride, items: [{ key: COREFILE_KEY, path: 'Corefile.base' }] },
      },
      { name: 'kube-dns', configMap: { name: kubeDNSConfigMap.name, optional: true } },
      // Memory: a full disk must not keep the cache from writing its Corefile.
      { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '4Mi' } },
      { name: 'xtables-lock', hostPath: { path: XTABLES_LOCK, type: 'FileOrCreate' } },
      ...elements(daemonSet.extraVolumes),
    ],
  };
}

function podTemplate(installation: Installation): PodTemplateSpec {
  const { values } = installation;
  const { podAnnotations, podLabels } = values.daemonSet;
  const scraped = values.metrics.scrapeAnnotations;
  return {
    metadata: {
      labels: { ...stableLabels(installation), ...keysOf(podLabels), ...SELECTOR },
      annotations: when(either(scraped, podAnnotations), {
        ...keysWhen(scraped, scrapeAnnotations(installation)),
        ...keysOf(podAnnotations),
      }),
    },
    spec: podSpec(values),
  };
}

/** One cache per node, on the node's own network. @source kubernetes/kubernetes cluster/addons/dns/nodelocaldns */
export class CacheDaemonSet extends Construct {
  /** @param installation all values but those of monitoring are read */
  constructor(scope: Construct, id: string, installation: Installation) {
    super(scope, id);
    const { values, release } = installation;
    const daemonSet: DaemonSet = {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: {
        name: values.fullnameOverride,
        namespace: release.namespace,
        labels: { ...labels(installation), ...SELECTOR },
        annotations: optional(values.daemonSet.annotations),
      },
      spec: {
        selector: { matchLabels: SELECTOR },
        updateStrategy: optional(values.daemonSet.updateStrategy),
        template: podTemplate(installation),
      },
    };
    new ApiObject(this, 'Resource', daemonSet as never);
  }
}
