/** Reports of traced queries: gathered during a turn and posted to main at its end; dropped when main is too slow. */
import { TRACES_WAITING_MAX } from '../limits';
import type { Counters } from '../observe/counters';
import type { TraceReport } from '../plugin/trace/report';

export class TurnTraces {
  private readonly waiting: Int32Array;
  private readonly counters: Counters;
  private readonly post: (reports: readonly TraceReport[]) => void;
  private reports: TraceReport[] = [];

  /** @param waiting one Int32 shared with main: reports posted and not yet taken */
  constructor(waiting: SharedArrayBuffer, counters: Counters, post: (reports: readonly TraceReport[]) => void) {
    this.waiting = new Int32Array(waiting);
    this.counters = counters;
    this.post = post;
  }

  /** A query is over. */
  add(report: TraceReport): void {
    if (Atomics.load(this.waiting, 0) + this.reports.length < TRACES_WAITING_MAX) this.reports.push(report);
    else {
      this.counters.add(this.counters.slot('nodelocaldns_trace_spans_dropped_total', 'main'), report.spans.length);
    }
  }

  /** End of a turn. */
  flush(): void {
    if (this.reports.length === 0) return;
    Atomics.add(this.waiting, 0, this.reports.length);
    this.post(this.reports);
    this.reports = [];
  }
}
