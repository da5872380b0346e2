/** The addresses of the drill: a node, a pod on it, two servers of cluster DNS, and the Services that lead to them. */

/** Who runs where. */
export const NAMES = ['pod', 'node', 'dns0', 'dns1'] as const;
/** A network namespace. */
export type Place = (typeof NAMES)[number];

/** Service kube-dns: what pods have in resolv.conf, and what the cache takes over. */
export const CLUSTER_IPS = ['10.96.0.10', 'fd00:10:96::a'] as const;
/** Service kube-dns-upstream: the same servers for the cache itself. */
export const UPSTREAM_IP = '10.96.0.11';
/** What kubelets name where kube-proxy uses IPVS; no Service has it. IPv6 has a local address of the same role. */
export const LOCAL_IPS = ['169.254.20.10', 'fd00:169:254::10'] as const;
/** Servers of cluster DNS by family: dns0, dns1. */
export const ENDPOINTS = [
  ['10.244.1.2', '10.244.2.2'],
  ['fd00:10:244:1::2', 'fd00:10:244:2::2'],
] as const;
/** Headless Service with both servers. */
export const ENDPOINT_NAME = 'kube-dns-pods.kube-system.svc.cluster.local.';

/** TTL in seconds of all that the servers say. The cache caps TTLs far below it: so an answer tells who gave it. */
export const SERVER_TTL_SECONDS = 86_400;
/** Longest TTL that the cache gives. */
export const CACHE_TTL_SECONDS = 30;
