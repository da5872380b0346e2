/**
 * One backward pass over a name gives the hash of every suffix of it: the zones it may belong to and, at the end, itself.
 *
 *   3 w e b 7 d e f a u l t 3 s v c 7 c l u s t e r 5 l o c a l 0
 *   │       │               │       │               └ suffixes[4] = local.
 *   └ 0     └ 1             └ 2     └ 3 = cluster.local.
 *
 * FNV-1a with a random seed per process: names chosen to collide would have to guess it (and Table bounds its probes).
 */
import { assert } from '../assert';
import { LABELS_MAX, NAME_BYTES_MAX } from '../limits';

const PRIME = 0x01000193;

export class NameHash {
  /** Hash of the suffix that begins with label i, of the name hashed last. */
  readonly suffixes = new Int32Array(LABELS_MAX);
  private readonly seed: number;

  /** @param seed the same in all threads that share a table */
  constructor(seed: number) {
    this.seed = seed | 0;
  }

  /**
   * Hash a name and all its suffixes.
   * @param name wire form, folded, root label included
   * @param labelStarts index of each length octet, root excluded
   * @returns hash of the whole name; the seed for the root
   */
  name(name: Uint8Array, nameBytes: number, labelStarts: Uint8Array, labelCount: number): number {
    assert(nameBytes > 0 && nameBytes <= NAME_BYTES_MAX && labelCount < LABELS_MAX);
    let hash = this.seed;
    let index = nameBytes - 2;
    for (let label = labelCount - 1; label >= 0; label--) {
      for (const start = labelStarts[label]; index >= start; index--) hash = Math.imul(hash ^ name[index], PRIME);
      this.suffixes[label] = hash;
    }
    return hash;
  }

  /** Hash of a question: name, type, class and key flags, well mixed in the low bits that index a table. */
  static question(nameHash: number, type: number, questionClass: number, flags: number): number {
    let hash = nameHash ^ Math.imul(type | (questionClass << 16), 0x9e3779b1) ^ Math.imul(flags + 1, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return hash ^ (hash >>> 16);
  }
}
