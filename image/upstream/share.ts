/**
 * How many queries may wait for one forward. All forwards share QUERIES_MAX places, and a dead upstream holds its queries for
 * seconds: each forward may hold no more places than are free. So one dead zone holds half of them at most, two a third each,
 * and there is always as much left as the largest of them has.
 * @source Choudhury, Hahne: Dynamic queue length thresholds for shared-memory packet switches (1998), with alpha = 1
 */
import { assert } from '../assert';
import { QUERIES_MAX } from '../limits';

/** The places of a worker. */
export class Places {
  /** Queries that wait for any forward. */
  taken = 0;
}

/** What one forward has of them. */
export class Share {
  /** Queries that wait for this forward. */
  taken = 0;
  private readonly places: Places;

  constructor(places: Places) {
    this.places = places;
  }

  /** Take a place. @returns false when this forward has its share */
  take(): boolean {
    if (this.taken >= QUERIES_MAX - this.places.taken) return false;
    this.taken++;
    this.places.taken++;
    return true;
  }

  /** Give one back. */
  give(): void {
    assert(this.taken > 0);
    this.taken--;
    this.places.taken--;
  }
}
