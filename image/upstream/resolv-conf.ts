/** /etc/resolv.conf as a list of upstreams. */
import { isIP } from 'node:net';

/** What a resolv.conf names. */
export interface ResolvConf {
  /** Addresses of its `nameserver` lines in order, IPv6 zones cut off. They are asked on port 53. */
  readonly addresses: readonly string[];
  /** Values of `nameserver` lines that are no IP addresses; the C library ignores them, and so do we. */
  readonly ignored: readonly string[];
}

/**
 * Read the `nameserver` lines; search lists and options are for programs, not for a DNS server.
 * @param content the file's text
 * @source resolv.conf(5); coredns plugin/pkg/parse/host.go, miekg/dns ClientConfigFromReader
 */
export function readResolvConf(content: string): ResolvConf {
  const addresses: string[] = [];
  const ignored: string[] = [];
  for (const line of content.split('\n')) {
    const [keyword, value] = line.trim().split(/\s+/);
    if (keyword !== 'nameserver' || value === undefined) continue;
    const address = value.replace(/%.*$/, '');
    (isIP(address) === 0 ? ignored : addresses).push(isIP(address) === 0 ? value : address);
  }
  return { addresses, ignored };
}
