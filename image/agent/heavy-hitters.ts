/**
 * The most frequent of many, in fixed room: Space-Saving (Metwally, Agrawal, El Abbadi, 2005). With k counters every
 * key that has more than 1/k of the weight is among them, and a count is too high by at most `error`.
 *
 * Counts fade: what was frequent a minute ago makes room for what is frequent now.
 */

/** A key and how much of it there was. */
export interface Counted {
  readonly key: string;
  /** At least `count - error`, at most `count`. */
  readonly count: number;
  readonly error: number;
}

interface Entry {
  key: string;
  count: number;
  error: number;
}

/** Below this a faded count says nothing. */
const COUNT_MIN = 0.01;

/** Of one kind: names, types or clients. */
export class HeavyHitters {
  private readonly entriesMax: number;
  private readonly entries = new Map<string, Entry>();
  /** Weight of everything that was added, faded alike. */
  total = 0;

  /** @param entriesMax counters kept */
  constructor(entriesMax: number) {
    this.entriesMax = entriesMax;
  }

  /** Count it. */
  add(key: string, weight = 1): void {
    this.total += weight;
    const known = this.entries.get(key);
    if (known !== undefined) {
      known.count += weight;
      return;
    }
    if (this.entries.size < this.entriesMax) {
      this.entries.set(key, { key, count: weight, error: 0 });
      return;
    }
    const least = this.least();
    this.entries.delete(least.key);
    this.entries.set(key, { key, count: least.count + weight, error: least.count });
  }

  private least(): Entry {
    let least: Entry | undefined;
    for (const entry of this.entries.values()) if (least === undefined || entry.count < least.count) least = entry;
    return least!;
  }

  /** Let all counts fade. @param factor 0 … 1 */
  fade(factor: number): void {
    this.total *= factor;
    for (const entry of this.entries.values()) {
      entry.count *= factor;
      entry.error *= factor;
      if (entry.count < COUNT_MIN) this.entries.delete(entry.key);
    }
  }

  /** The most frequent, first. @param rows how many at most */
  top(rows: number): Counted[] {
    const sorted = [...this.entries.values()].sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1));
    return sorted.slice(0, rows).map(({ key, count, error }) => ({ key, count, error }));
  }
}
