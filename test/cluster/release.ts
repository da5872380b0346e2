/** The chart as a release in the cluster: installed, changed, removed, by either Helm. */
import path from 'node:path';
import { CACHE, type Cluster, NAMESPACE, NODES, until } from './cluster';
import { held } from './lease';

/** Helm programs of the lab. */
export const HELMS = ['helm3', 'helm4'] as const;
/** One of {@link HELMS}. */
export type Helm = (typeof HELMS)[number];

/** Folder of the chart. */
export const CHART_FOLDER = path.join(__dirname, '../../charts');
const NAME = 'nodelocaldns';
const READY_MS = 90_000;

/** `--set` for each of them. */
export const settings = (values: readonly string[]): string[] => values.flatMap((value) => ['--set', value]);

export class Release {
  private readonly cluster: Cluster;
  private readonly helm: Helm;

  constructor(cluster: Cluster, helm: Helm) {
    this.cluster = cluster;
    this.helm = helm;
  }

  private run(...words: readonly string[]): string {
    return this.cluster.run(this.helm, [...words, '-n', NAMESPACE]);
  }

  /** @returns milliseconds until both nodes hold their leases */
  install(values: readonly string[] = []): Promise<number> {
    this.run('install', NAME, CHART_FOLDER, '--wait', '--timeout', '90s', ...settings(values));
    return this.ready();
  }

  upgrade(values: readonly string[]): string {
    return this.run('upgrade', NAME, CHART_FOLDER, '--wait', '--timeout', '90s', ...settings(values));
  }

  /** Not waiting, as NOTES say. @returns NOTES */
  change(values: readonly string[]): string {
    return this.run('upgrade', NAME, CHART_FOLDER, ...settings(values));
  }

  /** Not waiting: with OnDelete nothing comes by itself, for which Helm 4 waits in vain. */
  rollback(): string {
    return this.run('rollback', NAME, '1');
  }

  /**
   * Not by its log: two kubelets of one machine take each other's for left over.
   * @returns names of the questions that had records @throws when one has none
   */
  test(): string[] {
    this.run('test', NAME, '--timeout', '90s');
    const words = ['-n', NAMESPACE, 'get', 'pod', 'node-local-dns-test', '-o', 'json'];
    const { status } = JSON.parse(this.cluster.kubectl(...words)) as TestPod;
    return status.containerStatuses.filter(({ state }) => state.terminated?.exitCode === 0).map(({ name }) => name);
  }

  /** Not waiting for the pods' ends, as most people do. */
  uninstall(...flags: readonly string[]): string {
    return this.run('uninstall', NAME, '--timeout', '120s', ...flags);
  }

  /** All pods ready, all leases held. */
  ready(): Promise<number> {
    return until(() => notReady(this.cluster), READY_MS);
  }
}

interface TestPod {
  readonly status: {
    readonly containerStatuses: readonly {
      readonly name: string;
      readonly state: { readonly terminated?: { readonly exitCode: number } };
    }[];
  };
}

/** What is not as it should be after an install; '' when all is. */
export function notReady(cluster: Cluster): string {
  const words = ['-n', NAMESPACE, 'get', 'pods', '-l', CACHE, '--no-headers'];
  const lines = cluster
    .kubectl(...words)
    .trim()
    .split('\n');
  const bad = lines.filter((line) => !/ 1\/1 +Running /.test(line));
  if (bad.length > 0 || lines.length !== NODES.length) return `pods: ${lines.join('; ')}`;
  return NODES.map((node) => held(cluster, node))
    .filter((text) => text !== '')
    .join('; ');
}
