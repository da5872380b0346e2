/** The Zipkin reporters of a plan: one per different `trace`. */
import type { Counters } from '../observe/counters';
import type { Log } from '../observe/log';
import { type TraceReport, traceKey } from '../plugin/trace/report';
import type { TraceOptions } from '../plugin/trace/setup';
import type { World } from './world';
import { ZipkinReporter } from './zipkin';

/** What they need. */
export interface TracersAccess {
  readonly world: Pick<World, 'clock' | 'post'>;
  readonly counters: Counters;
  readonly log: Log;
}

/** One per process. */
export class Tracers {
  private readonly access: TracersAccess;
  private readonly reporters = new Map<string, ZipkinReporter>();

  constructor(access: TracersAccess) {
    this.access = access;
  }

  /** The workers have a plan with these: open what is new, close what is gone. */
  async commit(traces: readonly TraceOptions[]): Promise<void> {
    const wanted = new Map(traces.map((options) => [traceKey(options), options]));
    const gone = [...this.reporters].filter(([key]) => !wanted.has(key));
    for (const [key] of gone) this.reporters.delete(key);
    for (const [key, options] of wanted) if (!this.reporters.has(key)) this.reporters.set(key, this.open(options));
    await Promise.all(gone.map(([, reporter]) => reporter.close()));
  }

  private open(options: TraceOptions): ZipkinReporter {
    const { world, counters, log } = this.access;
    return new ZipkinReporter(options, {
      clock: world.clock,
      post: world.post,
      warn: (text) => log.plugin('trace', 'WARNING', text),
      dropped: (reason, spans) => counters.add(counters.slot('nodelocaldns_trace_spans_dropped_total', reason), spans),
    });
  }

  /** Reports of a worker; those of a plan that is gone are dropped. */
  take(reports: readonly TraceReport[]): void {
    for (const report of reports) {
      const reporter = this.reporters.get(report.key);
      if (reporter !== undefined) reporter.add(report);
      else {
        const { counters } = this.access;
        counters.add(counters.slot('nodelocaldns_trace_spans_dropped_total', 'reload'), report.spans.length);
      }
    }
  }

  /** Send what is left. */
  async close(): Promise<void> {
    await this.commit([]);
  }
}
