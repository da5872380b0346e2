/**
 * A Prometheus beside the cluster. Debian's cannot ask the API for pods, so {@link Monitoring.discover} does, and takes those
 * that the chart's annotations offer. It scrapes through the API server, because nodes are in networks of their own.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { Prometheus } from '../dashboard/prometheus';
import type { Cluster } from './cluster';

/** Of this machine. */
const PORT = 23_190;
/** Where it answers. */
export const PROMETHEUS = `http://127.0.0.1:${PORT}`;
const [SCRAPE, SCRAPE_PORT] = ['prometheus.io/scrape', 'prometheus.io/port'];

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: { readonly server: string; 'certificate-authority-data': string } }];
  readonly users: readonly [{ readonly user: { readonly token: string } }];
}

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly nodeName: string };
}

export class Monitoring {
  private readonly cluster: Cluster;
  private readonly prometheus: Prometheus;
  private readonly targets: string;
  private readonly api: string;

  /** @param folder for its data; whoever made it removes it */
  constructor(cluster: Cluster, folder: string) {
    this.cluster = cluster;
    const { clusters, users } = parse(readFileSync(cluster.settings['KUBECONFIG']!, 'utf8')) as Kubeconfig;
    const [{ cluster: api }] = clusters;
    this.api = new URL(api.server).host;
    this.targets = path.join(folder, 'targets.json');
    writeFileSync(this.targets, '[]');
    const authority = path.join(folder, 'ca.crt');
    writeFileSync(authority, Buffer.from(api['certificate-authority-data'], 'base64'));
    const job = {
      job_name: 'node-local-dns',
      scheme: 'https',
      authorization: { credentials: users[0].user.token },
      tls_config: { ca_file: authority },
      file_sd_configs: [{ files: [this.targets] }],
    };
    this.prometheus = new Prometheus(folder, PORT, [job]);
  }

  ready(): Promise<void> {
    return this.prometheus.ready();
  }

  /** Look for pods that are to be scraped. */
  discover(): void {
    const { items } = JSON.parse(this.cluster.kubectl('get', 'pods', '-A', '-o', 'json')) as { items: Pod[] };
    const offered = items.filter(({ metadata }) => metadata.annotations?.[SCRAPE] === 'true');
    const groups = offered.map(({ metadata: { name, namespace, annotations }, spec }) => ({
      targets: [this.api],
      labels: {
        __metrics_path__: `/api/v1/namespaces/${namespace}/pods/${name}:${annotations?.[SCRAPE_PORT]}/proxy/metrics`,
        ...{ instance: spec.nodeName, node: spec.nodeName, pod: name, namespace },
      },
    }));
    writeFileSync(this.targets, JSON.stringify(groups));
  }

  stop(): Promise<void> {
    return this.prometheus.stop();
  }
}
