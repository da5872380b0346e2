import type { Cluster } from './cluster';

interface NodeState {
  readonly leases: readonly { readonly address: string; readonly state: string }[];
  readonly fallback: { readonly endpoints: readonly string[] };
}

/** Does the kernel lead a node's pods to its cache? @returns '' for yes, else what is missing */
export function held(cluster: Cluster, node: number): string {
  const { code, output } = cluster.inCache(node, 'status', '--json');
  if (code !== 0) return `status ends with ${code}: ${output}`;
  const { node: state } = JSON.parse(output) as { node?: NodeState };
  if (state === undefined || state.leases.length === 0) return `node${node}: no lease`;
  const missing = state.leases.filter((lease) => lease.state !== 'held');
  return missing.map((lease) => `node${node}: ${lease.address} ${lease.state}`).join(', ');
}

/** Has the cache of node0 learned who answers the link-local address without it? */
export function knowsOthers(cluster: Cluster): boolean {
  const { node } = JSON.parse(cluster.inCache(0, 'status', '--json').output) as { node: NodeState };
  return node.fallback.endpoints.length > 0;
}
