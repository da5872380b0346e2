/**
 * What the lab's DNS servers do not know by themselves, because their zones are files: the chart's headless Service before
 * them, by which the cache learns who answers for link-local addresses, and a name whose TTL tells who answered.
 */
import { SERVER_TTL_SECONDS } from '../drill/addresses';
import { type Cluster, NAMESPACE, until } from './cluster';

const ZONE_FILE = '/etc/lab-dns/cluster.local.zone';

interface DnsPods {
  readonly items: readonly {
    readonly metadata: { readonly name: string };
    readonly status: { readonly podIP: string };
  }[];
}

/** Tell all servers, and wait until both answer so. */
export async function prepareClusterDns(cluster: Cluster): Promise<void> {
  const list = cluster.kubectl('-n', NAMESPACE, 'get', 'pods', '-l', 'k8s-app=kube-dns', '-o', 'json');
  const pods = (JSON.parse(list) as DnsPods).items.map(({ metadata, status }) => ({ ...metadata, ...status }));
  const lines = [
    `who.default.svc ${SERVER_TTL_SECONDS} IN A 192.0.2.1`,
    ...pods.map(({ podIP }) => `kube-dns-endpoints.kube-system.svc IN A ${podIP}`),
  ];
  for (const { name } of pods) {
    const script = `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')} >> ${ZONE_FILE} && kill -HUP 1`;
    cluster.kubectl('-n', NAMESPACE, 'exec', name, '--', 'sh', '-c', script);
  }
  for (const { podIP } of pods) {
    const ask = ['dig', '+short', '+time=1', '+tries=1', `@${podIP}`, 'who.default.svc.cluster.local'];
    await until(() => (cluster.inPod(0, ...ask).includes('192.0.2.1') ? '' : `${podIP} does not know it`), 15_000);
  }
}
