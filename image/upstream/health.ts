/**
 * Is an upstream alive? Asked only when a question to it failed: then a probe is repeated until one is answered. Down means
 * that more than `failsMax` probes in a row failed.
 * @source coredns plugin/pkg/up, plugin/pkg/proxy/health.go
 */
import { assert } from '../assert';
import type { Arena } from '../kernel/arena';
import type { Blocks } from '../kernel/blocks';
import type { Clock } from '../kernel/clock';
import { Timer, type Timers } from '../kernel/timers';
import { HEADER_BYTES, HEALTH_PROBE_TIMEOUT_MS, UDP_PLAIN_BYTES } from '../limits';
import { Class, Type } from '../wire/codes';
import { FLAG_RD, Section, setCount, setFlags } from '../wire/header';
import { textToName } from '../wire/name-text';
import { QueryView, readQuery } from '../wire/question';
import type { Asker, Exchange, Exchanges } from './exchange';
import type { Upstream } from './upstreams';

export interface HealthOptions {
  readonly intervalMs: number;
  readonly recursionDesired: boolean;
  /** FQDN whose NS records are asked. */
  readonly domain: string;
  /** 0: never down, and never asked. */
  readonly failsMax: number;
  readonly overTcp: boolean;
}

export interface HealthEnvironment {
  readonly arena: Arena;
  /** Blocks of {@link Health.ARENA_BYTES}. */
  readonly probeBlocks: Blocks;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly exchanges: Exchanges;
}

export class Health implements Asker {
  private readonly environment: HealthEnvironment;
  private readonly upstream: Upstream;
  private readonly options: HealthOptions;
  private readonly onFailure: () => void;
  private readonly onTurn: (isDown: boolean) => void;
  private readonly requestOffset: number;
  private readonly view = new QueryView();
  private readonly timer = new Timer(() => this.probe());
  private probing = false;
  /** A probe is on its way. */
  private asking = false;
  private closed = false;
  private fails = 0;

  /** Bytes of arena that it takes. */
  static readonly ARENA_BYTES = UDP_PLAIN_BYTES;

  /**
   * @param onFailure a probe failed
   * @param onTurn it is down now, or no longer
   */
  constructor(
    environment: HealthEnvironment,
    upstream: Upstream,
    options: HealthOptions,
    onFailure: () => void,
    onTurn: (isDown: boolean) => void = () => {},
  ) {
    this.environment = environment;
    this.upstream = upstream;
    this.options = options;
    this.onFailure = onFailure;
    this.onTurn = onTurn;
    this.requestOffset = environment.probeBlocks.take();
    assert(this.requestOffset >= 0); // A plan with more upstreams than blocks is refused (serve/generations.ts).
    environment.arena.u8.fill(0, this.requestOffset, this.requestOffset + Health.ARENA_BYTES);
    this.writeRequest();
  }

  private writeRequest(): void {
    const { u8 } = this.environment.arena;
    const { requestOffset } = this;
    setFlags(u8, requestOffset, this.options.recursionDesired ? FLAG_RD : 0);
    setCount(u8, requestOffset, Section.QUESTION, 1);
    const name = textToName(this.options.domain) ?? new Uint8Array(1);
    const tail = requestOffset + HEADER_BYTES + name.length;
    u8.set(name, requestOffset + HEADER_BYTES);
    u8.set([0, Type.NS, 0, Class.IN], tail);
    readQuery(u8, requestOffset, tail + 4 - requestOffset, this.view);
  }

  /** Is it considered dead? */
  get down(): boolean {
    return this.options.failsMax > 0 && this.fails > this.options.failsMax;
  }

  /** A question failed: find out, unless that is under way. */
  check(): void {
    if (this.probing || this.closed || this.options.failsMax === 0) return;
    this.probing = true;
    this.probe();
  }

  private probe(): void {
    const exchange = this.environment.exchanges.begin(this, undefined, HEALTH_PROBE_TIMEOUT_MS);
    if (exchange === undefined) {
      this.again(); // Nobody's fault: too much is under way.
      return;
    }
    this.asking = true;
    exchange.bytes = this.environment.arena.u8;
    exchange.requestOffset = this.requestOffset;
    exchange.requestBytes = this.view.messageBytes;
    exchange.view = this.view;
    const error = this.upstream.send(exchange, this.options.overTcp);
    if (error !== '') this.environment.exchanges.fail(exchange, error);
  }

  answered(): void {
    if (this.down && !this.closed) this.onTurn(false);
    this.fails = 0;
    this.probing = false;
    this.ended();
  }

  failed(_exchange: Exchange): void {
    this.fails++;
    this.onFailure();
    if (!this.closed && this.fails === this.options.failsMax + 1) this.onTurn(true);
    this.ended();
    this.again();
  }

  /** The probe is over, and with {@link close} behind it so is the need for its question. */
  private ended(): void {
    this.asking = false;
    if (this.closed) this.environment.probeBlocks.give(this.requestOffset);
  }

  private again(): void {
    if (this.closed) return;
    const { timers, clock } = this.environment;
    timers.start(this.timer, clock.now() + this.options.intervalMs);
  }

  /** Probe no more. */
  close(): void {
    if (this.closed) return;
    if (this.down) this.onTurn(false);
    this.closed = true;
    this.environment.timers.stop(this.timer);
    if (!this.asking) this.environment.probeBlocks.give(this.requestOffset);
  }
}
