/**
 * Follows one in so many queries on its way through the plugins behind, and reports where its time went.
 * @source coredns plugin/trace/trace.go, plugin/plugin.go NextOrFailure at v1.13.2
 */
import type { HandlerContext, HandlerFactory } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import { type Query, type QueryTrace, TCP } from '../../chain/query';
import type { Clock } from '../../kernel/clock';
import { TRACE_SPANS_MAX } from '../../limits';
import { rcodeText, typeText } from '../../wire/codes';
import { type SpanReport, traceKey } from './report';
import type { TraceOptions } from './setup';

type Span = { -readonly [Key in keyof SpanReport]: SpanReport[Key] };

/** One query that is followed. */
export class Trace implements QueryTrace {
  readonly traceId: string;
  /** The whole query first. */
  readonly spans: Span[];
  /** When it came, Unix time. */
  readonly wallMs: number;
  private readonly clock: Clock;
  private readonly startMs: number;
  /** Span of each handler that the query is in, by position. */
  private readonly entered = new Map<number, number>();
  /** Innermost span that is not over. */
  private inner = 0;
  private connecting = -1;

  constructor(traceId: string, clock: Clock, wallMs: number) {
    this.traceId = traceId;
    this.clock = clock;
    this.wallMs = wallMs;
    this.startMs = clock.now();
    this.spans = [{ name: 'servedns', parent: -1, startMs: 0, durationMs: 0 }];
  }

  private begin(name: string, tags?: SpanReport['tags']): number {
    if (this.spans.length === TRACE_SPANS_MAX) return -1;
    const startMs = this.clock.now() - this.startMs;
    this.spans.push({ name, parent: this.inner, startMs, durationMs: 0, ...(tags && { tags }) });
    return this.spans.length - 1;
  }

  /** @param index -1 for one that was not begun */
  end(index: number): void {
    if (index < 0) return;
    const span = this.spans[index];
    span.durationMs = this.clock.now() - this.startMs - span.startMs;
  }

  enter(position: number, name: string): void {
    const index = this.begin(name);
    if (index < 0) return;
    this.entered.set(position, index);
    this.inner = index;
  }

  exit(position: number): void {
    const index = this.entered.get(position);
    if (index === undefined) return;
    this.entered.delete(position);
    this.end(index);
    this.inner = this.spans[index].parent;
  }

  connect(to: string): void {
    this.connecting = this.begin('connect', { 'peer.address': to });
  }

  connected(): void {
    this.end(this.connecting);
    this.connecting = -1;
  }
}

class TraceHandler implements Handler {
  readonly name = 'trace';
  private readonly options: TraceOptions;
  private readonly key: string;
  private readonly context: HandlerContext;
  private count = 0;

  constructor(options: TraceOptions, context: HandlerContext) {
    this.options = options;
    this.key = traceKey(options);
    this.context = context;
  }

  handle(query: Query): Step {
    const { every } = this.options;
    if (every === 0 || ++this.count % every !== 0 || query.depth > 0) return Step.PASS;
    const { random, clock } = this.context;
    const traceId = Array.from({ length: 4 }, () => random.u16().toString(16).padStart(4, '0')).join('');
    query.trace = new Trace(traceId, clock, performance.timeOrigin + performance.now());
    query.metadata?.set('trace/traceid', traceId);
    return Step.PASS;
  }

  leave(query: Query): void {
    const { trace, view, protocol, error } = query;
    if (!(trace instanceof Trace)) return;
    query.trace = undefined;
    trace.end(0);
    trace.spans[0].tags = {
      'coredns.io/name': query.name,
      'coredns.io/type': typeText(view.type),
      'coredns.io/rcode': rcodeText(query.rcode),
      'coredns.io/proto': protocol === TCP ? 'tcp' : 'udp',
      'coredns.io/remote': this.context.remoteAddress(query),
    };
    const { traceId, wallMs, spans } = trace;
    this.context.report({ key: this.key, traceId, startMs: wallMs, spans, error });
  }
}

/** Make the handler. */
export const handler: HandlerFactory<TraceOptions> = (options, context) => new TraceHandler(options, context);
