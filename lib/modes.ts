/** Words of the values `mode` and `image.flavor`, apart from mode.ts so that values.ts needs no construct. */

/** Whose flags the image takes. */
export const FLAVORS = ['nodelocaldns', 'k8s-dns-node-cache'] as const;

/**
 * `auto`: the node decides; `iptables`, `ipvs`: as with the Go agent; `cilium-lrp`: Cilium sends pods here, the cache is
 * on the pod network; `bind-only`: the addresses are on the node already, and stay.
 */
export const MODES = ['auto', 'iptables', 'ipvs', 'cilium-lrp', 'bind-only'] as const;
