/** IP addresses as text and as the octets of A and AAAA records. */
import { isIPv4, isIPv6 } from 'node:net';
import { assert } from '../assert';

/** Octets of an IPv4 address in dotted form; undefined when it is not one. */
function octets4(text: string): number[] | undefined {
  return isIPv4(text) ? text.split('.').map(Number) : undefined;
}

/** The 16-bit groups of one side of `::`; the last may be a dotted IPv4 address (RFC 4291 §2.2). */
function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [Number.parseInt(part, 16)];
    const octets = octets4(part)!;
    return [(octets[0] << 8) | octets[1], (octets[2] << 8) | octets[3]];
  });
}

/**
 * Octets of an address: 4 for IPv4, 16 for IPv6.
 * @returns undefined when the text is no address; a zone (`%eth0`) makes it none
 */
export function textToAddress(text: string): Uint8Array | undefined {
  const four = octets4(text);
  if (four !== undefined) return Uint8Array.from(four);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const [head, tail] = text.split('::');
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const middle: number[] = Array(8 - left.length - right.length).fill(0);
  const address = new Uint8Array(16);
  [...left, ...middle, ...right].forEach((group, index) => {
    address[2 * index] = group >>> 8;
    address[2 * index + 1] = group;
  });
  return address;
}

/** Where the longest run of at least two zero groups begins and ends; both 0 when there is none (RFC 5952 §4.2). */
function longestZeros(values: readonly number[]): [number, number] {
  let best: [number, number] = [0, 0];
  for (let from = 0; from < values.length; from++) {
    let to = from;
    while (to < values.length && values[to] === 0) to++;
    if (to - from >= 2 && to - from > best[1] - best[0]) best = [from, to];
  }
  return best;
}

/**
 * Text of an address, IPv6 in its canonical form (RFC 5952), `::ffff:1.2.3.4` for a mapped one.
 * @param address 4 or 16 octets
 */
export function addressToText(address: Uint8Array): string {
  assert(address.length === 4 || address.length === 16);
  if (address.length === 4) return address.join('.');
  const isMapped = address.subarray(0, 10).every((byte) => byte === 0) && address[10] === 0xff && address[11] === 0xff;
  if (isMapped) return '::ffff:' + address.subarray(12).join('.');
  const values = Array.from({ length: 8 }, (_, index) => (address[2 * index] << 8) | address[2 * index + 1]);
  const hex = values.map((value) => value.toString(16));
  const [from, to] = longestZeros(values);
  return to === 0 ? hex.join(':') : hex.slice(0, from).join(':') + '::' + hex.slice(to).join(':');
}
