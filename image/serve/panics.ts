/**
 * A throw on the data path is a mistake of ours. One packet must not end the server of a whole node, so it is counted and
 * the loop goes on; but a server that throws all the time is broken, and starting anew is better than going on so.
 */
import type { WorkerLog } from '../chain/context';
import type { Clock } from '../kernel/clock';
import { PANICS_PER_SECOND_MAX } from '../limits';
import type { Counters } from '../observe/counters';

export class Panics {
  private readonly clock: Clock;
  private readonly counters: Counters;
  private readonly log: WorkerLog;
  /** Every throw ends the process: some block has `debug`. */
  debug = false;
  private secondStartMs = 0;
  private inSecond = 0;

  constructor(clock: Clock, counters: Counters, log: WorkerLog) {
    this.clock = clock;
    this.counters = counters;
    this.log = log;
  }

  /** Count a throw; the first of a second is logged with its place. @throws `error` again when there are too many */
  recovered(error: unknown): void {
    this.counters.add(this.counters.slot('coredns_panics_total'), 1);
    if (this.debug) throw error;
    const now = this.clock.now();
    if (now - this.secondStartMs >= 1000) {
      this.secondStartMs = now;
      this.inSecond = 0;
    }
    this.inSecond++;
    if (this.inSecond > PANICS_PER_SECOND_MAX) throw error;
    if (this.inSecond > 1) return;
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.log.line('ERROR', `Recovered from panic in server: ${what}`);
  }
}
