/** Counts what passes. It stands in front of errors, log and cache, so it sees every answer as it leaves. */
import type { HandlerFactory } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import type { Clock } from '../../kernel/clock';
import type { Counters } from '../../observe/counters';
import { ZoneMeter } from './meter';
import type { PrometheusOptions } from './setup';

export class PrometheusHandler implements Handler {
  readonly name = 'prometheus';
  private readonly counters: Counters;
  private readonly clock: Clock;
  private readonly servers: readonly string[];
  private readonly meters = new Map<string, ZoneMeter>();

  constructor(counters: Counters, clock: Clock, servers: readonly string[]) {
    this.counters = counters;
    this.clock = clock;
    this.servers = servers;
  }

  /** The meter of a zone on a listener: one, however many ask. */
  meter(listener: number, zone: string): ZoneMeter {
    const key = `${listener} ${zone}`;
    let meter = this.meters.get(key);
    if (meter === undefined) {
      meter = new ZoneMeter(this.counters, this.servers[listener], zone);
      this.meters.set(key, meter);
    }
    return meter;
  }

  handle(): Step {
    return Step.PASS;
  }

  leave(query: Query): void {
    const meter = query.route.meter ?? this.meter(query.listener, query.route.zone);
    const { view } = query;
    meter.count(
      query.protocol,
      query.family,
      view.type,
      view.doBit,
      query.requestBytes,
      query.rcode,
      query.writer,
      query.replyBytes,
    );
    meter.took((this.clock.now() - query.receivedAtMs) / 1000);
  }
}

/** Directives that take no part in answering. */
const NOT_IN_CHAIN = new Set(['bind', 'debug', 'health', 'pprof', 'ready', 'reload', 'timeouts']);

/** Make the handler. */
export const handler: HandlerFactory<PrometheusOptions> = (_options, context) => {
  const { counters, servers, block } = context;
  const [zone] = block.zones; // CoreDNS sets a block up for its first zone only.
  for (const listener of context.firstListeners) {
    for (const { name } of block.plugins) {
      if (NOT_IN_CHAIN.has(name)) continue;
      counters.set(counters.slot('coredns_plugin_enabled', servers[listener], zone, '', name), 1);
    }
  }
  return new PrometheusHandler(counters, context.clock, servers);
};
