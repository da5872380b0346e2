/** What is known of a cache, to values. */
import { DEFAULTS } from '../values';
import { carryCorefile } from './corefile-values';
import type { Draft } from './draft';
import { carryFlags, readFlags } from './flags';
import type { Found } from './found';
import { carryPod } from './pod';

/** Carry everything over that {@link Found} knows. */
export function carry(draft: Draft, found: Found): void {
  const { container, pod, upstream } = found;
  const flags = readFlags([...(container.command ?? []), ...(container.args ?? [])]);
  const isOnHostNetwork = pod.hostNetwork === true;
  const addresses = carryFlags(draft, flags, { isOnHostNetwork, clusterIPs: found.clusterIPs });
  if (found.corefile !== undefined) carryCorefile(draft, found.corefile, addresses);
  if (upstream !== undefined) {
    draft.set('upstreamService.selector', { ...without(upstream.selector), ...upstream.selector });
    draft.set('upstreamService.targetPort', upstream.targetPort);
  }
  carryKubeDns(draft, found.kubeDnsConfigMap);
  carryPod(draft, found);
}

/** Helm adds a map to the default one; null takes a key of that away. */
function without(selector: Readonly<Record<string, string>>): Record<string, null> {
  const unwanted = Object.keys(DEFAULTS.upstreamService.selector).filter((key) => !(key in selector));
  return Object.fromEntries(unwanted.map((key) => [key, null]));
}

/** stubDomains and upstreamNameservers that were not read before take effect with this chart. */
function carryKubeDns(draft: Draft, name: string | undefined): void {
  if (name !== undefined && name !== DEFAULTS.fullnameOverride && !name.endsWith('node-local-dns')) {
    draft.set('kubeDNSConfigMap.name', name);
    return;
  }
  draft.note(
    'ConfigMap kube-dns',
    'was not read before. If it exists, its stubDomains and upstreamNameservers hold from now on; another name in kubeDNSConfigMap.name turns that off',
  );
}
