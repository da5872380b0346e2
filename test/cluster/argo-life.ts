/** The chart as an Application of Argo CD: synced, changed, pruned, deleted; nodes are left as they were. */
import { Application } from './argo';
import { CACHE, type Cluster, NAMESPACE, NODES, until } from './cluster';
import { cacheProcess } from './faults';
import { answers, isClean, podNames, SETTLE_MS } from './lifecycle';
import { nodeStates } from './node-state';
import { notReady } from './release';
import type { Say } from './say';

const POOL_LABEL = 'example.test/pool';
/** The cache of node1 by a DaemonSet of its own. */
const POOLS = {
  nodePools: [
    {
      name: 'big',
      nodeLabel: { key: POOL_LABEL, values: ['big'] },
      values: { zones: { external: { cache: { success: { capacity: 20_000 } } } } },
    },
  ],
};

const stay = (cluster: Cluster): string => cluster.kubectl('-n', NAMESPACE, 'get', 'pods', '--no-headers');

async function isReady(cluster: Cluster): Promise<void> {
  await until(() => notReady(cluster), SETTLE_MS);
}

/** Without a value, then with a pool, then without it again. */
async function syncs(cluster: Cluster, say: Say, app: Application): Promise<void> {
  await app.sync();
  await isReady(cluster);
  say.judge(true, 'Argo CD, sync: rendered by its arguments, applied by the server; both pods ready, all leases held');
  answers(cluster, say, ['']);
  const pods = podNames(cluster);
  say.judgeNone(app.difference(), 'Argo CD, compare: Synced, nothing differs');
  await app.sync();
  say.judge(podNames(cluster) === pods, 'Argo CD, sync again: the same pods');
  cluster.kubectl('label', 'node', 'node1', `${POOL_LABEL}=big`);
  await app.sync(POOLS);
  await until(() => (cluster.cachePod(1).startsWith('node-local-dns-big-') ? notReady(cluster) : 'no pod'), SETTLE_MS);
  say.judge(true, 'Argo CD, sync with a node pool: the cache of node1 is that of the pool, all leases held');
  const pruned = await app.sync();
  await until(
    () => (cluster.cachePod(1).startsWith('node-local-dns-big-') ? 'of the pool' : notReady(cluster)),
    SETTLE_MS,
  );
  say.judge(
    pruned.join() === 'ConfigMap/node-local-dns-big,DaemonSet/node-local-dns-big',
    `Argo CD, sync without it: pruned ${pruned.join(', ')}; all leases held`,
  );
  answers(cluster, say, ['']);
  cluster.kubectl('label', 'node', 'node1', `${POOL_LABEL}-`);
}

/** An Application's whole life; at its end caches hang, so that there is something for the PostDelete hooks to do. */
export async function argo(cluster: Cluster, say: Say): Promise<void> {
  const [before, podsBefore] = [nodeStates(cluster), stay(cluster).split('\n').length];
  const app = new Application(cluster);
  await syncs(cluster, say, app);
  say.doing('both caches are stopped, the Application is deleted');
  for (const node of NODES) process.kill(cacheProcess(cluster, node), 'SIGSTOP');
  const left = await app.delete();
  say.judgeNone(
    left.join('\n'),
    'Argo CD, delete: PostDelete hooks ran, succeeded and are gone, as is everything else',
  );
  const pods = stay(cluster).split('\n');
  say.judge(pods.length === podsBefore, `Argo CD, delete: no pod is left over (label ${CACHE} and its clean-up)`);
  await isClean(cluster, say, before, 'Argo CD, delete of caches that had to be killed');
}
