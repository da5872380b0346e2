/** Clients in pods of node0: they ask every few milliseconds, and note when answers came and from whom. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { type Notes, type Stream, WAYS } from '../drill/streams';
import { Inside } from '../support/namespace';
import { CLUSTER_IP, type Cluster, LOCAL_IP, until } from './cluster';
import type { HealthChange } from './health-inside';

/** A pod on the host's network; those of the lab have networks of their own. */
const HOST_POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'host-0', namespace: 'default' },
  spec: {
    nodeName: 'node0',
    hostNetwork: true,
    terminationGracePeriodSeconds: 0,
    containers: [
      { name: 'client', image: 'localhost/lab-tools:1', imagePullPolicy: 'Never', command: ['sleep', 'infinity'] },
    ],
  },
};
const PODS = { pod: 'client-0', node: 'host-0' } as const;
const HEALTH_PORT = 8080;
/** Half as often as in ../drill: kubelets, containerds and an API server work on the same machine. */
const INTERVAL_MS = 10;

/** Both addresses in all ways, from a pod and from the host's network. */
export const STREAMS: readonly Stream[] = (['pod', 'node'] as const).flatMap((place) =>
  [CLUSTER_IP, LOCAL_IP].flatMap((address) => WAYS.map((way) => ({ place, address, way }))),
);

/** What the clients went through, and how the cache's /health was meanwhile. */
export interface Heard {
  readonly notes: readonly Notes[];
  readonly health: readonly HealthChange[];
}

export class Clients {
  private readonly cluster: Cluster;
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'clients-'));
  private inside: readonly Inside[] = [];
  private health: Inside | undefined;

  constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  /** Pods are there, and have the client. */
  async prepare(): Promise<void> {
    const { cluster } = this;
    cluster.run('kubectl', ['apply', '-f', '-'], JSON.stringify(HOST_POD));
    await until(() => {
      cluster.kubectl('wait', '--for=condition=Ready', 'pod/host-0', '--timeout=1s');
      return '';
    }, 30_000);
    const client = this.bundle('../drill/client-inside.ts');
    for (const pod of Object.values(PODS)) {
      cluster.run(
        'kubectl',
        ['exec', '-i', pod, '--', 'sh', '-c', 'cat > /tmp/client.js'],
        readFileSync(client, 'utf8'),
      );
    }
  }

  private bundle(file: string): string {
    const outfile = path.join(this.folder, `${path.basename(file, '.ts')}.js`);
    const entryPoints = [path.join(__dirname, file)];
    buildSync({ entryPoints, bundle: true, platform: 'node', target: 'node20', outfile, logLevel: 'error' });
    return outfile;
  }

  private start(program: string, words: readonly string[]): Inside {
    const child: ChildProcess = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'], env: this.cluster.settings });
    return new Inside(child);
  }

  /** They begin to ask. */
  async ask(streams: readonly Stream[] = STREAMS): Promise<void> {
    const places = (['pod', 'node'] as const).filter((place) => streams.some((stream) => stream.place === place));
    this.health = this.start(...this.cluster.nodeCommand(0, process.execPath, this.bundle('health-inside.ts')));
    this.inside = places.map((place) =>
      this.start('kubectl', ['exec', '-i', PODS[place], '--', 'node', '/tmp/client.js']),
    );
    await this.health.call('start', LOCAL_IP, HEALTH_PORT);
    const mine = places.map((place) => streams.filter((stream) => stream.place === place));
    await Promise.all(this.inside.map((each, index) => each.call('start', mine[index], INTERVAL_MS)));
  }

  /** They end. */
  async hear(): Promise<Heard> {
    const notes = await Promise.all(this.inside.map((each) => each.call<readonly Notes[]>('stop')));
    const health = await this.health!.call<readonly HealthChange[]>('stop');
    await Promise.all([...this.inside, this.health!].map((each) => each.end()));
    return { notes: notes.flat(), health };
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
