/**
 * kube-proxy in its IPVS mode keeps every ClusterIP on the device kube-ipvs0, and IPVS takes packets for them before a socket
 * of this node could: NOTRACK does not go round it. Such an address is kube-proxy's; the cache serves the others.
 */
import { addressToText, textToAddress } from '../wire/address-text';

/** The device of kube-proxy's IPVS mode. */
export const IPVS_DEVICE = 'kube-ipvs0';

/** Addresses of -localip by who answers for them. */
export interface IpvsSplit {
  /** Those that IPVS holds, or will: they are neither given to the link nor bound. */
  readonly held: readonly string[];
  /** Those for the cache, as they were written. */
  readonly left: readonly string[];
  /** One sentence for the log; '' when nothing is held. */
  readonly reason: string;
}

function canonical(address: string): string {
  const octets = textToAddress(address);
  return octets === undefined ? address : addressToText(octets);
}

/**
 * Leave to IPVS what is its.
 * @param localIps addresses of -localip
 * @param clusterDns the cluster DNS's ClusterIP as the environment says (KUBE_DNS_SERVICE_HOST), undefined without: held
 *   even before kube-proxy has put it there, since it will
 * @param ipvsAddresses those of {@link IPVS_DEVICE}; null when there is no such device
 */
export function splitByIpvs(
  localIps: readonly string[],
  clusterDns: string | undefined,
  ipvsAddresses: readonly string[] | null,
): IpvsSplit {
  if (ipvsAddresses === null) return { held: [], left: localIps, reason: '' };
  const taken = new Set(ipvsAddresses.map(canonical));
  if (clusterDns !== undefined) taken.add(canonical(clusterDns));
  const held = localIps.filter((address) => taken.has(canonical(address)));
  const left = localIps.filter((address) => !taken.has(canonical(address)));
  if (held.length === 0) return { held, left, reason: '' };
  const remedy =
    left.length === 0
      ? 'nothing is left to serve; give -localip a link-local address such as 169.254.20.10, and the kubelet the same as its cluster DNS'
      : `pods are served at ${left.join(' and ')}: give the kubelet that as its cluster DNS`;
  const whose = `kube-proxy runs in IPVS mode and answers ${held.join(' and ')} itself, before any socket of this node`;
  return { held, left, reason: `${whose}; ${remedy}` };
}
