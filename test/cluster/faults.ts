/** What happens to the cache's pod on node0, by the hands that Kubernetes and the kernel have for it. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Cluster, NAMESPACE, wait } from './cluster';

/** One way to lose a cache. */
export interface ClusterFault {
  readonly name: string;
  /** Do it; what comes after is the kubelet's business. @returns when it is over, for those that need an end */
  harm(cluster: Cluster): Promise<void> | void;
}

/** Process id of the cache on a node, as the machine sees it. @throws when there is none */
export function cacheProcess(cluster: Cluster, node = 0): number {
  const namespace = cluster.onNode(node, 'readlink', '/proc/self/ns/net').trim();
  const found = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      return words.some((word) => word.startsWith('-localip=')) && cluster.networkOf(Number(name)) === namespace;
    } catch {
      return false; // It ended while we looked.
    }
  });
  if (found.length !== 1) throw new Error(`want one cache on node${node}, found ${found.length}`);
  return Number(found[0]);
}

const forced: ClusterFault = {
  name: 'kubectl delete --force',
  harm: (cluster) => {
    const words = ['delete', 'pod', cluster.cachePod(0), '--force', '--grace-period=0', '--wait=false'];
    cluster.kubectl('-n', NAMESPACE, ...words);
  },
};

const killed: ClusterFault = {
  name: 'SIGKILL of the process',
  harm: (cluster) => {
    process.kill(cacheProcess(cluster), 'SIGKILL');
  },
};

const [ROOM_BYTES, GREED_BYTES] = [8 << 20, 48 << 20];

/** The container's control group of version 1, where kubelets of that age put limits. */
function memoryGroup(processId: number): string {
  const line = readFileSync(`/proc/${processId}/cgroup`, 'utf8')
    .split('\n')
    .find((each) => each.includes(':memory:'));
  const folder = path.join('/sys/fs/cgroup/memory', line?.split(':')[2] ?? '');
  if (line === undefined || !existsSync(`${folder}/memory.limit_in_bytes`))
    throw new Error('no memory group of version 1');
  return folder;
}

const outOfMemory: ClusterFault = {
  name: 'memory limit of the container',
  harm: async (cluster) => {
    const processId = cacheProcess(cluster);
    const group = memoryGroup(processId);
    const usedBytes = Number(readFileSync(`${group}/memory.usage_in_bytes`, 'utf8'));
    writeFileSync(`/proc/${processId}/oom_score_adj`, '1000'); // The likeliest victim.
    writeFileSync(`${group}/memory.limit_in_bytes`, String(usedBytes + ROOM_BYTES));
    const enter = `echo $$ > ${group}/cgroup.procs && exec ${process.execPath} -e 'Buffer.alloc(${GREED_BYTES}, 1)'`;
    const greedy = spawn('sh', ['-c', enter], { stdio: 'ignore' });
    for (let look = 0; existsSync(`/proc/${processId}`) && look < 500; look++) await wait(10);
    greedy.kill('SIGKILL');
    if (existsSync(`/proc/${processId}`)) throw new Error('the kernel did not kill the cache for its memory');
  },
};

/** Of a process that hangs the kubelet learns late: 5 probes, 10 s apart. */
const stopped: ClusterFault = {
  name: 'SIGSTOP, 5 s, SIGCONT',
  harm: async (cluster) => {
    const processId = cacheProcess(cluster);
    process.kill(processId, 'SIGSTOP');
    await wait(5_000);
    process.kill(processId, 'SIGCONT');
  },
};

/** All of them. */
export const CLUSTER_FAULTS: readonly ClusterFault[] = [forced, killed, outOfMemory, stopped];
