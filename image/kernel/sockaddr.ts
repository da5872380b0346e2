/**
 * Socket addresses as bytes.
 *
 *   sockaddr_in   family 2 | port 2 (big-endian) | address 4 | zero 8
 *   sockaddr_in6  family 2 | port 2 (big-endian) | flow 4    | address 16 | scope 4
 */
import { isIPv4, isIPv6 } from 'node:net';
import { assert } from '../assert';
import type { Arena } from './arena';
import { SOCKADDR_IN_BYTES, SOCKADDR_IN6_BYTES } from './layout';
import { AF_INET, AF_INET6 } from './libc';

/** Room for either form. */
export const SOCKADDR_BYTES_MAX = 32;

/** An IP address without brackets: which family? `''`, the wildcard, is IPv6: one socket then serves both. */
export function familyOf(address: string): number {
  return isIPv4(address) ? AF_INET : AF_INET6;
}

/** Address bytes of an IPv4 or IPv6 text, `''` as `::`. */
function addressBytes(address: string): number[] {
  if (isIPv4(address)) return address.split('.').map(Number);
  const [text] = address.split('%');
  assert(text === '' || isIPv6(text));
  const embedded = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const plain = embedded
    ? `${embedded[1]}${((+embedded[2] << 8) | +embedded[3]).toString(16)}:${((+embedded[4] << 8) | +embedded[5]).toString(16)}`
    : text || '::';
  const [head, tail] = plain.split('::');
  const groups = (part: string | undefined): string[] => (part ? part.split(':') : []);
  const [first, last] = [groups(head), groups(tail)];
  const middle = tail === undefined ? [] : new Array<string>(8 - first.length - last.length).fill('0');
  return [...first, ...middle, ...last].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
}

/**
 * Write a socket address at `offset`.
 * @param address IPv4, IPv6 (a zone after % must be numeric) or '' for the wildcard of both families
 * @returns its size in bytes
 */
export function writeSockaddr(arena: Arena, offset: number, address: string, port: number): number {
  assert(port >= 0 && port <= 65535);
  const family = familyOf(address);
  arena.u8.fill(0, offset, offset + SOCKADDR_BYTES_MAX);
  arena.u8[offset] = family;
  arena.u8[offset + 2] = port >> 8;
  arena.u8[offset + 3] = port & 255;
  arena.u8.set(addressBytes(address), offset + (family === AF_INET ? 4 : 8));
  const zone = address.split('%')[1];
  if (zone !== undefined) arena.u32[(offset + 24) >>> 2] = Number(zone);
  return family === AF_INET ? SOCKADDR_IN_BYTES : SOCKADDR_IN6_BYTES;
}

/** Port of the socket address at `offset`. */
export function sockaddrPort(arena: Arena, offset: number): number {
  return (arena.u8[offset + 2] << 8) | arena.u8[offset + 3];
}

/** 1 for IPv4 (also mapped into IPv6), 2 for IPv6: the `family` label of CoreDNS's metrics. */
export function sockaddrFamily(arena: Arena, offset: number): 1 | 2 {
  return arena.u8[offset] === AF_INET || isMapped(arena, offset) ? 1 : 2;
}

/** Is it `::ffff:a.b.c.d`, an IPv4 client of a dual-stack socket (RFC 4291 §2.5.5.2)? */
function isMapped(arena: Arena, offset: number): boolean {
  const word = (offset + 8) >>> 2;
  return arena.u32[word] === 0 && arena.u32[word + 1] === 0 && arena.u32[word + 2] === 0xffff0000;
}

/** The address as text, as Go prints it: mapped addresses as IPv4, the longest run of zeros as `::`. */
export function sockaddrText(arena: Arena, offset: number): string {
  const { u8 } = arena;
  if (u8[offset] === AF_INET) return `${u8[offset + 4]}.${u8[offset + 5]}.${u8[offset + 6]}.${u8[offset + 7]}`;
  if (isMapped(arena, offset)) return Array.from(u8.subarray(offset + 20, offset + 24)).join('.');
  const groups: string[] = [];
  for (let index = 0; index < 8; index++) {
    const at = offset + 8 + index * 2;
    groups.push(((u8[at] << 8) | u8[at + 1]).toString(16));
  }
  return shorten(groups);
}

/** RFC 5952 §4.2: the first longest run of at least two zero groups becomes `::`. */
function shorten(groups: readonly string[]): string {
  let [start, length] = [-1, 1];
  for (let index = 0; index < groups.length; index++) {
    let end = index;
    while (end < groups.length && groups[end] === '0') end++;
    if (end - index > length) [start, length] = [index, end - index];
  }
  if (start < 0) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}

/** `1.2.3.4:53` or `[fd00::1]:53`, as Go's net.JoinHostPort. */
export function joinHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
