/** Names that the cache fills in when it starts, because only the node knows what they stand for. */

/** Addresses of `-localip`, space-separated. */
export const LOCAL = '__PILLAR__LOCAL__DNS__';
/** ClusterIP of the upstream Service. */
export const CLUSTER = '__PILLAR__CLUSTER__DNS__';
/** upstreamNameservers of the kube-dns ConfigMap, or /etc/resolv.conf. */
export const UPSTREAM = '__PILLAR__UPSTREAM__SERVERS__';
