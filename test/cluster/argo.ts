/**
 * What Argo CD does with the chart, by kubectl: renders it with Argo CD's own arguments, tells hooks from objects, applies,
 * compares, prunes; and at an Application's end deletes in the foreground, makes the PostDelete hooks, all at once whatever
 * their weight, waits for their health and deletes them by their policies.
 * @source argoproj/argo-cd 3.x: util/helm/cmd.go template, controller/hook.go, controller/appcontroller.go
 * finalizeApplicationDeletion, gitops-engine/pkg/health
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { UserValues } from '../../lib/values';
import { type Cluster, NAMESPACE, until } from './cluster';
import { CHART_FOLDER } from './release';

/** An object as far as Argo CD looks. */
export interface AppObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly generation?: number;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: { readonly updateStrategy?: { readonly type: string } };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly { readonly type: string; readonly message?: string }[];
  };
}

type Health = 'Healthy' | 'Progressing' | 'Degraded';

const APP = 'nodelocaldns';
const TRACKING = 'argocd.argoproj.io/tracking-id';
const MANAGER = ['--server-side', '--force-conflicts', '--field-manager=argocd-controller'];
/** Of what the chart makes, in the order in which Argo CD applies. */
const KINDS = ['ServiceAccount', 'ConfigMap', 'Service', 'DaemonSet', 'Job'];
const PATIENCE_MS = 150_000;

const key = ({ kind, metadata }: AppObject): string => `${kind}/${metadata.name}`;
const annotation = ({ metadata }: AppObject, name: string): string => metadata.annotations?.[name] ?? '';
const hookOf = (object: AppObject): string => annotation(object, 'helm.sh/hook');

/** As Argo CD judges it; a kind without a rule is healthy. */
function healthOf({ kind, metadata, spec, status }: AppObject): Health {
  if (kind === 'DaemonSet') {
    if (spec?.updateStrategy?.type !== 'OnDelete')
      throw new Error(`health of a ${kind} that is no OnDelete is not here`);
    return (metadata.generation ?? 0) <= (status?.observedGeneration ?? -1) ? 'Healthy' : 'Progressing';
  }
  if (kind !== 'Job') return 'Healthy';
  const ends = status?.conditions?.map(({ type }) => type) ?? [];
  return ends.includes('Failed') ? 'Degraded' : ends.includes('Complete') ? 'Healthy' : 'Progressing';
}

export class Application {
  private readonly cluster: Cluster;
  private values: UserValues = {};

  constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  private kubectl(words: readonly string[], objects: readonly AppObject[] = []): string {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    return this.cluster.run('kubectl', ['-n', NAMESPACE, ...words], list);
  }

  /** All that the chart renders, marked as the Application's. */
  private render(): AppObject[] {
    const { cluster } = this;
    const { serverVersion } = JSON.parse(cluster.kubectl('version', '-o', 'json')) as Version;
    const folder = mkdtempSync(path.join(tmpdir(), 'argo-'));
    const values = path.join(folder, 'values.json');
    writeFileSync(values, JSON.stringify(this.values));
    const versions = cluster.kubectl('api-versions').trim().split('\n');
    const words = [
      ...['template', CHART_FOLDER, '--name-template', APP, '--namespace', NAMESPACE],
      ...['--kube-version', serverVersion.gitVersion.slice(1), '--values', values],
      ...versions.flatMap((version) => ['--api-versions', version]),
      '--include-crds',
    ];
    const text = cluster.run('helm3', words);
    rmSync(folder, { recursive: true });
    const objects = parseAllDocuments(text)
      .map((document) => document.toJS() as AppObject | null)
      .filter((object) => object !== null);
    return objects.map((object) => {
      const id = `${APP}:${object.apiVersion.replace(/\/?v\d\w*$/, '')}/${object.kind}:${NAMESPACE}/${object.metadata.name}`;
      const annotations = { ...object.metadata.annotations, [TRACKING]: id };
      return { ...object, metadata: { ...object.metadata, annotations } };
    });
  }

  /** What is to be in the cluster, in order. Hooks of moments that Argo CD does not know (`test`) are never applied. */
  private targets(): AppObject[] {
    const objects = this.render().filter((object) => hookOf(object) === '');
    const unknown = objects.find(({ kind }) => !KINDS.includes(kind));
    if (unknown !== undefined) throw new Error(`${key(unknown)}: its place among ${KINDS.join(', ')} is not known`);
    const wave = objects.find((object) => annotation(object, 'argocd.argoproj.io/sync-wave') !== '');
    if (wave !== undefined) throw new Error(`${key(wave)}: waves are not here`);
    return objects.sort((left, right) => KINDS.indexOf(left.kind) - KINDS.indexOf(right.kind));
  }

  private hooks(): AppObject[] {
    return this.render().filter((object) => hookOf(object) === 'post-delete');
  }

  /** What the cluster has of the Application's. */
  live(): AppObject[] {
    const { items } = JSON.parse(this.kubectl(['get', KINDS.join(), '-o', 'json'])) as { items: AppObject[] };
    return items.filter((object) => annotation(object, TRACKING).startsWith(`${APP}:`));
  }

  /** Apply what is not as it should be, delete what should not be. @returns what was deleted */
  async sync(values: UserValues = {}): Promise<string[]> {
    this.values = values;
    const targets = this.targets();
    this.kubectl(['apply', ...MANAGER, '-f', '-'], targets);
    const wanted = new Set(targets.map(key));
    const surplus = this.live().filter((object) => !wanted.has(key(object)));
    await this.remove(surplus);
    return surplus.map(key).sort();
  }

  /** What a sync would change, as a server-side diff shows it; '' when the Application is Synced. */
  difference(): string {
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: this.targets() });
    const words = ['-n', NAMESPACE, 'diff', ...MANAGER, '-f', '-'];
    const { code, output } = this.cluster.attempt('kubectl', words, list);
    if (code > 1) throw new Error(`kubectl diff: exit code ${code}\n${output}`);
    return code === 0 ? '' : output;
  }

  /** In the foreground, as Argo CD does: an object goes when what it owns is gone. */
  private async remove(objects: readonly AppObject[]): Promise<void> {
    for (const object of objects) this.kubectl(['delete', '--cascade=foreground', '--wait=false', key(object)]);
    const gone = new Set(objects.map(key));
    await until(
      () =>
        this.live()
          .map(key)
          .filter((name) => gone.has(name))
          .join(', '),
      PATIENCE_MS,
    );
  }

  /** Delete the Application with its finalizers. @returns names of hooks that stay for good */
  async delete(): Promise<string[]> {
    await this.remove(this.live());
    this.kubectl(['create', '-f', '-'], this.hooks());
    const isHook = (object: AppObject): boolean => hookOf(object) === 'post-delete';
    await until(() => {
      const progressing = this.live().filter((object) => isHook(object) && healthOf(object) === 'Progressing');
      return progressing.map(key).join(', ');
    }, PATIENCE_MS);
    const hooks = this.live().filter(isHook);
    const failed = hooks.filter((object) => healthOf(object) === 'Degraded');
    if (failed.length > 0) throw new Error(`PostDelete hooks failed: ${failed.map(key).join(', ')}`);
    const succeeded = hooks.filter((object) =>
      annotation(object, 'helm.sh/hook-delete-policy').split(',').includes('hook-succeeded'),
    );
    await this.remove(succeeded);
    return this.live().map(key);
  }
}

interface Version {
  readonly serverVersion: { readonly gitVersion: string };
}
