/** Monotonic milliseconds, the same in every thread: TTLs must not jump when someone sets the wall clock (CoreDNS #8346). */

export interface Clock {
  /** Milliseconds of CLOCK_MONOTONIC, with fractions. */
  now(): number;
}

/**
 * performance.now() is the cheapest clock (46 ns against 43 ns plus an array for hrtime) but starts at 0 in each thread;
 * the difference to CLOCK_MONOTONIC is taken once.
 */
export class MonotonicClock implements Clock {
  private readonly offsetMs: number;

  constructor() {
    const [seconds, nanoseconds] = process.hrtime();
    this.offsetMs = seconds * 1e3 + nanoseconds / 1e6 - performance.now();
  }

  now(): number {
    return performance.now() + this.offsetMs;
  }
}
