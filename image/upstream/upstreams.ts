/** The servers that are asked, each once per worker, however many forwards name it: they share connections. */
import type { Counters } from '../observe/counters';
import { TIME_BUCKETS } from '../observe/metrics';
import { rcodeText } from '../wire/codes';
import type { UpstreamEnvironment } from './environment';
import type { Exchange } from './exchange';
import { type PoolEvents, PoolSettings, type PoolTarget, type PoolWishes } from './pool-settings';
import { Places } from './share';
import { PlainDialer, TlsDialer, type TlsSettings } from './tcp-dialer';
import { TcpPool } from './tcp-pool';
import { UdpPool } from './udp-pool';

/** The plugin that asks, as it is called in CoreDNS's metrics. */
const PROXY_NAME = 'forward';

/** Why a question has no answer, by the words of its error. */
const FAILURES = [
  ['room', /^too many questions in flight$/], // Ours, not the upstream's.
  ['timeout', /i\/o timeout$/],
  ['refused', /connection refused$/],
  ['unreachable', /unreachable$|no route to host$/],
  ['closed', /EOF$|reset by peer$|broken pipe$|closed network connection$/],
] as const;

/** A server and how it is asked. */
export interface UpstreamTarget extends PoolTarget {
  /** `10.0.0.10:53`, as configured: the `to` label. */
  readonly label: string;
  /** Speak TLS with it, always. */
  readonly tls?: TlsSettings;
}

/** One server. */
export class Upstream {
  readonly label: string;
  private readonly settings = new PoolSettings();
  private readonly tcp: TcpPool;
  /** None when TLS is spoken. */
  private readonly udp: UdpPool | undefined;
  private readonly counters: Counters;
  private readonly durations = new Map<number, number>();
  private lastMark = 0;

  constructor(environment: UpstreamEnvironment, counters: Counters, target: UpstreamTarget) {
    const { label, tls } = target;
    this.label = label;
    this.counters = counters;
    const dialer = tls === undefined ? new PlainDialer(environment, target) : new TlsDialer(environment, target, tls);
    this.tcp = new TcpPool(environment, dialer, this.settings, this.poolEvents(dialer.protocol));
    if (tls === undefined) this.udp = new UdpPool(environment, target, this.settings, this.poolEvents('udp'));
  }

  private poolEvents(protocol: string): PoolEvents {
    const { counters, label } = this;
    const labels = [PROXY_NAME, label, protocol] as const;
    const open = counters.slot('nodelocaldns_upstream_connections', protocol);
    let hits = -1;
    let misses = -1;
    return {
      opened: () => counters.add(open, 1),
      closed: () => counters.add(open, -1),
      used(kept) {
        if (kept && hits < 0) hits = counters.slot('coredns_proxy_conn_cache_hits_total', ...labels);
        if (!kept && misses < 0) misses = counters.slot('coredns_proxy_conn_cache_misses_total', ...labels);
        counters.values[kept ? hits : misses] += 1;
      },
      waited: () => counters.add(counters.slot('nodelocaldns_upstream_waited_total', label), 1),
      overflowed: () => counters.add(counters.slot('nodelocaldns_queries_rejected_total', 'upstream_waiting'), 1),
    };
  }

  /** The last plan that named it: a mark of {@link Upstreams.begin}. */
  get mark(): number {
    return this.lastMark;
  }

  /** A plan names it. The first time in each plan the wishes of those before are forgotten. */
  name(mark: number): void {
    if (mark !== this.lastMark) this.settings.forget();
    this.lastMark = mark;
  }

  /** Take a forward's wishes into account. */
  wish(wishes: PoolWishes): void {
    this.settings.wish(wishes);
  }

  /** Send a question. @returns '' or the error in Go's words; the exchange goes on either way */
  send(exchange: Exchange, overTcp: boolean): string {
    return overTcp || this.udp === undefined ? this.tcp.send(exchange) : this.udp.send(exchange);
  }

  /** Many questions will come at once: have a connection ready. UDP needs none. */
  warmUp(): void {
    this.tcp.warmUp();
  }

  /** Is a connection on its way? */
  get isConnecting(): boolean {
    return this.tcp.isConnecting;
  }

  /** Connections that are not up by now, and have no question, are given up. */
  endWarmUp(): void {
    this.tcp.endWarmUp();
  }

  /** Count an answer. */
  answered(rcode: number, seconds: number): void {
    let slot = this.durations.get(rcode);
    if (slot === undefined) {
      slot = this.counters.slot('coredns_proxy_request_duration_seconds', PROXY_NAME, this.label, rcodeText(rcode));
      this.durations.set(rcode, slot); // At most one per rcode.
    }
    this.counters.observe(slot, TIME_BUCKETS, seconds);
  }

  /** Count a question without answer. @param error in Go's words */
  failed(error: string): void {
    const reason = FAILURES.find(([, words]) => words.test(error))?.[0] ?? 'other';
    this.counters.add(this.counters.slot('nodelocaldns_upstream_failures_total', this.label, reason), 1);
  }

  /** A forward that asks it finds that it is down, or no longer. */
  turned(isDown: boolean): void {
    this.counters.add(this.counters.slot('nodelocaldns_upstream_down', this.label), isDown ? 1 : -1);
  }

  close(): void {
    this.tcp.close();
    this.udp?.close();
  }
}

/** All servers of a worker. */
export class Upstreams {
  /** How many queries may wait for which forward. */
  readonly places = new Places();
  private readonly byTarget = new Map<string, Upstream>();
  private readonly environment: UpstreamEnvironment;
  private readonly counters: Counters;
  private mark = 0;

  constructor(environment: UpstreamEnvironment, counters: Counters) {
    this.environment = environment;
    this.counters = counters;
  }

  /** A new plan begins to name its upstreams. @returns its mark, larger than those before */
  begin(): number {
    return ++this.mark;
  }

  /** Close those that no plan from `mark` on has named. */
  closeUnused(mark: number): void {
    for (const [key, upstream] of this.byTarget) {
      if (upstream.mark >= mark) continue;
      this.byTarget.delete(key);
      upstream.close();
    }
  }

  /** The upstream that is asked so; the same object for the same target. */
  get(target: UpstreamTarget): Upstream {
    const { label, sourceAddress, tls } = target;
    const key = JSON.stringify([label, sourceAddress, tls]);
    let upstream = this.byTarget.get(key);
    if (upstream === undefined) {
      upstream = new Upstream(this.environment, this.counters, target);
      this.byTarget.set(key, upstream);
    }
    upstream.name(this.mark);
    return upstream;
  }

  /** Is a connection to any of them on its way? */
  get isConnecting(): boolean {
    for (const upstream of this.byTarget.values()) if (upstream.isConnecting) return true;
    return false;
  }

  /** See {@link Upstream.endWarmUp}. */
  endWarmUp(): void {
    for (const upstream of this.byTarget.values()) upstream.endWarmUp();
  }

  /** Close all sockets; questions in flight fail. */
  close(): void {
    for (const upstream of this.byTarget.values()) upstream.close();
  }
}
