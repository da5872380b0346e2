/** The servers that are asked, each once per worker, however many forwards name it: they share connections. */
import type { Counters } from '../observe/counters';
import { TIME_BUCKETS } from '../observe/metrics';
import { rcodeText } from '../wire/codes';
import type { UpstreamEnvironment } from './environment';
import type { Exchange } from './exchange';
import { TcpPool } from './tcp-pool';
import { UdpPool } from './udp-pool';

/** The plugin that asks, as it is called in CoreDNS's metrics. */
const PROXY_NAME = 'forward';

/** Wishes of one forward; where several differ the pool is as patient as the most patient and as strict as the strictest. */
export interface PoolWishes {
  readonly expireMs: number;
  readonly ageMsMax: number;
  readonly idleConnectionsMax: number;
}

export class Upstream {
  /** `10.0.0.10:53`: the `to` label. */
  readonly label: string;
  private readonly tcp: TcpPool;
  private readonly udp: UdpPool;
  private readonly counters: Counters;
  /** Longest that anyone has wished for so far. */
  private expireMs = 0;
  private readonly durations = new Map<number, number>();

  constructor(environment: UpstreamEnvironment, counters: Counters, address: string, port: number, label: string) {
    this.label = label;
    this.counters = counters;
    this.tcp = new TcpPool(environment, address, port);
    this.udp = new UdpPool(environment, address, port);
    this.tcp.onUse = this.useCounter('tcp');
    this.udp.onUse = this.useCounter('udp');
  }

  private useCounter(protocol: string): (kept: boolean) => void {
    const { counters, label } = this;
    const labels = [PROXY_NAME, label, protocol] as const;
    let hits = -1;
    let misses = -1;
    return (kept) => {
      if (kept && hits < 0) hits = counters.slot('coredns_proxy_conn_cache_hits_total', ...labels);
      if (!kept && misses < 0) misses = counters.slot('coredns_proxy_conn_cache_misses_total', ...labels);
      counters.values[kept ? hits : misses] += 1;
    };
  }

  /** Take a forward's wishes into account. */
  wish({ expireMs, ageMsMax, idleConnectionsMax }: PoolWishes): void {
    this.expireMs = Math.max(this.expireMs, expireMs);
    for (const pool of [this.tcp, this.udp]) pool.expireMs = this.expireMs;
    for (const pool of [this.tcp, this.udp]) {
      pool.ageMsMax = strictest(pool.ageMsMax, ageMsMax);
      pool.idleMax = strictest(pool.idleMax, idleConnectionsMax);
    }
  }

  /** Send a question. @returns '' or the error in Go's words; the exchange goes on either way */
  send(exchange: Exchange, overTcp: boolean): string {
    return overTcp ? this.tcp.send(exchange) : this.udp.send(exchange);
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

  close(): void {
    this.tcp.close();
    this.udp.close();
  }
}

/** The smaller of two limits of which 0 means none. */
function strictest(left: number, right: number): number {
  if (left === 0 || right === 0) return left + right;
  return Math.min(left, right);
}

export class Upstreams {
  private readonly byLabel = new Map<string, Upstream>();
  private readonly environment: UpstreamEnvironment;
  private readonly counters: Counters;

  constructor(environment: UpstreamEnvironment, counters: Counters) {
    this.environment = environment;
    this.counters = counters;
  }

  /** The upstream at an address; the same object for the same label. */
  get(address: string, port: number, label: string): Upstream {
    let upstream = this.byLabel.get(label);
    if (upstream === undefined) {
      upstream = new Upstream(this.environment, this.counters, address, port, label);
      this.byLabel.set(label, upstream);
    }
    return upstream;
  }

  /** Close all sockets; questions in flight fail. */
  close(): void {
    for (const upstream of this.byLabel.values()) upstream.close();
  }
}
