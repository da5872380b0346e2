/** Reports of traced queries: gathered during a turn and posted to main at its end. */
import { TRACES_PER_TURN_MAX } from '../limits';
import type { Counters } from '../observe/counters';
import type { TraceReport } from '../plugin/trace/report';

export class TurnTraces {
  private readonly counters: Counters;
  private readonly post: (reports: readonly TraceReport[]) => void;
  private reports: TraceReport[] = [];

  constructor(counters: Counters, post: (reports: readonly TraceReport[]) => void) {
    this.counters = counters;
    this.post = post;
  }

  /** When a turn brings more than main could post, the rest is dropped and counted. */
  add(report: TraceReport): void {
    if (this.reports.length < TRACES_PER_TURN_MAX) this.reports.push(report);
    else {
      this.counters.add(this.counters.slot('nodelocaldns_trace_spans_dropped_total', 'turn'), report.spans.length);
    }
  }

  /** End of a turn. */
  flush(): void {
    if (this.reports.length === 0) return;
    this.post(this.reports);
    this.reports = [];
  }
}
