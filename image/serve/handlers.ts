/** From the plan to what runs: handlers per block, routes per listener. */
import type { HandlerContext } from '../chain/context';
import type { Handler } from '../chain/plugin';
import type { Block, Route } from '../chain/route';
import { Zones } from '../chain/zones';
import type { BlockPlan, ListenerPlan, Plan } from '../corefile/plan';
import { isInZone } from '../corefile/zone-name';
import type { NameHash } from '../memory/hash';
import type { Counters } from '../observe/counters';
import { CacheHandler } from '../plugin/cache/handler';
import type { CacheService } from '../plugin/cache/service';
import { makeHandler } from '../plugin/handlers';
import { PrometheusHandler } from '../plugin/prometheus/handler';
import { ZONE_DROPPED, ZoneMeter } from '../plugin/prometheus/meter';
import type { ListenerService } from './server';

/** Everything of a handler's context that does not differ from block to block. */
export type CommonContext = Omit<HandlerContext, 'block' | 'blockIndex' | 'listeners'>;

/** Make the handlers of all blocks. */
export function makeBlocks(plan: Plan, common: CommonContext): Block[] {
  return plan.blocks.map((block, index) => {
    const listeners = listenersOf(plan, index);
    const context: HandlerContext = { ...common, block, blockIndex: index, listeners };
    const handlers = block.plugins.map((plugin) => makeHandler(plugin, context));
    return { index, handlers: handlers.filter((handler): handler is Handler => handler !== undefined) };
  });
}

function listenersOf(plan: Plan, block: number): number[] {
  return plan.listeners.flatMap(({ zones }, index) => (zones.some((zone) => zone.block === block) ? [index] : []));
}

/** Make what a listener leads to. */
export function makeListener(
  plan: Plan,
  index: number,
  blocks: readonly Block[],
  hash: NameHash,
  counters: Counters,
): ListenerService {
  const listener = plan.listeners[index];
  return {
    index,
    zones: new Zones(
      listener.zones.map(({ zone }) => zone),
      hash,
    ),
    routes: listener.zones.map(({ zone, block }) => makeRoute(index, zone, blocks[block])),
    dropped: new ZoneMeter(counters, listener.label, ZONE_DROPPED),
    takesAllClasses: forwards(listener, plan.blocks),
  };
}

/** CoreDNS answers other classes than IN only where a block of the listener has `chaos` or `forward`. */
function forwards(listener: ListenerPlan, blocks: readonly BlockPlan[]): boolean {
  return listener.zones.some(({ block }) => blocks[block].plugins.some(({ name }) => name === 'forward'));
}

function makeRoute(listener: number, zone: string, block: Block): Route {
  const prometheus = block.handlers.find((handler) => handler instanceof PrometheusHandler);
  return { zone, block, cache: shortWay(zone, block), meter: prometheus?.meter(listener, zone) };
}

/** Handlers that need not see a hit: they count (the short way counts itself) or wait for errors. */
const INDIFFERENT_TO_HITS: ReadonlySet<string> = new Set(['prometheus', 'errors']);

/** The cache that may answer at once: all of the zone is kept in it, and nothing in front of it minds. */
function shortWay(zone: string, { handlers }: Block): CacheService | undefined {
  for (const handler of handlers) {
    if (handler instanceof CacheHandler) {
      const { service } = handler;
      return service.options.zones.some((kept) => isInZone(zone, kept)) ? service : undefined;
    }
    if (!INDIFFERENT_TO_HITS.has(handler.name)) return undefined;
  }
  return undefined;
}
