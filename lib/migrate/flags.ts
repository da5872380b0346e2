/** The command line of a node-cache to values. @source kubernetes-sigs/node-local-dns cmd/node-cache/main.go at 1.26.8 */
import { isIP, isIPv6 } from 'node:net';
import type { Draft } from './draft';

const SWITCHES = ['setupinterface', 'setupiptables', 'skipteardown', 'reloadwithsignal', 'plugins', 'version', 'quiet'];
/** The chart gives these itself, or they change nothing that a value could say. */
const SET_BY_CHART = ['conf', 'basecorefile', 'corefile', 'kubednscm', 'pidfile', 'quiet', 'version', 'plugins'];

/** What `kubectl` prints of a ClusterIP that nobody replaced in the manifest. */
const UNREPLACED = /^__PILLAR__/;
/** What the kubelet writes in for the ClusterIP of a Service of the namespace, as the chart asks it to. */
const BY_KUBELET = /^\$\([A-Z0-9_]+_SERVICE_HOST\)$/;

/**
 * Flags as Go reads them: one or two dashes, `-name=value` or `-name value`; switches take `=` only.
 * @returns name to text, the last of equal names; what is no flag is left out
 */
export function readFlags(words: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>();
  for (let index = 0; index < words.length; index++) {
    const match = /^--?([a-z.-]+)(?:=(.*))?$/s.exec(words[index]);
    if (match === null) continue;
    const [, name, value] = match;
    if (value !== undefined) flags.set(name, value);
    else if (SWITCHES.includes(name)) flags.set(name, 'true');
    else flags.set(name, words[++index] ?? '');
  }
  return flags;
}

/** Addresses of `-localip` by what they are. */
export interface Addresses {
  readonly local: readonly string[];
  readonly cluster: readonly string[];
}

/**
 * Which addresses are the cache's own, and which are kube-dns's.
 * @param clusterIPs those of kube-dns that are known; without any, the first of each family is the cache's own unless
 * another is link-local
 */
export function divideAddresses(addresses: readonly string[], clusterIPs: readonly string[]): Addresses {
  const families = [addresses.filter((address) => !isIPv6(address)), addresses.filter(isIPv6)];
  const local = families.flatMap((family) => {
    const unknown = family.filter((address) => !clusterIPs.includes(address));
    const linkLocal = unknown.filter((address) => /^(169\.254\.|fe[89ab][0-9a-f]:)/i.test(address));
    return linkLocal.length > 0 ? linkLocal : unknown.slice(0, 1);
  });
  return { local, cluster: addresses.filter((address) => !local.includes(address)) };
}

/** `$(KUBE_DNS_SERVICE_HOST)` to `kube-dns`. @source Kubernetes, environment variables of Services */
function serviceOf(variable: string): string {
  return variable.slice(2, -'_SERVICE_HOST)'.length).toLowerCase().replaceAll('_', '-');
}

/** @returns the addresses of `-localip`, by what they are */
function carryAddresses(draft: Draft, text: string, clusterIPs: readonly string[]): Addresses {
  const items = text.split(',').map((item) => item.trim());
  const addresses = items.filter((item) => isIP(item) !== 0);
  for (const item of items.filter((other) => isIP(other) === 0 && other !== '' && !UNREPLACED.test(other))) {
    if (BY_KUBELET.test(item)) draft.set('clusterDNS.service', serviceOf(item));
    else draft.note(`-localip ${item}`, 'is no address; name it in localIPs or clusterDNS.ips');
  }
  const { local, cluster } = divideAddresses(addresses, clusterIPs);
  if (local.length > 0) draft.set('localIPs', [...local]);
  else if (cluster.length > 0)
    draft.note(`-localip ${text}`, 'has no address but the ClusterIP; localIPs keeps its default besides it');
  draft.set('clusterDNS.ips', [...cluster]);
  if (local.length === 1 && cluster.length === 0 && !/^(169\.254\.|f)/.test(local[0]))
    draft.note(
      `-localip ${local[0]}`,
      'is taken for an address of the cache itself. If it is the ClusterIP of kube-dns, it belongs into clusterDNS.ips',
    );
  return { local, cluster };
}

/** Where the network of the pod and its two switches put it. */
function carryMode(draft: Draft, flags: ReadonlyMap<string, string>, isOnHostNetwork: boolean, isIpvs: boolean): void {
  const isOff = (name: string): boolean => flags.get(name) === 'false';
  if (!isOnHostNetwork) {
    draft.set('mode', 'cilium-lrp');
    draft.note(
      'hostNetwork',
      'was off, so something leads pods to the cache: mode is cilium-lrp. Check that it is Cilium',
    );
    return;
  }
  if (isOff('setupinterface') && isOff('setupiptables')) {
    draft.set('mode', 'bind-only');
    draft.note(
      '-setupinterface=false -setupiptables=false',
      'mode is bind-only: localIPs must be on each node already',
    );
    return;
  }
  if (isIpvs) draft.set('mode', 'ipvs');
  draft.set('nodeCache.setupInterface', !isOff('setupinterface'));
  if (!isOff('setupiptables')) return;
  draft.set('nodeCache.setupIptables', false);
  draft.note(
    '-setupiptables=false',
    'is kept as nodeCache.setupIptables. Pods then have no way past a dead cache; remove the line to have one',
  );
}

/** Nanoseconds of this flag are seconds. */
function carrySyncInterval(draft: Draft, text: string): void {
  const match = /^([0-9]{1,5})(ns)?$/.exec(text);
  if (match !== null && Number(match[1]) > 0) draft.set('nodeCache.syncIntervalSeconds', Number(match[1]));
  else
    draft.note(
      `-syncinterval ${text}`,
      'meant years or a crash there; nodeCache.syncIntervalSeconds keeps its default',
    );
}

/** Milliseconds of a lease, as the chart writes them. */
function carryMilliseconds(draft: Draft, flag: string, path: string, text: string): void {
  const match = /^([0-9]+)(ms|s)$/.exec(text);
  if (match !== null) draft.set(path, Number(match[1]) * (match[2] === 's' ? 1000 : 1));
  else draft.note(`${flag} ${text}`, `is not read; ${path} keeps its default`);
}

/** Flags of this cache that the Go agent does not have. */
function carryOwn(draft: Draft): Record<string, (text: string) => void> {
  return {
    firewall: (text) => draft.set('nodeCache.firewall', text),
    leaserenew: (text) => carryMilliseconds(draft, '-leaserenew', 'nodeCache.leaseRenewMs', text),
    leaseexpire: (text) => carryMilliseconds(draft, '-leaseexpire', 'nodeCache.leaseExpireMs', text),
    fallbacksvc: (text) => draft.set('fallbackService.name', text.split('.')[0]),
  };
}

/**
 * Carry all flags over.
 * @param isOnHostNetwork the pod's network
 * @param clusterIPs those of kube-dns that are known
 * @returns the addresses of `-localip`
 */
export function carryFlags(
  draft: Draft,
  flags: ReadonlyMap<string, string>,
  { isOnHostNetwork, clusterIPs }: { isOnHostNetwork: boolean; clusterIPs: readonly string[] },
): Addresses {
  const localIp = flags.get('localip') ?? '';
  const addresses = isOnHostNetwork ? carryAddresses(draft, localIp, clusterIPs) : { local: [], cluster: [] };
  const items = localIp.split(',');
  const isAuto = localIp === '' || items.some((item) => /__PILLAR__DNS__SERVER__/.test(item) || BY_KUBELET.test(item));
  carryMode(draft, flags, isOnHostNetwork, addresses.cluster.length === 0 && !isAuto);
  const carry: Record<string, (text: string) => void> = {
    ...carryOwn(draft),
    interfacename: (text) => draft.set('nodeCache.interfaceName', text),
    syncinterval: (text) => carrySyncInterval(draft, text),
    'health-port': (text) => draft.set('ports.health', Number(text)),
    'metrics-listen-address': (text) => carryMetricsAddress(draft, text),
    reloadwithsignal: (text) => {
      if (text !== 'false') draft.set('nodeCache.extraArgs', ['-reloadwithsignal=true']);
    },
    skipteardown: (text) => {
      if (text !== 'false')
        draft.note(
          '-skipteardown',
          'is not carried over: a cache of this image sees its successor and leaves link and rules to it',
        );
    },
  };
  const elsewhere = ['localip', 'setupinterface', 'setupiptables', 'upstreamsvc', ...SET_BY_CHART];
  for (const [name, text] of flags) {
    if (carry[name]) carry[name](text);
    else if (!elsewhere.includes(name))
      draft.note(`-${name}`, 'is no flag of k8s-dns-node-cache 1.26.8, nor of this cache; it is left out');
  }
  return addresses;
}

function carryMetricsAddress(draft: Draft, text: string): void {
  const port = Number(/:([0-9]+)$/.exec(text)?.[1]);
  if (port > 0) draft.set('ports.nodeCacheMetrics', port);
  else draft.note(`-metrics-listen-address ${text}`, 'names no port; ports.nodeCacheMetrics keeps its default');
  if (!text.startsWith('127.0.0.1:') && port > 0)
    draft.note(
      `-metrics-listen-address ${text}`,
      'is now on 127.0.0.1 only; ports.metrics shows the same metrics to all',
    );
}
