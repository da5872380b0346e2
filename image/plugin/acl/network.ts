/** Networks in CIDR notation. */
import { parseIp } from '../../corefile/ip-address';

/** A network as plain data: the first `bits` bits of `bytes` (4 or 16 of them) count. */
export interface Network {
  readonly bytes: readonly number[];
  readonly bits: number;
}

/** Every address of both families. */
export const ALL_NETWORKS: readonly Network[] = [
  { bytes: Array<number>(4).fill(0), bits: 0 },
  { bytes: Array<number>(16).fill(0), bits: 0 },
];

/** `10.0.0.0/8` for networks, `/32` and `/128` put behind addresses alone. @source coredns plugin/acl/setup.go normalize */
export function withMask(value: string): string {
  if (value.includes('/')) return value;
  return `${value}/${value.includes(':') ? 128 : 32}`;
}

/** The network in `ADDRESS/BITS`, or undefined when it is none. @source Go net.ParseCIDR */
export function parseNetwork(value: string): Network | undefined {
  const slash = value.indexOf('/');
  const bytes = slash < 0 ? undefined : parseIp(value.slice(0, slash));
  const mask = value.slice(slash + 1);
  if (bytes === undefined || !/^[0-9]{1,3}$/.test(mask)) return undefined;
  // `::ffff:10.0.0.0/104` is IPv4 in IPv6 clothes: its mask counts the clothes.
  const isDressed = bytes.length === 4 && value.includes(':');
  const bits = Number(mask) - (isDressed ? 96 : 0);
  return bits < 0 || bits > bytes.length * 8 ? undefined : { bytes: [...bytes], bits };
}

/** Does the network hold an address of 4 or 16 octets? */
export function holds({ bytes, bits }: Network, address: Uint8Array): boolean {
  if (bytes.length !== address.length) return false;
  const whole = bits >>> 3;
  for (let index = 0; index < whole; index++) if (bytes[index] !== address[index]) return false;
  const rest = 8 - (bits & 7);
  return rest === 8 || bytes[whole] >>> rest === address[whole] >>> rest;
}
