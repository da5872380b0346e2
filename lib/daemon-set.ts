/** The DaemonSet: scheduling, network and volumes of the pod on every node, each with its reason. */
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { PodSpec, PodTemplateSpec } from 'kubernetes-types/core/v1';
import { COREFILE_KEY } from './config-map';
import { cacheContainer, XTABLES_LOCK } from './container';
import { differs } from './helm/conditions';
import { elements, itemsWhen, keysOf, keysWhen, optional, when } from './helm/control';
import { either } from './helm/functions';
import { accountName, type Installation, labels, SELECTOR, stableLabels } from './installation';
import { isOnHostNetwork, keepsLink } from './mode';
import { affinity, cacheName } from './node-pools';
import { placement } from './pod';
import { scrapeAnnotations } from './services';

function podSpec(installation: Installation): PodSpec {
  const { values } = installation;
  const { daemonSet, kubeDNSConfigMap, importConfigMap } = values;
  return {
    priorityClassName: optional(daemonSet.priorityClassName),
    serviceAccountName: accountName(values),
    hostNetwork: isOnHostNetwork(values),
    enableServiceLinks: true, // The address of the cluster DNS comes by environment.
    dnsPolicy: 'Default', // The node's resolvers: the cache must not ask itself.
    ...placement(values),
    affinity: optional(affinity(installation)),
    dnsConfig: optional(daemonSet.dnsConfig),
    hostAliases: optional(daemonSet.hostAliases),
    terminationGracePeriodSeconds: daemonSet.terminationGracePeriodSeconds,
    securityContext: optional(daemonSet.podSecurityContext),
    initContainers: optional(daemonSet.initContainers),
    containers: [cacheContainer(installation), ...elements(daemonSet.extraContainers)],
    volumes: [
      {
        name: 'corefile',
        configMap: { name: cacheName(installation), items: [{ key: COREFILE_KEY, path: 'Corefile.base' }] },
      },
      { name: 'kube-dns', configMap: { name: kubeDNSConfigMap.name, optional: true } },
      ...itemsWhen(differs(importConfigMap, ''), [
        { name: 'import', configMap: { name: importConfigMap, optional: true } },
      ]),
      // Memory: a full disk must not keep the cache from writing its Corefile.
      { name: 'run', emptyDir: { medium: 'Memory', sizeLimit: '4Mi' } },
      ...itemsWhen(keepsLink(values), [
        { name: 'xtables-lock', hostPath: { path: XTABLES_LOCK, type: 'FileOrCreate' } },
      ]),
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
    spec: podSpec(installation),
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
        name: cacheName(installation),
        namespace: release.namespace,
        labels: { ...labels(installation), ...SELECTOR },
        annotations: optional(values.daemonSet.annotations),
      },
      spec: {
        selector: { matchLabels: SELECTOR },
        updateStrategy: optional(values.daemonSet.updateStrategy),
        minReadySeconds: values.daemonSet.minReadySeconds,
        revisionHistoryLimit: values.daemonSet.revisionHistoryLimit,
        template: podTemplate(installation),
      },
    };
    new ApiObject(this, 'Resource', daemonSet as never);
  }
}
