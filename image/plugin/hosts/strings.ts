/**
 * Many strings in few arrays, each found by its text: half a million names are four arrays, which cross to another thread by
 * reference, and not half a million objects.
 */

/** Distinct strings of octets, numbered from 0. Plain data over shared memory. */
export interface PackedStrings {
  /** All of them, one behind the other. */
  readonly bytes: Uint8Array;
  /** Where each one ends. */
  readonly ends: Uint32Array;
  /** Open addressing at half load at most: number + 1 by hash, 0 for none. */
  readonly slots: Int32Array;
  /** Of the hash: who writes a list cannot choose texts that collide. */
  readonly seed: number;
}

/** FNV-1a, 32 bits. */
function hashOf(text: string, seed: number): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash ^ (hash >>> 15);
}

function equals({ bytes, ends }: PackedStrings, number: number, text: string): boolean {
  const start = number === 0 ? 0 : ends[number - 1];
  if (ends[number] - start !== text.length) return false;
  for (let index = 0; index < text.length; index++) if (bytes[start + index] !== text.charCodeAt(index)) return false;
  return true;
}

/** Slot of a text, or the free one where it belongs. */
function slotOf(strings: PackedStrings, text: string, hash: number): number {
  const mask = strings.slots.length - 1;
  let slot = hash & mask;
  while (strings.slots[slot] !== 0 && !equals(strings, strings.slots[slot] - 1, text)) slot = (slot + 1) & mask;
  return slot;
}

/** Number of a text, or -1. */
export function findString(strings: PackedStrings, text: string): number {
  return strings.slots[slotOf(strings, text, hashOf(text, strings.seed))] - 1;
}

/** The text of a number. */
export function stringAt({ bytes, ends }: PackedStrings, number: number): string {
  let text = '';
  for (let at = number === 0 ? 0 : ends[number - 1]; at < ends[number]; at++) text += String.fromCharCode(bytes[at]);
  return text;
}

/** A copy over shared memory, of the first `length` elements. */
export function shared<Numbers extends Uint8Array | Uint32Array | Int32Array>(
  numbers: Numbers,
  length: number,
): Numbers {
  const make = numbers.constructor as new (memory: SharedArrayBuffer) => Numbers;
  const copy = new make(new SharedArrayBuffer(length * numbers.BYTES_PER_ELEMENT));
  copy.set(numbers.subarray(0, length));
  return copy;
}

/** Twice as long, with the same beginning. */
function grown<Numbers extends Uint8Array | Uint32Array>(numbers: Numbers): Numbers {
  const make = numbers.constructor as new (length: number) => Numbers;
  const longer = new make(numbers.length * 2);
  longer.set(numbers);
  return longer;
}

/** Gathers strings. */
export class StringPacker {
  count = 0;
  private strings: PackedStrings;
  private hashes = new Uint32Array(256);
  private used = 0;

  /** @param seed any number */
  constructor(seed: number) {
    this.strings = { bytes: new Uint8Array(4096), ends: new Uint32Array(256), slots: new Int32Array(512), seed };
  }

  /** Number of a text, a new one where it is new. @param text octets */
  add(text: string): number {
    const hash = hashOf(text, this.strings.seed);
    let slot = slotOf(this.strings, text, hash);
    if (this.strings.slots[slot] !== 0) return this.strings.slots[slot] - 1;
    while (this.used + text.length > this.strings.bytes.length) {
      this.strings = { ...this.strings, bytes: grown(this.strings.bytes) };
    }
    if (this.count === this.strings.ends.length) {
      this.widen();
      slot = slotOf(this.strings, text, hash);
    }
    const { bytes, ends, slots } = this.strings;
    for (let index = 0; index < text.length; index++) bytes[this.used++] = text.charCodeAt(index);
    this.hashes[this.count] = hash;
    ends[this.count++] = this.used;
    slots[slot] = this.count;
    return this.count - 1;
  }

  /** Room for twice as many. */
  private widen(): void {
    const { bytes, ends, slots, seed } = this.strings;
    const wider = new Int32Array(slots.length * 2);
    const mask = wider.length - 1;
    for (let number = 0; number < this.count; number++) {
      let slot = this.hashes[number] & mask;
      while (wider[slot] !== 0) slot = (slot + 1) & mask;
      wider[slot] = number + 1;
    }
    this.hashes = grown(this.hashes);
    this.strings = { bytes, ends: grown(ends), slots: wider, seed };
  }

  /** What was gathered. */
  pack(): PackedStrings {
    const { bytes, ends, slots, seed } = this.strings;
    return {
      bytes: shared(bytes, this.used),
      ends: shared(ends, this.count),
      slots: shared(slots, slots.length),
      seed,
    };
  }
}
