/** Alerts: is there a cache on each node, and does it stay? */
import { join } from '../helm/functions';
import type { AlertValues } from '../values-alerts';
import { type AlertDefinition, type AlertScope, CACHE } from './alert';
import { PER_CACHE } from './promql';

/** Pods of the cache as kube-state-metrics knows them, with their node. */
function podsOf({ namespace, daemonSets }: AlertScope): string {
  return `kube_pod_info{${namespace}, created_by_kind="DaemonSet", created_by_name=~"${daemonSets}"}`;
}

function down(scope: AlertScope, values: AlertValues): AlertDefinition[] {
  return [
    {
      name: 'NodeLocalDNSDown',
      // absent() has labels of its own alone; InstanceDown tells one cache from another.
      expr: `absent(up{${scope.job}} == 1)`,
      settings: values.down,
      summary: 'No DNS cache answers its scrapes.',
      description:
        'Pods of all nodes may have no DNS, or Prometheus has lost its targets. Ask from a pod first: kubectl run ' +
        'dns-test --rm -it --restart=Never --image=busybox -- nslookup kubernetes.default.',
    },
    {
      name: 'NodeLocalDNSInstanceDown',
      expr: `up{${scope.job}} == 0`,
      settings: values.instanceDown,
      summary: `${CACHE} does not answer its scrapes.`,
      description:
        'Pods of that node may have no DNS. Look at the pod and its last log: kubectl -n {{ $labels.namespace }} ' +
        'describe pod {{ $labels.pod }}.',
    },
  ];
}

function nodeMissing(scope: AlertScope, { nodeMissing: settings }: AlertValues): AlertDefinition {
  const excluded = `(${join(settings.excludedNodePrefixes, '|')}).*`;
  return {
    name: 'NodeLocalDNSNodeMissing',
    expr: [
      `kube_node_info{os_image!~"Windows.*", node!~"${excluded}"}`,
      `  unless on (cluster, node) ${podsOf(scope)}`,
      '',
    ].join('\n'),
    settings,
    summary: 'Node {{ $labels.node }} has no pod of the DNS cache.',
    description:
      'Where pods are told a link-local address they have no DNS on that node. See whether the DaemonSet leaves it ' +
      'out: kubectl describe node {{ $labels.node }}, its labels and taints against nodeSelector, affinity and ' +
      'tolerations.',
  };
}

function podNotReady(scope: AlertScope, { podNotReady: settings }: AlertValues): AlertDefinition {
  return {
    name: 'NodeLocalDNSPodNotReady',
    expr: [
      `(max by (cluster, namespace, pod) (kube_pod_status_ready{${scope.namespace}, condition="true"}) == 0)`,
      '  * on (cluster, namespace, pod) group_left (node)',
      `  max by (cluster, namespace, pod, node) (${podsOf(scope)})`,
      '',
    ].join('\n'),
    settings,
    summary: 'The pod of the DNS cache on {{ $labels.node }} is not ready.',
    description:
      'It is pending, starting, or fails its probes. See why: kubectl -n {{ $labels.namespace }} describe pod ' +
      '{{ $labels.pod }}.',
  };
}

function restarts({ job }: AlertScope, { restarts: settings }: AlertValues): AlertDefinition {
  return {
    name: 'NodeLocalDNSRestarting',
    expr: `max by (${PER_CACHE}) (changes(process_start_time_seconds{${job}}[30m])) > ${settings.starts}\n`,
    settings,
    summary: `${CACHE} started {{ $value }} times in half an hour.`,
    description:
      'Each start empties the cache, and kube-dns answers meanwhile. Read why the last one ended: kubectl -n ' +
      '{{ $labels.namespace }} logs {{ $labels.pod }} --previous.',
  };
}

function outdated({ namespace, daemonSets }: AlertScope, { outdated: settings }: AlertValues): AlertDefinition {
  const status = (name: string): string =>
    `kube_daemonset_status_${name}_number_scheduled{${namespace}, daemonset=~"${daemonSets}"}`;
  return {
    name: 'NodeLocalDNSDaemonSetOutdated',
    expr: `${status('desired')}\n  - ${status('updated')} > 0\n`,
    settings,
    summary: '{{ $value }} pods of DaemonSet {{ $labels.daemonset }} are of an earlier revision.',
    description:
      'With OnDelete an upgrade reaches a node when its pod is deleted, and tools that wait for a rollout see ' +
      'nothing of it. Delete the pods node by node: kubectl -n {{ $labels.namespace }} delete pod NAME.',
  };
}

/** They need only `up`, the start time of processes, and kube-state-metrics. */
export function availabilityAlerts(scope: AlertScope, values: AlertValues): AlertDefinition[] {
  return [
    ...down(scope, values),
    nodeMissing(scope, values),
    podNotReady(scope, values),
    restarts(scope, values),
    outdated(scope, values),
  ];
}
