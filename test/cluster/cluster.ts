/** The lab's cluster: two nodes with kubelet and kube-proxy, its Service kube-dns, and a client pod on each. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { CHART } from '../../lib/chart/facts';
import { DEFAULTS } from '../../lib/values';

/** Namespace of the chart. */
export const NAMESPACE = 'kube-system';
/** Service kube-dns of the lab. */
export const CLUSTER_IP = '10.96.0.10';
/** First of the chart's localIPs. */
export const LOCAL_IP = '169.254.20.10';
/** Label of the cache's pods. */
export const CACHE = 'k8s-app=node-local-dns';
/** Nodes by number. */
export const NODES = [0, 1] as const;

/** The image as the chart asks for it without values: nobody publishes it yet, and nodes here reach no registry. */
export const IMAGE = `${DEFAULTS.image.registry}/${DEFAULTS.image.repository}:${CHART.appVersion}`;

/** How the cluster is made. */
export interface ClusterOptions {
  /** Image of the cache as an OCI archive, tagged localhost/node-cache:dev. */
  readonly archive: string;
  /** What kubelets write into the resolv.conf of pods. @default the ClusterIP */
  readonly clusterDns?: string;
}

/** What a program printed, and how it ended. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

export class Cluster {
  private readonly script: string;
  private readonly folder: string;
  private readonly environment: NodeJS.ProcessEnv;

  private constructor(script: string, kubeconfig: string, folder: string) {
    this.script = script;
    this.folder = path.dirname(kubeconfig);
    this.environment = { ...process.env, KUBECONFIG: kubeconfig, PATH: `${folder}:${process.env['PATH']}` };
  }

  /**
   * Make it, anew if one is there.
   * @param lab folder of the lab's scripts
   * @throws what the lab says
   */
  static up(lab: string, { archive, clusterDns = CLUSTER_IP }: ClusterOptions): Cluster {
    const script = path.resolve(lab, 'cluster.sh');
    execFileSync(script, ['down'], { stdio: ['ignore', 2, 2] });
    const words = ['up', '--image', archive, '--cluster-dns', clusterDns];
    const kubeconfig = execFileSync(script, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 2] });
    const folder = path.join(process.env['LAB_DIR'] ?? '/var/tmp/nodelocaldns-lab', 'bin');
    if (!existsSync(path.join(folder, 'helm3')))
      throw new Error(`no helm3 in ${folder}: LAB_DIR is where the lab keeps it`);
    const cluster = new Cluster(script, kubeconfig.trim().split('\n').at(-1)!, folder);
    cluster.nameImage('localhost/node-cache:dev', IMAGE);
    return cluster;
  }

  /** Another name for an image that nodes have, as if it were pulled by it. */
  nameImage(image: string, name: string): void {
    for (const node of NODES) {
      const socket = path.join(this.folder, `n${node}`, 'cd.sock');
      this.run('ctr', ['-a', socket, '-n', 'k8s.io', 'images', 'tag', '--force', image, name]);
    }
  }

  /** Build an image and bring it to the nodes. @param name with its registry */
  build(dockerfile: string, context: string, name: string): void {
    const lab = path.dirname(this.script);
    const archive = this.run(path.join(lab, 'image.sh'), [dockerfile, context, name]).trim().split('\n').at(-1)!;
    this.run(this.script, ['load', archive]);
  }

  down(): void {
    execFileSync(this.script, ['down'], { stdio: ['ignore', 2, 2] });
  }

  /** Environment for programs that are started without waiting: kubectl with this cluster. */
  get settings(): NodeJS.ProcessEnv {
    return this.environment;
  }

  /** @throws with what it said, when it fails */
  run(program: string, words: readonly string[], input = ''): string {
    const { code, output } = this.attempt(program, words, input);
    if (code !== 0) throw new Error(`${program} ${words.join(' ')}: exit code ${code}\n${output}`);
    return output;
  }

  attempt(program: string, words: readonly string[], input = ''): Ended {
    const options = { env: this.environment, encoding: 'utf8', input, maxBuffer: 64 << 20 } as const;
    const { status, stdout, stderr, error } = spawnSync(program, words, options);
    if (error !== undefined) throw error;
    return { code: status ?? -1, output: status === 0 ? stdout : `${stdout}${stderr}` };
  }

  kubectl(...words: readonly string[]): string {
    return this.run('kubectl', words);
  }

  /** A program in the network namespace of a node. */
  onNode(node: number, ...words: readonly string[]): string {
    return this.run(this.script, ['node', String(node), ...words]);
  }

  /** What starts such a program. */
  nodeCommand(node: number, ...words: readonly string[]): readonly [string, readonly string[]] {
    return [this.script, ['node', String(node), ...words]];
  }

  /** The network namespace of a process of this machine. */
  networkOf(processId: number): string {
    return readlinkSync(`/proc/${processId}/ns/net`);
  }

  /** Process id of a program that makes the node, `kubelet` for one. */
  processOf(node: number, name: string): number {
    return Number(readFileSync(path.join(this.folder, `n${node}`, `${name}.pid`), 'utf8').split(' ')[0]);
  }

  /** A program in the client pod of a node. */
  inPod(node: number, ...words: readonly string[]): string {
    return this.kubectl('exec', `client-${node}`, '--', ...words);
  }

  /** Name of the cache's pod on a node that is not ending; '' when there is none. */
  cachePod(node: number): string {
    const list = JSON.parse(this.kubectl('-n', NAMESPACE, 'get', 'pods', '-l', CACHE, '-o', 'json')) as PodList;
    const here = list.items.filter(
      ({ spec, metadata }) => spec.nodeName === `node${node}` && !metadata.deletionTimestamp,
    );
    return here[0]?.metadata.name ?? '';
  }

  /** `node-cache …` in the cache's container on a node. */
  inCache(node: number, ...words: readonly string[]): Ended {
    return this.attempt('kubectl', ['-n', NAMESPACE, 'exec', this.cachePod(node), '--', '/node-cache', ...words]);
  }

  /** The cache's metrics, all samples of one name added up. */
  metric(node: number, name: string, labels = ''): number {
    const page = this.onNode(node, 'curl', '-sf', 'http://127.0.0.1:9253/metrics');
    const lines = page.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
    return lines.filter((line) => line.includes(labels)).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
    readonly spec: { readonly nodeName?: string };
  }[];
}

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Look until it is so.
 * @param look '' when it is, else what is not so yet; a throw counts as that
 * @returns milliseconds it took
 */
export async function until(look: () => string, withinMs: number): Promise<number> {
  const start = performance.now();
  for (;;) {
    let missing: string;
    try {
      missing = look();
    } catch (error) {
      missing = (error as Error).message;
    }
    const tookMs = performance.now() - start;
    if (missing === '') return tookMs;
    if (tookMs > withinMs) throw new Error(`not so after ${withinMs / 1000} s: ${missing}`);
    await wait(200);
  }
}
