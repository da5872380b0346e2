/**
 * Counters of one thread in shared memory. One writer per slot, so counting is a plain addition: no lock, no message, no
 * allocation. Main sums the threads when it is scraped (exposition.ts).
 *
 * A slot is a float64 (exact up to 2^53). A series is announced once, when it is made: metric, labels, first slot.
 */
import { assert } from '../assert';
import { METRICS, type MetricName } from './metrics';

/** Announced to main when a series is made; plain data. */
export interface Series {
  readonly metric: MetricName;
  /** Label values in the order of the metric's labels. */
  readonly labels: readonly string[];
  /** First slot. A histogram takes one slot per bucket, one for +Inf and one for the sum. */
  readonly slot: number;
}

/** What becomes of counting when all slots are taken: slot 0 is nobody's. */
const SLOT_NOBODY = 0;

export class Counters {
  /** Hot code adds here: `counters.values[slot] += 1`. */
  readonly values: Float64Array;
  private readonly slots = new Map<string, number>();
  private slotNext = SLOT_NOBODY + 1;
  private readonly announce: (series: Series) => void;
  /** Made first, so that it exists when there is no room for anything else. */
  private readonly droppedSlot: number;

  /**
   * @param values this thread's slots, viewed over a SharedArrayBuffer; zeroed
   * @param announce called for every new series, on the thread that made it
   */
  constructor(values: Float64Array, announce: (series: Series) => void) {
    this.values = values;
    this.announce = announce;
    this.droppedSlot = this.slot('nodelocaldns_series_dropped_total');
  }

  /**
   * The slot of a series, made on first use. Not for the hot path: keep the number.
   * @param labels values in the order of the catalogue (metrics.ts)
   * @returns first slot; a slot that nobody reads when all are taken, counted in nodelocaldns_series_dropped_total
   */
  slot(metric: MetricName, ...labels: string[]): number {
    const definition = METRICS[metric];
    assert(labels.length === definition.labels.length);
    const key = metric + '\0' + labels.join('\0');
    const known = this.slots.get(key);
    if (known !== undefined) return known;
    const count = definition.type === 'histogram' ? definition.buckets.length + 2 : 1;
    if (this.slotNext + count > this.values.length) {
      this.add(this.droppedSlot, 1);
      return SLOT_NOBODY;
    }
    const slot = this.slotNext;
    this.slotNext += count;
    this.slots.set(key, slot);
    this.announce({ metric, labels, slot });
    return slot;
  }

  /** Take a series off the page until it is set again: what it described is gone, and 0 would say that it fails. */
  forget(slot: number): void {
    this.values[slot] = Number.NaN;
  }

  /** Set every series of a metric to 0: it describes what is no more. */
  clear(metric: MetricName): void {
    for (const [key, slot] of this.slots) if (key.startsWith(`${metric}\0`)) this.values[slot] = 0;
  }

  /** Add to a counter. */
  add(slot: number, amount: number): void {
    this.values[slot] += amount;
  }

  /** Set a gauge. */
  set(slot: number, value: number): void {
    this.values[slot] = value;
  }

  /**
   * Count `times` observations of `value` in a histogram.
   * @param slot first slot of a histogram series
   * @param bounds the metric's upper bounds, ascending
   */
  observe(slot: number, bounds: readonly number[], value: number, times = 1): void {
    if (slot === SLOT_NOBODY) return;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) bucket++;
    this.values[slot + bucket] += times;
    this.values[slot + bounds.length + 1] += value * times;
  }
}
