/**
 * Posts spans to a Zipkin collector, in batches, one request at a time.
 * @source openzipkin/zipkin-go reporter/http: its limits and its log lines; Zipkin API v2 for the JSON
 */
import { randomBytes } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { SpanReport, TraceReport } from '../plugin/trace/report';
import type { TraceOptions } from '../plugin/trace/setup';
import type { Cancel, World } from './world';

/** What a reporter needs. */
export interface ZipkinAccess {
  readonly clock: World['clock'];
  readonly post: World['post'];
  warn(text: string): void;
  /** Spans that nobody will see. */
  dropped(reason: 'backlog' | 'collector', spans: number): void;
}

type ZipkinSpan = Readonly<Record<string, unknown>>;

/** A collector and what waits for it. */
export class ZipkinReporter {
  private readonly options: TraceOptions;
  private readonly access: ZipkinAccess;
  private readonly endpoint: ZipkinSpan;
  private spans: ZipkinSpan[] = [];
  private readonly cancel: Cancel;
  private sending: Promise<void> | undefined;

  constructor(options: TraceOptions, access: ZipkinAccess) {
    this.options = options;
    this.access = access;
    this.endpoint = localEndpoint(options);
    this.cancel = access.clock.every(options.intervalMs, () => this.send());
  }

  /** A traced query. */
  add(report: TraceReport): void {
    this.spans.push(...zipkinSpans(report, this.endpoint));
    const over = this.spans.length - this.options.backlogMax;
    if (over > 0) {
      this.spans.splice(0, over);
      this.access.warn(`backlog too long, disposing ${over} spans`);
      this.access.dropped('backlog', over);
    }
    if (this.spans.length >= this.options.batchMax) this.send();
  }

  private send(): void {
    if (this.sending !== undefined || this.spans.length === 0) return;
    const batch = this.spans;
    this.spans = [];
    this.sending = this.deliver(batch).finally(() => {
      this.sending = undefined;
    });
  }

  private async deliver(batch: readonly ZipkinSpan[]): Promise<void> {
    const { access, options } = this;
    let problem: string;
    try {
      const status = await access.post(options.endpoint, JSON.stringify(batch));
      if (status >= 200 && status < 300) return;
      problem = `failed the request with status code ${status}`;
    } catch (error) {
      problem = `failed to send the request: Post "${options.endpoint}": ${(error as Error).message}`;
    }
    access.warn(problem);
    access.dropped('collector', batch.length);
  }

  /** Send what is left, and no more. */
  async close(): Promise<void> {
    this.cancel();
    await this.sending;
    this.send();
    await this.sending;
  }
}

/** Who we are; the address only when we are bound to one. */
function localEndpoint({ service, host, port }: TraceOptions): ZipkinSpan {
  const serviceName = service.toLowerCase();
  if (host === '') return { serviceName };
  const [address] = host.split('%');
  return isIPv6(address) ? { serviceName, ipv6: address, port } : { serviceName, ipv4: address, port };
}

/** Inner spans first, as CoreDNS ends them. The whole query's own number is that of its trace. */
function zipkinSpans({ traceId, startMs, spans, error }: TraceReport, localEndpoint: ZipkinSpan): ZipkinSpan[] {
  const ids = spans.map((_, index) => (index === 0 ? traceId : randomBytes(8).toString('hex')));
  const made = spans.map((span: SpanReport, index): ZipkinSpan => {
    const timestamp = Math.round((startMs + span.startMs) * 1000);
    const duration = Math.max(1, Math.round(span.durationMs * 1000));
    const common = { timestamp, duration, traceId, id: ids[index], name: span.name, localEndpoint };
    if (index > 0) return { ...common, parentId: ids[span.parent], ...(span.tags && { tags: span.tags }) };
    if (error === '') return { ...common, kind: 'SERVER', tags: span.tags };
    const at = timestamp + duration;
    const annotations = ['event:error', `error.object:${error}`].map((value) => ({ timestamp: at, value }));
    return { ...common, kind: 'SERVER', annotations, tags: { ...span.tags, error: 'true' } };
  });
  return made.reverse();
}
