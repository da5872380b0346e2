/** What platform engineers do to a release, and what nodes do to them: nobody loses DNS, nothing hangs, nothing is left. */
import { CACHE, CLUSTER_IP, type Cluster, IMAGE, NAMESPACE, NODES, until } from './cluster';
import { cacheProcess } from './faults';
import { isClean, SETTLE_MS } from './lifecycle';
import { difference, linesOfCache, nodeStates } from './node-state';
import { Release } from './release';
import type { Say } from './say';

const NAME = 'web.default.svc.cluster.local';
/** 20 s until a node that says nothing is not ready, and what the controller takes to notice. */
const NOT_READY_MS = 90_000;
/** A kubelet that comes back has two pods to end: the cache and its clean-up. */
const BACK_MS = 150_000;
/** The clean-up's wait, the end of a pod, and a busy machine. */
const UNINSTALL_MS = 110_000;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Pods of a label, on a node or on all; '' for none. */
function pods(cluster: Cluster, label: string): string {
  return cluster.kubectl('-n', NAMESPACE, 'get', 'pods', '-l', label, '-o', 'name').trim();
}

/** The node itself asks, which needs no kubelet; pods ask by their own resolv.conf. */
function resolves(cluster: Cluster, node: number): boolean {
  const answer = cluster.onNode(node, 'dig', '+short', '+time=2', '+tries=1', `@${CLUSTER_IP}`, NAME);
  return /^10\./.test(answer);
}

function timed(work: () => void): number {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

/** With OnDelete an upgrade changes a node when somebody says so, cordoned or not; and back. */
export async function onDelete(cluster: Cluster, say: Say): Promise<void> {
  const before = nodeStates(cluster);
  const release = new Release(cluster, 'helm4');
  await release.install();
  const former = NODES.map((node) => cluster.cachePod(node));
  const notes = release.change(['daemonSet.terminationGracePeriodSeconds=25']);
  const isSame = NODES.every((node) => cluster.cachePod(node) === former[node]);
  say.judge(isSame && /OnDelete/.test(notes), 'OnDelete, upgrade of the pods: both are the same, and NOTES say why');
  cluster.kubectl('cordon', 'node0');
  cluster.kubectl('-n', NAMESPACE, 'delete', 'pod', former[0]);
  await release.ready();
  const grace = NODES.map((node) =>
    cluster.kubectl(
      '-n',
      NAMESPACE,
      'get',
      'pod',
      cluster.cachePod(node),
      '-o',
      'jsonpath={.spec.terminationGracePeriodSeconds}',
    ),
  );
  say.judge(
    grace[0] === '25' && grace[1] !== '25',
    `OnDelete, pod of a cordoned node deleted: grace period ${grace.join(' and ')} s`,
  );
  cluster.kubectl('uncordon', 'node0');
  release.rollback();
  cluster.kubectl('-n', NAMESPACE, 'delete', 'pod', cluster.cachePod(0));
  await release.ready();
  say.judge(
    cluster.cachePod(1) === former[1],
    'OnDelete, rollback, that pod deleted: all leases held, the other is the same',
  );
  release.uninstall();
  await isClean(cluster, say, before, 'uninstall');
}

/** A node that is down holds nobody up. */
export async function nodeDown(cluster: Cluster, say: Say): Promise<void> {
  const before = nodeStates(cluster);
  const release = new Release(cluster, 'helm4');
  await release.install();
  const kubelet = cluster.processOf(1, 'kubelet');
  process.kill(kubelet, 'SIGSTOP');
  try {
    await until(() => (/node1 +NotReady/.test(cluster.kubectl('get', 'nodes')) ? '' : 'ready'), NOT_READY_MS);
    const upgradeMs = timed(() => release.change(['zones.external.cache.success.ttlSeconds=60']));
    say.judge(upgradeMs < 30_000, `node1 is down, upgrade: over after ${seconds(upgradeMs)}`);
    say.judge(resolves(cluster, 1), 'node1 is down, its cache is not: it answers');
    const uninstallMs = timed(() => release.uninstall());
    say.judge(uninstallMs < UNINSTALL_MS, `node1 is down, uninstall: over after ${seconds(uninstallMs)}, exit code 0`);
    await until(() => linesOfCache(cluster, 0), SETTLE_MS);
    const isThere = linesOfCache(cluster, 1) !== '';
    say.judge(isThere, 'node1 is down, uninstall: nothing of the cache is left on node0; node1 has all of it');
  } finally {
    process.kill(kubelet, 'SIGCONT');
  }
  const backMs = await until(() => pods(cluster, `k8s-app in (node-local-dns, node-local-dns-cleanup)`), BACK_MS);
  say.judge(true, `node1 is back: its pods are gone after ${seconds(backMs)}`);
  await isClean(cluster, say, before, 'node1 is back');
}

/** Without hooks what killed caches leave stays, does no harm, and goes by the command of docs/how-to/uninstall.md. */
export async function withoutHooks(cluster: Cluster, say: Say): Promise<void> {
  const before = nodeStates(cluster);
  const release = new Release(cluster, 'helm4');
  await release.install();
  for (const node of NODES) process.kill(cacheProcess(cluster, node), 'SIGSTOP');
  release.uninstall('--no-hooks');
  await until(() => pods(cluster, CACHE), SETTLE_MS);
  const left = difference(before, nodeStates(cluster));
  const isAnswered = NODES.every((node) =>
    /^10\./.test(cluster.inPod(node, 'dig', '+short', '+time=2', '+tries=1', NAME)),
  );
  say.judge(
    left !== '' && isAnswered,
    'uninstall --no-hooks of caches that were killed: link and rules stay, pods resolve',
  );
  for (const node of NODES) {
    const words = [
      'debug',
      `node/node${node}`,
      '--profile=sysadmin',
      `--image=${IMAGE}`,
      '--',
      '/node-cache',
      'cleanup',
    ];
    cluster.kubectl(...words);
  }
  await isClean(cluster, say, before, 'node-cache cleanup by kubectl debug');
  const debuggers = cluster.kubectl('get', 'pods', '-o', 'name').split('\n');
  cluster.kubectl('delete', '--now', ...debuggers.filter((name) => name.includes('node-debugger-')));
}

/** Somebody deletes the objects, not the release. */
export async function byKubectl(cluster: Cluster, say: Say): Promise<void> {
  const before = nodeStates(cluster);
  const release = new Release(cluster, 'helm4');
  await release.install();
  const kinds = 'daemonset,configmap,service,serviceaccount';
  cluster.kubectl('-n', NAMESPACE, 'delete', kinds, '-l', 'app.kubernetes.io/instance=nodelocaldns');
  await isClean(cluster, say, before, 'all objects deleted by kubectl');
  release.uninstall();
  const { code } = cluster.attempt('helm4', ['status', 'nodelocaldns', '-n', NAMESPACE]);
  say.judge(code !== 0, 'uninstall of what is gone already: no error, and the release is gone');
  await isClean(cluster, say, before, 'uninstall of what is gone already');
}
