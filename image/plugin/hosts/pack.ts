/**
 * Lines in the form of /etc/hosts as a few arrays. Main makes them: half a million lines take it a second, in pieces, and
 * the worker goes on answering; the arrays are shared, so the worker gets them at no cost.
 *
 *   pair 0: name 0, address 0      byName:    name    → its addresses, in the order of the lines
 *   pair 1: name 1, address 0      byAddress: address → its names, in the order of the lines
 *
 * @source coredns plugin/hosts/hostsfile.go at v1.13.2
 */
import { formatIp, parseIp } from '../../corefile/ip-address';
import { canonicalName } from '../zone-list';
import { type PackedStrings, StringPacker, shared } from './strings';

/** Octets kept of an address, and where its size is: 4 or 16. */
export const ADDRESS_ROOM = 17;

/** Lists of numbers by number. */
export interface PackedLists {
  /** Where each list begins in `values`; one more than there are lists. */
  readonly starts: Uint32Array;
  readonly values: Uint32Array;
}

/** A hosts file, read. Plain data over shared memory. */
export interface HostsPack {
  /** Canonical names (zone-list.ts). */
  readonly names: PackedStrings;
  /** Addresses as formatIp writes them. */
  readonly addresses: PackedStrings;
  /** ADDRESS_ROOM octets per address: its size, then its octets. */
  readonly octets: Uint8Array;
  readonly byName: PackedLists;
  readonly byAddress: PackedLists;
}

/** The address of a line; an IPv6 zone (`fe80::1%eth0`) is left off. */
function addressOf(word: string): Uint8Array | undefined {
  const percent = word.indexOf('%');
  return parseIp(percent < 0 ? word : word.slice(0, percent));
}

/** Lists by key; pairs of a key stay in their order. */
function group(keys: readonly number[], values: readonly number[], keyCount: number): PackedLists {
  const starts = new Uint32Array(keyCount + 1);
  for (const key of keys) starts[key + 1]++;
  for (let key = 0; key < keyCount; key++) starts[key + 1] += starts[key];
  const next = starts.slice();
  const sorted = new Uint32Array(values.length);
  for (let pair = 0; pair < keys.length; pair++) sorted[next[keys[pair]]++] = values[pair];
  return { starts: shared(starts, starts.length), values: shared(sorted, sorted.length) };
}

class Packer {
  private readonly names: StringPacker;
  private readonly addresses: StringPacker;
  private readonly octets: Uint8Array[] = [];
  /** Block lists have one address in all lines. */
  private lastWord = '';
  private lastAddress = -1;
  private readonly nameOf: number[] = [];
  private readonly addressOf: number[] = [];

  constructor(seed: number) {
    this.names = new StringPacker(seed);
    this.addresses = new StringPacker(seed);
  }

  readLine(line: string): void {
    const comment = line.indexOf('#');
    const words = (comment < 0 ? line : line.slice(0, comment)).trim().split(/\s+/);
    if (words.length < 2) return;
    const address = words[0] === this.lastWord ? this.lastAddress : this.address(words[0]);
    if (address < 0) return;
    for (let index = 1; index < words.length; index++) {
      const name = canonicalName(words[index]);
      if (name === undefined) continue;
      this.nameOf.push(this.names.add(name));
      this.addressOf.push(address);
    }
  }

  /** @returns its number, -1 for none */
  private address(word: string): number {
    const octets = addressOf(word);
    this.lastWord = word;
    this.lastAddress = -1;
    if (octets === undefined) return -1;
    this.lastAddress = this.addresses.add(formatIp(octets));
    if (this.lastAddress === this.octets.length) this.octets.push(octets);
    return this.lastAddress;
  }

  private packOctets(): Uint8Array {
    const packed = new Uint8Array(new SharedArrayBuffer(this.octets.length * ADDRESS_ROOM));
    for (const [number, octets] of this.octets.entries()) {
      packed[number * ADDRESS_ROOM] = octets.length;
      packed.set(octets, number * ADDRESS_ROOM + 1);
    }
    return packed;
  }

  pack(): HostsPack {
    return {
      names: this.names.pack(),
      addresses: this.addresses.pack(),
      octets: this.packOctets(),
      byName: group(this.nameOf, this.addressOf, this.names.count),
      byAddress: group(this.addressOf, this.nameOf, this.addresses.count),
    };
  }
}

/** A text of lines on its way into a pack, piece by piece: half a million lines take a second. What is no line is passed over. */
export class HostsReading {
  private readonly text: string;
  private readonly packer: Packer;
  private at = 0;

  /** @param seed of the hash: any number, better an unpredictable one */
  constructor(text: string, seed = Math.floor(Math.random() * 2 ** 32)) {
    this.text = text;
    this.packer = new Packer(seed);
  }

  /** Read so many lines more. @returns false when none is left */
  step(lines: number): boolean {
    const { text } = this;
    for (let line = 0; line < lines && this.at < text.length; line++) {
      const newline = text.indexOf('\n', this.at);
      const end = newline < 0 ? text.length : newline;
      this.packer.readLine(text.slice(this.at, end));
      this.at = end + 1;
    }
    return this.at < text.length;
  }

  /** What was read so far. */
  pack(): HostsPack {
    return this.packer.pack();
  }
}

/** Read all lines at once. */
export function packHosts(text: string, seed?: number): HostsPack {
  const reading = new HostsReading(text, seed);
  reading.step(Number.POSITIVE_INFINITY);
  return reading.pack();
}

/** A file without a line. */
export const NO_HOSTS: HostsPack = packHosts('', 0);
