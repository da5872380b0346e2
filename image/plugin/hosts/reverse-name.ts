/** Addresses written as names for PTR questions (RFC 1035 §3.5, RFC 3596 §2.5). */
import { canonicalIp } from '../../corefile/ip-address';

const IPV4_SUFFIX = '.in-addr.arpa.';
const IPV6_SUFFIX = '.ip6.arpa.';
const IPV6_NIBBLES = /^(?:[0-9a-f]\.){31}[0-9a-f]$/;

/**
 * The address that a name stands for.
 * @param name lower-case FQDN
 * @returns text as formatIp writes it, or undefined: another zone, or not all labels of an address. (CoreDNS overlooks
 *   labels in front of 32 nibbles; those are other names.)
 * @source coredns plugin/pkg/dnsutil/reverse.go
 */
export function reverseNameAddress(name: string): string | undefined {
  if (name.endsWith(IPV4_SUFFIX)) {
    const parts = name.slice(0, -IPV4_SUFFIX.length).split('.');
    return parts.length === 4 ? canonicalIp(parts.reverse().join('.')) : undefined;
  }
  if (!name.endsWith(IPV6_SUFFIX)) return undefined;
  const digits = name.slice(0, -IPV6_SUFFIX.length);
  if (!IPV6_NIBBLES.test(digits)) return undefined;
  const hex = digits.split('.').reverse().join('');
  return canonicalIp((hex.match(/.{4}/g) ?? []).join(':'));
}
