/** What stands in a DaemonSet beside the command line, to values. */
import { isDeepStrictEqual } from 'node:util';
import type { Container, Volume } from 'kubernetes-types/core/v1';
import type { Draft } from './draft';
import type { Found } from './found';

/** The chart mounts something of its own here. */
const OWN_MOUNTS = ['/etc/coredns', '/etc/kube-dns', '/run/xtables.lock', '/tmp'];
/** Annotations and labels that tools write, or the chart does. */
const OF_TOOLS =
  /^(prometheus\.io\/(scrape|port)|k8s-app|helm\.sh\/chart|app\.kubernetes\.io\/.*|checksum\/.*|kubectl\.kubernetes\.io\/.*|deprecated\.daemonset.*|(pod-template|controller-revision)-.*|pod-template-hash|io\.kompose.*|cattle\.io\/.*)$/;
/** What the chart's own security context says, or what it is better without. */
const OWN_SECURITY = ['privileged', 'capabilities', 'allowPrivilegeEscalation', 'readOnlyRootFilesystem'];
/** Requests in bytes below this are those of a Go program. */
const MEMORY_MIN_BYTES = 64 * 1024 * 1024;
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

/** Carry over pod and container: scheduling, resources, volumes, containers of the user's own. */
export function carryPod(draft: Draft, found: Found): void {
  const { pod } = found;
  if (found.updateStrategy !== undefined && Object.keys(found.updateStrategy).length > 0)
    draft.set('daemonSet.updateStrategy', { type: 'RollingUpdate', ...found.updateStrategy });
  draft.set('daemonSet.priorityClassName', pod.priorityClassName);
  draft.set('daemonSet.terminationGracePeriodSeconds', pod.terminationGracePeriodSeconds);
  const isEverywhere = toleratesAll(pod.tolerations ?? []);
  if (!isEverywhere) draft.set('daemonSet.tolerations', pod.tolerations ?? []);
  draft.set('daemonSet.nodeSelector', filled(withoutKey(pod.nodeSelector, 'kubernetes.io/os')));
  draft.set('daemonSet.affinity', filled(pod.affinity));
  draft.set('daemonSet.podSecurityContext', filled(pod.securityContext));
  draft.set('daemonSet.podAnnotations', filled(ownKeys(found.podAnnotations)));
  draft.set('daemonSet.podLabels', filled(ownKeys(found.podLabels)));
  draft.set('daemonSet.initContainers', pod.initContainers);
  draft.set(
    'daemonSet.extraContainers',
    pod.containers.filter((container) => container !== found.container),
  );
  draft.set(
    'image.pullSecrets',
    (pod.imagePullSecrets ?? []).map(({ name }) => name ?? ''),
  );
  draft.set('metrics.scrapeAnnotations', found.isScraped);
  if (pod.dnsPolicy !== undefined && pod.dnsPolicy !== 'Default')
    draft.note(`dnsPolicy ${pod.dnsPolicy}`, 'is not carried over: the cache would ask itself. It is Default');
  draft.set('daemonSet.dnsConfig', filled(pod.dnsConfig));
  draft.set('daemonSet.hostAliases', pod.hostAliases);
  carryContainer(draft, found);
  carryVolumes(draft, found);
}

function carryContainer(draft: Draft, { container }: Found): void {
  draft.set('daemonSet.env', container.env);
  draft.set('image.pullPolicy', container.imagePullPolicy);
  carryResources(draft, container.resources);
  carrySecurity(draft, container.securityContext as Record<string, unknown> | undefined);
  draft.set('daemonSet.lifecycle', filled(container.lifecycle));
  const { resizePolicy } = container as Container & { resizePolicy?: unknown[] };
  draft.set('daemonSet.resizePolicy', resizePolicy);
  if (container.envFrom !== undefined) draft.note('envFrom', 'has no value; name the variables in daemonSet.env');
  // Before: a minute of waiting, or what the API server fills in. The chart's startupProbe waits.
  const usual: Record<string, number[]> = { periodSeconds: [10], timeoutSeconds: [1, 5], failureThreshold: [3] };
  for (const probe of ['livenessProbe', 'readinessProbe'] as const) {
    for (const [name, numbers] of Object.entries(usual)) {
      const seconds = container[probe]?.[name as 'periodSeconds'];
      if (seconds !== undefined && !numbers.includes(seconds)) draft.set(`daemonSet.${probe}.${name}`, seconds);
    }
  }
}

function carryResources(draft: Draft, resources: Container['resources']): void {
  const { cpu, memory, ...more } = resources?.requests ?? {};
  if (cpu !== undefined) draft.set('daemonSet.resources.requests.cpu', cpu);
  if (Object.keys(more).length > 0) draft.note(`requests of ${Object.keys(more).join(', ')}`, 'are not carried over');
  if (memory !== undefined && bytes(memory) > MEMORY_MIN_BYTES)
    draft.set('daemonSet.resources.requests.memory', memory);
  for (const [name, limit] of Object.entries(resources?.limits ?? {}))
    draft.note(
      `limit of ${limit} ${name}`,
      'is not carried over: a cache that is killed or throttled takes DNS from its node. daemonSet.resources.limits sets one',
    );
}

/** @returns NaN when it is no quantity of Kubernetes */
function bytes(quantity: string): number {
  const match = /^([0-9.]+)([A-Za-z]*)$/.exec(String(quantity));
  return match === null ? NaN : Number(match[1]) * (UNITS[match[2]] ?? NaN);
}

function carrySecurity(draft: Draft, context: Readonly<Record<string, unknown>> | undefined): void {
  if (context?.privileged === true)
    draft.note('privileged', 'is not carried over: the cache needs what the chart adds, no more');
  for (const [name, value] of Object.entries(context ?? {}))
    if (!OWN_SECURITY.includes(name)) draft.set('daemonSet.securityContext', { [name]: value });
}

/** Volumes and mounts but those that the chart has itself. */
function carryVolumes(draft: Draft, { pod, container }: Found): void {
  const mounts = container.volumeMounts ?? [];
  const isOwn = ({ mountPath }: { mountPath: string }): boolean => OWN_MOUNTS.includes(mountPath.replace(/\/$/, ''));
  const taken = new Set(mounts.filter(isOwn).map(({ name }) => name));
  const extra = mounts.filter((mount) => !isOwn(mount));
  const isWanted = ({ name }: Volume): boolean => !taken.has(name) || extra.some((mount) => mount.name === name);
  draft.set('daemonSet.extraVolumes', (pod.volumes ?? []).filter(isWanted));
  draft.set('daemonSet.extraVolumeMounts', extra);
}

function toleratesAll(tolerations: NonNullable<Found['pod']['tolerations']>): boolean {
  const all = tolerations.filter(({ key, operator }) => !key && operator === 'Exists');
  const effects = all.map(({ effect }) => effect);
  return effects.includes(undefined) || ['NoExecute', 'NoSchedule'].every((effect) => effects.includes(effect));
}

function ownKeys(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !OF_TOOLS.test(key)));
}

function withoutKey(map: Readonly<Record<string, string>> | undefined, key: string): Record<string, string> {
  return Object.fromEntries(Object.entries(map ?? {}).filter(([name]) => name !== key));
}

/** undefined in place of an empty map. */
function filled<T extends object>(map: T | undefined): T | undefined {
  return map === undefined || isDeepStrictEqual(map, {}) ? undefined : map;
}
