/** IP addresses between text and bytes. */
import { isIPv4, isIPv6 } from 'node:net';

function groupsToBytes(groups: readonly string[]): number[] {
  return groups.flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** Without pieces of text: a hosts file has half a million. */
function parseV4(value: string): Uint8Array {
  const bytes = new Uint8Array(4);
  let part = 0;
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code === 0x2e) part++;
    else bytes[part] = bytes[part] * 10 + code - 0x30;
  }
  return bytes;
}

function parseV6(value: string): Uint8Array {
  const [head, tail] = value.split('::').map((half) => groupsToBytes(half === '' ? [] : half.split(':')));
  const bytes = new Uint8Array(16);
  bytes.set(head);
  if (tail !== undefined) bytes.set(tail, 16 - tail.length);
  return bytes;
}

/**
 * The 4 or 16 bytes of an address; an IPv4 address in IPv6 clothes (`::ffff:1.2.3.4`) has 4.
 * @returns undefined when `value` is no address; one with a zone (`fe80::1%eth0`) is none
 * @source Go net.ParseIP: no leading zeros in IPv4 parts
 */
export function parseIp(value: string): Uint8Array | undefined {
  if (isIPv4(value)) return parseV4(value);
  if (!isIPv6(value) || value.includes('%')) return undefined;
  const bytes = parseV6(value);
  const mapped = bytes.slice(0, 12).every((byte, index) => byte === (index < 10 ? 0 : 0xff));
  return mapped ? bytes.slice(12) : bytes;
}

/** The first longest run of two or more zero groups: what `::` stands for (RFC 5952 §4.2). */
function zeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: -1, length: 1 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (start + length < groups.length && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
    start += length;
  }
  return best;
}

/** 4 or 16 bytes as text, IPv6 as RFC 5952 wants it. */
export function formatIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) => (bytes[index * 2] << 8) | bytes[index * 2 + 1]);
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  const { start, length } = zeroRun(groups);
  return start === -1 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

/** The one way to write an address, or undefined when `value` is none. */
export function canonicalIp(value: string): string | undefined {
  const bytes = parseIp(value);
  return bytes && formatIp(bytes);
}
