/** Objects of a running node-cache, from `kubectl get -o yaml` or a manifest, to what is known of it. */
import { isIP } from 'node:net';
import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { ConfigMap, Container, PodSpec, Service } from 'kubernetes-types/core/v1';
import { DEFAULTS } from '../values';
import { type Draft, setMonitor } from './draft';
import { readFlags } from './flags';
import type { Found } from './found';
import { OWN_REGISTRY } from './peer-values';

/** An object of any kind. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string; readonly labels?: Record<string, string> };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly items?: readonly Manifest[];
}

/** Kinds that are read here; every other one is named in a remark. */
const READ = [
  'DaemonSet',
  'ConfigMap',
  'Service',
  'ServiceAccount',
  'ServiceMonitor',
  'PodMonitor',
  'CiliumLocalRedirectPolicy',
];
const MONITOR_LABELS = /^(k8s-app|helm\.sh\/chart|app\.kubernetes\.io\/(name|instance|version|managed-by))$/;

/** The objects of a file, those of Lists one by one. */
export function flatten(documents: readonly Manifest[]): Manifest[] {
  return documents.flatMap((document) => document.items ?? [document]);
}

function ofKind<T>(objects: readonly Manifest[], kind: string): T[] {
  return objects.filter((object) => object.kind === kind) as T[];
}

function cacheContainer({ containers }: PodSpec): Container | undefined {
  const words = (container: Container): string[] => [...(container.command ?? []), ...(container.args ?? [])];
  return (
    containers.find((container) => readFlags(words(container)).has('localip')) ??
    containers.find(({ image = '' }) => /node-?cache/.test(image))
  );
}

/**
 * What the objects say together. Says on the way what of them has no place in values.
 * @throws Error when no DaemonSet of a node-cache is among them, or more than one
 */
export function foundInObjects(draft: Draft, objects: readonly Manifest[]): Found {
  const daemonSets = ofKind<DaemonSet>(objects, 'DaemonSet').filter(
    ({ spec }) => cacheContainer(spec!.template.spec!) !== undefined,
  );
  if (daemonSets.length !== 1) {
    const names = daemonSets.map(({ metadata }) => metadata?.name).join(', ') || 'none';
    throw new Error(
      `Wanted one DaemonSet whose container has -localip or an image called node-cache, found ${names}: give ` +
        'one `kubectl --namespace kube-system get daemonset,configmap,service -o yaml`, or one file, at a time',
    );
  }
  const [{ metadata, spec }] = daemonSets;
  const pod = spec!.template.spec!;
  const container = cacheContainer(pod)!;
  const { namespace = 'kube-system', name } = metadata ?? {};
  if (namespace !== 'kube-system')
    draft.note(`namespace ${namespace}`, `install with --namespace ${namespace}, where the cluster DNS pods must be`);
  remarkOnImage(draft, container.image ?? '');
  remarkOnOthers(draft, objects);
  for (const kind of ['ServiceMonitor', 'PodMonitor'] as const) carryMonitor(draft, objects, kind, namespace);
  carryRedirect(draft, objects);
  const services = ofKind<Service>(objects, 'Service');
  const upstreamName =
    readFlags([...(container.command ?? []), ...(container.args ?? [])]).get('upstreamsvc') ?? 'kube-dns';
  return {
    source: `DaemonSet ${namespace}/${name}`,
    pod,
    container,
    podAnnotations: spec!.template.metadata?.annotations ?? {},
    podLabels: spec!.template.metadata?.labels ?? {},
    updateStrategy: spec!.updateStrategy,
    corefile: corefileOf(draft, objects, pod, container),
    clusterIPs: services.filter((service) => service.metadata?.name === 'kube-dns').flatMap(clusterIPs),
    upstream: upstreamOf(draft, services, upstreamName),
    kubeDnsConfigMap: configMapAt(pod, container, '/etc/kube-dns')?.name,
    isScraped: isScraped([spec!.template.metadata, ...services.map((service) => service.metadata)]),
  };
}

function clusterIPs({ spec }: Service): string[] {
  const { clusterIP, clusterIPs: all } = (spec ?? {}) as { clusterIP?: string; clusterIPs?: string[] };
  return (all ?? [clusterIP ?? '']).filter((address) => isIP(address) !== 0);
}

function isScraped(all: readonly ({ annotations?: Record<string, string> } | undefined)[]): boolean {
  return all.some((metadata) => metadata?.annotations?.['prometheus.io/scrape'] === 'true');
}

function configMapAt(pod: PodSpec, container: Container, path: string): { name?: string; key?: string } | undefined {
  const mount = (container.volumeMounts ?? []).find(({ mountPath }) => mountPath.replace(/\/$/, '') === path);
  const volume = (pod.volumes ?? []).find(({ name }) => name === mount?.name);
  return volume?.configMap && { name: volume.configMap.name, key: volume.configMap.items?.[0]?.key };
}

function corefileOf(
  draft: Draft,
  objects: readonly Manifest[],
  pod: PodSpec,
  container: Container,
): string | undefined {
  const { name, key = 'Corefile' } = configMapAt(pod, container, '/etc/coredns') ?? {};
  const configMap = ofKind<ConfigMap>(objects, 'ConfigMap').find(({ metadata }) => metadata?.name === name);
  const text = configMap?.data?.[key];
  if (text === undefined)
    draft.note(
      `ConfigMap ${name ?? 'of the Corefile'}`,
      'was not in what was read, so the Corefile is the default one. Give it, too',
    );
  return text;
}

function upstreamOf(draft: Draft, services: readonly Service[], name: string): Found['upstream'] {
  const service = services.find(({ metadata }) => metadata?.name === name);
  if (service !== undefined && name !== 'kube-dns') {
    const targetPort = Number(service.spec?.ports?.[0]?.targetPort ?? 53);
    if (Number.isNaN(targetPort))
      draft.note(`Service ${name}`, 'names its target port; set upstreamService.targetPort to the number');
    return { selector: service.spec?.selector ?? {}, targetPort: targetPort || 53 };
  }
  if (!['kube-dns', 'kube-dns-upstream'].includes(name))
    draft.note(
      `Service ${name}`,
      'was not in what was read: check that upstreamService.selector fits your cluster DNS pods',
    );
  return undefined;
}

function remarkOnImage(draft: Draft, image: string): void {
  if (image === '' || /^(registry\.k8s\.io|k8s\.gcr\.io)\//.test(image)) return;
  const { registry, repository } = DEFAULTS.image;
  if (image.startsWith(`${registry}/${repository}:`) || image.startsWith(`${registry}/${repository}@`)) return;
  draft.note(`image ${image}`, OWN_REGISTRY);
}

function remarkOnOthers(draft: Draft, objects: readonly Manifest[]): void {
  for (const { kind, metadata } of objects) {
    if (READ.includes(kind)) continue;
    draft.note(`${kind} ${metadata?.name}`, WHY_NOT[kind] ?? 'is not part of the cache; keep it where it is');
  }
}

const WHY_NOT: Readonly<Record<string, string>> = {
  PrometheusRule: 'is not carried over; prometheusRule.enabled makes alerts for the metrics there are',
  PodSecurityPolicy: 'is gone from Kubernetes 1.25',
  PodDisruptionBudget: 'has no effect on a DaemonSet',
};

/** The first of its kind; a second one is usually for the other port, which has the same metrics. */
function carryMonitor(
  draft: Draft,
  objects: readonly Manifest[],
  kind: 'ServiceMonitor' | 'PodMonitor',
  namespace: string,
): void {
  const [monitor] = ofKind<Manifest>(objects, kind);
  if (monitor === undefined) return;
  const { namespace: own = namespace, labels = {} } = monitor.metadata ?? {};
  const { endpoints, podMetricsEndpoints } = monitor.spec ?? {};
  const [endpoint = {}] = (endpoints ?? podMetricsEndpoints ?? []) as Record<string, unknown>[];
  setMonitor(draft, kind === 'ServiceMonitor' ? 'serviceMonitor' : 'podMonitor', {
    ...endpoint,
    namespace: own === namespace ? '' : own,
    labels: Object.fromEntries(Object.entries(labels).filter(([key]) => !MONITOR_LABELS.test(key))),
  });
}

/** @source Cilium, CiliumLocalRedirectPolicy v2 */
function carryRedirect(draft: Draft, objects: readonly Manifest[]): void {
  const [policy] = ofKind<Manifest>(objects, 'CiliumLocalRedirectPolicy');
  if (policy === undefined) return;
  const { addressMatcher } = (policy.spec?.redirectFrontend ?? {}) as { addressMatcher?: { ip?: string } };
  draft.set('cilium.localRedirectPolicy.matcher', addressMatcher === undefined ? 'service' : 'address');
  draft.set('cilium.localRedirectPolicy.skipRedirectFromBackend', policy.spec?.skipRedirectFromBackend === true);
  if (addressMatcher?.ip !== undefined) draft.set('localIPs', [addressMatcher.ip]);
}
