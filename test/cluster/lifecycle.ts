/** Issue 5's cycle on the cluster: install, answers, helm test, upgrade, rollback, uninstall; nodes are left as they were. */
import { CACHE, CLUSTER_IP, type Cluster, LOCAL_IP, NAMESPACE, NODES, until } from './cluster';
import { cacheProcess } from './faults';
import { difference, nodeStates } from './node-state';
import { type Helm, notReady, Release } from './release';
import type { Say } from './say';

/** Names that the lab's DNS has: of a Service, and outside the cluster. */
const [SERVICE_NAME, EXTERNAL_NAME] = ['web.default.svc.cluster.local', 'www.example.test'] as const;
/** Until nodes are cleaned, or a pod is gone. */
export const SETTLE_MS = 60_000;
/** Until all pods are others. A kubelet of 1.20 on a busy machine needed more than a minute to report that one had ended. */
const REPLACE_MS = 120_000;
/** The kubelet looks after ConfigMaps once a minute, the cache every 10 s, and its reload plugin every 30 to 45 s. */
const RELOAD_MS = 150_000;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Client pods get answers by their own resolv.conf, and the cache of their node counts them. */
export function answers(cluster: Cluster, say: Say, addresses: readonly string[]): void {
  for (const node of NODES) {
    const read = (): number[] => [
      cluster.metric(node, 'coredns_dns_requests_total'),
      cluster.metric(node, 'coredns_cache_hits_total', 'type="success"'),
    ];
    for (const address of addresses) {
      for (const name of [SERVICE_NAME, EXTERNAL_NAME]) {
        const [requests, hits] = read();
        const at = address === '' ? [] : [`@${address}`];
        const dig = (): string => cluster.inPod(node, 'dig', '+short', '+time=2', '+tries=1', ...at, name).trim();
        const got = [dig(), dig(), dig()];
        const [after, hitsAfter] = read();
        const isGood =
          got.every((text) => /^\d+(\.\d+){3}$/.test(text)) && after - requests >= 3 && hitsAfter - hits >= 2;
        const where = address === '' ? 'by its resolv.conf' : `@${address}`;
        say.judge(
          isGood,
          `client-${node} ${where}: ${name} is ${got[0]}; requests +${after - requests}, hits +${hitsAfter - hits} on node${node}`,
        );
      }
    }
  }
}

/** Wait until nodes are as before, and say so. */
export async function isClean(cluster: Cluster, say: Say, before: readonly string[], after: string): Promise<void> {
  let left = '';
  try {
    const tookMs = await until(() => {
      left = difference(before, nodeStates(cluster));
      return left;
    }, SETTLE_MS);
    say.judge(
      true,
      `${after}: links, addresses, rules and sets of both nodes are as before, line for line (${seconds(tookMs)})`,
    );
  } catch {
    say.judgeNone(left, `${after}: links, addresses, rules and sets of both nodes are as before`);
  }
}

/** Sums of the Corefiles in use. */
function loaded(cluster: Cluster): string[] {
  return NODES.map((node) => {
    const { config } = JSON.parse(cluster.inCache(node, 'status', '--json').output) as Status;
    return config.sha512;
  });
}

/** Names of the caches' pods. */
export const podNames = (cluster: Cluster): string => NODES.map((node) => cluster.cachePod(node)).join(' ');

/** The pod's resolv.conf leads it to the cache or not; the cache knows its own address in any case. */
function tested(say: Say, release: Release, helm: Helm): void {
  const answered = release.test();
  say.judge(answered.length >= 4, `${helm} test: succeeded, records for ${answered.join(', ')}`);
}

/** The whole cycle. */
export async function lifecycle(cluster: Cluster, say: Say, helm: Helm): Promise<void> {
  const before = nodeStates(cluster);
  const release = new Release(cluster, helm);
  say.doing(`${helm} install`);
  const readyMs = await release.install();
  say.judge(
    true,
    `${helm} install with no values: both pods ready, all leases held (${seconds(readyMs)} after Helm was done)`,
  );
  answers(cluster, say, ['', CLUSTER_IP, LOCAL_IP]);
  const resolver = cluster
    .inPod(0, 'cat', '/etc/resolv.conf')
    .split('\n')
    .find((line) => line.startsWith('nameserver'));
  say.text(`       pods have ${resolver}`);
  say.doing(`${helm} test`);
  tested(say, release, helm);
  say.doing(`${helm} upgrade, rollback`);
  const pods = podNames(cluster);
  const configurations = loaded(cluster);
  release.upgrade(['zones.external.cache.success.ttlSeconds=60']);
  const reloadMs = await until(() => {
    const now = loaded(cluster);
    return NODES.every((node) => now[node] !== configurations[node]) ? '' : 'the old Corefile is in use';
  }, RELOAD_MS);
  say.judge(
    podNames(cluster) === pods,
    `${helm} upgrade of the Corefile: the same pods have it after ${seconds(reloadMs)}`,
  );
  release.upgrade(['daemonSet.updateStrategy.type=RollingUpdate', 'daemonSet.terminationGracePeriodSeconds=20']);
  const newMs = await until(() => (podNames(cluster) === pods ? 'no new pods' : notReady(cluster)), REPLACE_MS);
  say.judge(true, `${helm} upgrade with RollingUpdate: new pods, all leases held (${seconds(newMs)})`);
  release.rollback();
  cluster.kubectl('-n', NAMESPACE, 'delete', 'pods', '-l', CACHE, '--wait=false'); // OnDelete again, which means by hand.
  const backMs = await until(() => notReady(cluster), REPLACE_MS);
  say.judge(true, `${helm} rollback, pods deleted: all leases held (${seconds(backMs)})`);
  answers(cluster, say, ['']);
  say.doing(`${helm} uninstall`);
  release.uninstall();
  await isClean(cluster, say, before, `${helm} uninstall`);
}

/** A cache that hangs is killed in the end, and leaves link and rules behind: the chart's hook takes them away. */
export async function leftovers(cluster: Cluster, say: Say, helm: Helm): Promise<void> {
  const before = nodeStates(cluster);
  const release = new Release(cluster, helm);
  await release.install();
  say.doing(`both caches are stopped, ${helm} uninstall`);
  for (const node of NODES) process.kill(cacheProcess(cluster, node), 'SIGSTOP'); // Does not hear the kubelet's SIGTERM.
  release.uninstall();
  await isClean(cluster, say, before, `${helm} uninstall of caches that had to be killed`);
}

/** The same where kubelets tell pods the link-local address, as with kube-proxy in IPVS mode. */
export async function linkLocal(cluster: Cluster, say: Say, helm: Helm): Promise<void> {
  const before = nodeStates(cluster);
  const release = new Release(cluster, helm);
  const readyMs = await release.install(['mode=ipvs']);
  say.judge(true, `${helm} install with mode=ipvs: both pods ready, all leases held (${seconds(readyMs)})`);
  answers(cluster, say, ['']);
  const [nameserver] = cluster.inPod(0, 'cat', '/etc/resolv.conf').match(/nameserver .*/) ?? [''];
  say.judge(nameserver === `nameserver ${LOCAL_IP}`, `pods have ${nameserver}`);
  tested(say, release, helm);
  release.uninstall();
  await isClean(cluster, say, before, `${helm} uninstall`);
}

interface Status {
  readonly config: { readonly sha512: string };
}
