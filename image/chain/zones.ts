/** The longest zone that a name lies in. A query walks its own labels, so ten zones and ten thousand cost the same. */
import { assert } from '../assert';
import { LABELS_MAX } from '../limits';
import type { NameHash } from '../memory/hash';
import { Type } from '../wire/codes';
import { textToName } from '../wire/name-text';
import type { QueryView } from '../wire/question';

export class Zones {
  /** Open addressing by suffix hash: index of the zone + 1, 0 = empty. */
  private readonly slots: Int32Array;
  private readonly mask: number;
  private readonly names: Uint8Array[] = [];
  private readonly hashes: Int32Array;
  private root = -1;

  /**
   * @param zones lower-case FQDNs, each once
   * @param hash the one that will have hashed the name when {@link find} is called
   */
  constructor(zones: readonly string[], hash: NameHash) {
    const size = 2 ** Math.ceil(Math.log2(zones.length * 2 + 1));
    this.slots = new Int32Array(size);
    this.mask = size - 1;
    this.hashes = new Int32Array(zones.length);
    const starts = new Uint8Array(LABELS_MAX);
    for (const [index, zone] of zones.entries()) {
      const name = textToName(zone);
      assert(name !== undefined); // The Corefile's zones were checked when it was read.
      this.names.push(name);
      if (name.length === 1) {
        this.root = index;
        continue;
      }
      this.hashes[index] = hash.name(name, name.length, starts, labelStarts(name, starts));
      let slot = this.hashes[index] & this.mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask;
      this.slots[slot] = index + 1;
    }
  }

  /**
   * Index of the zone that answers for the question, or -1. For DS the zone above is asked: the last match, as CoreDNS does.
   * @param suffixes hashes that NameHash.name just computed for `view.key`
   */
  find(view: QueryView, suffixes: Int32Array): number {
    let found = -1;
    for (let label = 0; label < view.labelCount; label++) {
      const zone = this.match(view, label, suffixes[label]);
      if (zone < 0) continue;
      found = zone;
      if (view.type !== Type.DS) return found;
    }
    return found >= 0 ? found : this.root;
  }

  private match(view: QueryView, label: number, hash: number): number {
    let slot = hash & this.mask;
    for (;;) {
      const index = this.slots[slot] - 1;
      if (index < 0) return -1;
      if (this.hashes[index] === hash && this.equals(index, view, view.labelStarts[label])) return index;
      slot = (slot + 1) & this.mask;
    }
  }

  private equals(index: number, view: QueryView, start: number): boolean {
    const name = this.names[index];
    if (name.length !== view.nameBytes - start) return false;
    for (let at = 0; at < name.length; at++) if (name[at] !== view.key[start + at]) return false;
    return true;
  }
}

/** Fill `starts` with the labels of an uncompressed name. @returns how many */
export function labelStarts(name: Uint8Array, starts: Uint8Array): number {
  let count = 0;
  for (let at = 0; name[at] !== 0; at += name[at] + 1) starts[count++] = at;
  return count;
}
