/** Packets from upstreams that answer no open question: counted, and shown to who debugs. */
import type { Clock } from '../kernel/clock';
import { MISMATCHES_SHOWN_PER_SECOND } from '../limits';
import type { Counters } from '../observe/counters';
import { hexdump } from '../plugin/debug/hexdump';
import type { TurnLog } from './log';

export class Mismatches {
  private readonly clock: Clock;
  private readonly counters: Counters;
  private readonly slot: number;
  private readonly log: TurnLog;
  private secondStartMs = 0;
  private shown = 0;

  constructor(clock: Clock, counters: Counters, log: TurnLog) {
    this.clock = clock;
    this.counters = counters;
    this.slot = counters.slot('nodelocaldns_upstream_mismatched_total');
    this.log = log;
  }

  /** A packet at `bytes[offset .. offset + length - 1]`. */
  note(bytes: Uint8Array, offset: number, length: number): void {
    this.counters.values[this.slot] += 1;
    if (!this.log.debug) return;
    const now = this.clock.now();
    if (now - this.secondStartMs >= 1000) {
      this.secondStartMs = now;
      this.shown = 0;
    }
    if (++this.shown > MISMATCHES_SHOWN_PER_SECOND) return;
    const what = `A packet from an upstream answers no open question: ${length} octets`;
    this.log.plugin('forward', 'DEBUG', what);
    for (const line of hexdump(bytes, offset, length)) this.log.line('DEBUG', line);
  }
}
