/** The keys in front of a server block: `example.org`, `dns://example.org:1053`, `10.0.0.0/24`. */
import { CorefileError, text } from './errors';
import { integerOrNothing } from './go-integer';
import { parseIp } from './ip-address';
import { fullyQualified, isDomainName, lowerCase, normalizeName } from './zone-name';

const TRANSPORTS = ['tls', 'dns', 'quic', 'grpc', 'https3', 'https', 'unix'] as const;

/** How a zone is served, or an upstream asked. */
export type Transport = (typeof TRANSPORTS)[number];

/** A zone to serve. */
export interface ZoneAddress {
  readonly transport: Transport;
  /** Lower-case FQDN. CoreDNS 1.13 keeps the case and then never matches. */
  readonly zone: string;
  /** Decimal; whether it is a port is found out when listeners are made, as in CoreDNS. */
  readonly port: string;
}

/** Cut a scheme off: `tls://1.1.1.1` is `tls`, `1.1.1.1`; without one it is `dns`. */
export function splitTransport(value: string): { transport: Transport; rest: string } {
  const transport = TRANSPORTS.find((name) => value.startsWith(`${name}://`));
  return { transport: transport ?? 'dns', rest: transport ? value.slice(transport.length + 3) : value };
}

/** Network part and length of `ADDRESS/LENGTH`, or undefined when it is not exactly that. */
function parseCidr(value: string): { network: Uint8Array; bits: number } | undefined {
  const [address, length, ...more] = value.split('/');
  if (more.length > 0 || length === undefined || !/^[0-9]{1,6}$/.test(length)) return undefined;
  const network = parseIp(address);
  const bits = Number(length);
  if (network === undefined || bits > (address.includes(':') ? 128 : 32)) return undefined;
  return { network: network.map((byte, index) => byte & prefixMask(bits, index)), bits };
}

/** The bits of byte `index` that a prefix of `bits` covers. */
function prefixMask(bits: number, index: number): number {
  return (0xff00 >> Math.min(8, Math.max(0, bits - index * 8))) & 0xff;
}

/**
 * The reverse zones a network covers. Reverse names have a label per octet (IPv4) or nibble (IPv6), so a network
 * between two boundaries becomes several zones: `10.0.0.0/15` is `0.10.in-addr.arpa.` and `1.10.in-addr.arpa.`.
 */
function reverseZones(network: Uint8Array, bits: number): string[] {
  const v4 = network.length === 4;
  const labelBits = v4 ? 8 : 4;
  const digits = v4 ? Array.from(network) : Array.from(network).flatMap((byte) => [byte >> 4, byte & 15]);
  const labels = Math.ceil(bits / labelBits);
  const zones = 1 << (labels * labelBits - bits);
  const suffix = v4 ? 'in-addr.arpa.' : 'ip6.arpa.';
  return Array.from({ length: zones }, (_, step) => {
    const covered = digits.slice(0, labels);
    if (labels > 0) covered[labels - 1] += step;
    return [...covered.reverse().map((digit) => digit.toString(v4 ? 10 : 16)), suffix].join('.');
  });
}

/**
 * Take `ZONE[:PORT]` apart. `:PORT` is what follows the last colon if it is a whole number, else part of the name.
 * @returns the zones (several for a network between label boundaries) as written, and the port's text or `''`
 * @throws CorefileError with CoreDNS's texts
 * @source coredns plugin/normalize.go SplitHostPort
 */
export function splitZonePort(value: string): { zones: string[]; port: string } {
  const colon = value.lastIndexOf(':');
  if (colon === value.length - 1) throw new CorefileError(text.afterColon(value)); // Also for ''.
  const port = colon === -1 ? undefined : integerOrNothing(value.slice(colon + 1));
  const zone = port === undefined ? value : value.slice(0, colon);
  const zoneBytes = Buffer.byteLength(zone);
  if (zoneBytes > 255) throw new CorefileError(text.zoneTooLong(zoneBytes));
  if (!isDomainName(zone)) throw new CorefileError(text.zoneInvalid(zone));
  const cidr = parseCidr(zone);
  const portText = port === undefined ? '' : String(port);
  if (cidr === undefined) return { zones: [zone], port: portText };
  if (zone.startsWith(':') || (zone.startsWith('0') && zone.includes(':')))
    throw new CorefileError(text.cidrInvalid(zone));
  return { zones: reverseZones(cidr.network, cidr.bits), port: portText };
}

/**
 * Zones named by a plugin's argument, normalized; none when it names none. Scheme and port are ignored.
 * @source coredns plugin/normalize.go Host.NormalizeExact
 */
export function zonesOf(value: string): string[] {
  try {
    return splitZonePort(splitTransport(value).rest).zones.map(normalizeName);
  } catch (error) {
    if (error instanceof CorefileError) return [];
    throw error;
  }
}

/** Port of a key without one. Only the one of `dns` counts: keys with other schemes are refused later. */
function defaultPort(transport: Transport, dnsPort: number): string {
  if (transport === 'dns') return String(dnsPort);
  return transport === 'tls' || transport === 'quic' ? '853' : '443';
}

/**
 * What a key says to serve, in order.
 * @param dnsPort port of a key without one
 * @throws CorefileError with CoreDNS's texts
 */
export function parseKey(key: string, dnsPort: number): ZoneAddress[] {
  const { transport, rest } = splitTransport(key);
  const { zones, port } = splitZonePort(rest);
  return zones.map((zone) => {
    const full = fullyQualified(zone);
    splitZonePort(full); // The final dot can make a name too long.
    return { transport, zone: lowerCase(full), port: port === '' ? defaultPort(transport, dnsPort) : port };
  });
}

/** `dns://example.org.:53`, with ` on 127.0.0.1` when bound. */
export function zoneAddressText(address: ZoneAddress, host: string): string {
  return `${address.transport}://${address.zone}:${address.port}${host === '' ? '' : ` on ${host}`}`;
}
