/** When the alerts about pods and nodes fire. Thresholds are the defaults. */
import { availabilityAlerts } from '../../../lib/monitoring/availability-alerts';
import { type AlertCase, alone, describeAlerts, fired, silent } from '../../support/promtool';

const WINDOWS = 'Windows Server 2022 Datacenter';
const node = (name: string, image = 'Ubuntu 24.04 LTS') => `kube_node_info{node="${name}", os_image="${image}"}`;
const pod = (name: string, on: string, set = 'node-local-dns') =>
  `kube_pod_info{namespace="kube-system", pod="${name}", node="${on}", created_by_kind="DaemonSet", created_by_name="${set}"}`;
const ready = (name: string) => `kube_pod_status_ready{namespace="kube-system", pod="${name}", condition="true"}`;
const rollout = (what: string) =>
  `kube_daemonset_status_${what}_number_scheduled{namespace="kube-system", daemonset="node-local-dns"}`;

const CASES: readonly AlertCase[] = [
  {
    alert: 'NodeLocalDNSDown',
    title: 'fires when the last cache has been down for five minutes',
    series: { up: '1 0x10' },
    atMinutes: 7,
    fires: alone('No DNS cache answers its scrapes.', { severity: 'critical' }),
  },
  {
    alert: 'NodeLocalDNSDown',
    title: 'fires when Prometheus has no target',
    series: {},
    atMinutes: 6,
    fires: alone('No DNS cache answers its scrapes.', { severity: 'critical' }),
  },
  {
    alert: 'NodeLocalDNSDown',
    title: 'is silent while one of two caches is up',
    series: { up: '0x10', 'up{instance="10.0.0.2:9253"}': '1x10' },
    atMinutes: 9,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSInstanceDown',
    title: 'fires for the one of two caches that is down',
    series: { up: '0x10', 'up{instance="10.0.0.2:9253"}': '1x10' },
    atMinutes: 6,
    fires: fired('The DNS cache on node1 does not answer its scrapes.', 'critical', { job: 'node-local-dns' }),
  },
  {
    alert: 'NodeLocalDNSInstanceDown',
    title: 'is silent while a pod is replaced',
    series: { up: '1 0 0 0 1x10' },
    atMinutes: 6,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSNodeMissing',
    title: 'fires for the node without a pod',
    series: { [node('node1')]: '1x20', [node('node2')]: '1x20', [pod('a', 'node1')]: '1x20' },
    atMinutes: 16,
    fires: alone('Node node2 has no pod of the DNS cache.', {
      node: 'node2',
      os_image: 'Ubuntu 24.04 LTS',
      severity: 'warning',
    }),
  },
  {
    alert: 'NodeLocalDNSNodeMissing',
    title: 'is silent where a pod of a node pool is on the node, on Windows, and on Fargate',
    series: {
      [node('node1')]: '1x20',
      [pod('a', 'node1', 'node-local-dns-gpu')]: '1x20',
      [node('node3', WINDOWS)]: '1x20',
      [node('fargate-ip-10-0-0-7')]: '1x20',
    },
    atMinutes: 16,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSPodNotReady',
    title: 'fires for the pod that is not ready, and says its node',
    series: { [ready('a')]: '0x20', [pod('a', 'node2')]: '1x20' },
    atMinutes: 16,
    fires: alone('The pod of the DNS cache on node2 is not ready.', {
      namespace: 'kube-system',
      node: 'node2',
      pod: 'a',
      severity: 'warning',
    }),
  },
  {
    alert: 'NodeLocalDNSPodNotReady',
    title: 'is silent about ready pods, and about those of others',
    series: { [ready('a')]: '1x20', [pod('a', 'node2')]: '1x20', [ready('coredns')]: '0x20' },
    atMinutes: 16,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSRestarting',
    title: 'fires at the third start in half an hour',
    series: { process_start_time_seconds: '100x5 200x5 300x5 400x20' },
    atMinutes: 20,
    fires: fired('The DNS cache on node1 started 3 times in half an hour.', 'warning'),
  },
  {
    alert: 'NodeLocalDNSRestarting',
    title: 'is silent after two starts',
    series: { process_start_time_seconds: '100x5 200x5 300x30' },
    atMinutes: 20,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSDaemonSetOutdated',
    title: 'fires when pods are of an earlier revision for a day',
    series: { [rollout('desired')]: '5x1500', [rollout('updated')]: '2x1500' },
    atMinutes: 1450,
    fires: alone('3 pods of DaemonSet node-local-dns are of an earlier revision.', {
      namespace: 'kube-system',
      daemonset: 'node-local-dns',
      severity: 'info',
    }),
  },
  {
    alert: 'NodeLocalDNSDaemonSetOutdated',
    title: 'is silent for the first day, and when all are replaced',
    series: { [rollout('desired')]: '5x1500', [rollout('updated')]: '2x1400 5x100' },
    atMinutes: 1450,
    fires: silent,
  },
];

describeAlerts(availabilityAlerts, CASES);
