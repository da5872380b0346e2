/** From the plan to what runs: handlers per block, routes per listener. */
import type { HandlerContext } from '../chain/context';
import type { Handler } from '../chain/plugin';
import type { Block, Route, Work } from '../chain/route';
import { Zones } from '../chain/zones';
import type { BlockPlan, ListenerPlan, Plan } from '../corefile/plan';
import { isInZone } from '../corefile/zone-name';
import { MESSAGE_BYTES_MAX, TCP_FIRST_QUERY_MS, TCP_IDLE_MS } from '../limits';
import type { NameHash } from '../memory/hash';
import type { Counters } from '../observe/counters';
import { BufsizeHandler } from '../plugin/bufsize/handler';
import { CacheHandler } from '../plugin/cache/handler';
import type { CacheService } from '../plugin/cache/service';
import { makeHandler } from '../plugin/handlers';
import { LoadbalanceHandler } from '../plugin/loadbalance/handler';
import { PrometheusHandler } from '../plugin/prometheus/handler';
import { ZONE_DROPPED, ZoneMeter } from '../plugin/prometheus/meter';
import type { TimeoutsOptions } from '../plugin/timeouts/setup';
import type { ListenerService, TcpLimits } from './server';

/** Everything of a handler's context that does not differ from block to block. */
export type CommonContext = Omit<
  HandlerContext,
  'block' | 'blockIndex' | 'listeners' | 'firstListeners' | 'predecessor'
>;

/** Where the blocks of a plan come to stand. */
export interface BlockPlaces {
  /** Number of each of the plan's listeners. */
  readonly numbers: readonly number[];
  readonly work: Work;
  /** The running block that a block of the plan takes over from. */
  predecessor(block: number): Block | undefined;
}

/** Make the handlers of all blocks. When one throws those that were made are closed. */
export function makeBlocks(plan: Plan, common: CommonContext, { numbers, work, predecessor }: BlockPlaces): Block[] {
  const made: Handler[] = [];
  try {
    return plan.blocks.map((block, index) => {
      const heritage = new Heritage(predecessor(index));
      const context: HandlerContext = {
        ...common,
        block,
        blockIndex: index,
        listeners: listenersOf(plan, index).map((listener) => numbers[listener]),
        firstListeners: listenersOf(plan, index, block.zones[0]).map((listener) => numbers[listener]),
        predecessor: heritage.find,
      };
      const handlers: Handler[] = [];
      for (const plugin of block.plugins) {
        const handler = makeHandler(plugin, context);
        if (handler === undefined) continue;
        made.push(handler);
        handlers.push(handler);
      }
      heritage.end();
      return { index, handlers, work };
    });
  } catch (error) {
    for (const handler of made) handler.close?.();
    throw error;
  }
}

/**
 * The handlers of the block before, for as long as those of its successor are made. Contexts live as long as their handlers:
 * what they held of the block before would hold the one before that, and so on to the first plan of the process.
 */
class Heritage {
  private before: Block | undefined;

  constructor(before: Block | undefined) {
    this.before = before;
  }

  readonly find = (name: string): Handler | undefined => this.before?.handlers.find((handler) => handler.name === name);

  end(): void {
    this.before = undefined;
  }
}

/** Indexes of the listeners whose zones, or this one, lead to a block. */
function listenersOf(plan: Plan, block: number, only?: string): number[] {
  return plan.listeners.flatMap(({ zones }, index) =>
    zones.some((zone) => zone.block === block && (only === undefined || zone.zone === only)) ? [index] : [],
  );
}

/** Make what a listener leads to. @param index of the plan's listeners @param number that it is known by */
export function makeListener(
  plan: Plan,
  index: number,
  number: number,
  blocks: readonly Block[],
  hash: NameHash,
  counters: Counters,
): ListenerService {
  const listener = plan.listeners[index];
  return {
    index: number,
    zones: new Zones(
      listener.zones.map(({ zone }) => zone),
      hash,
    ),
    routes: listener.zones.map(({ zone, block }) => makeRoute(number, zone, blocks[block])),
    dropped: new ZoneMeter(counters, listener.label, ZONE_DROPPED),
    takesAllClasses: takesAllClasses(listener, plan.blocks),
    tcpLimits: tcpLimits(listener, plan.blocks),
  };
}

/** What `timeouts` of its blocks say, the last one that says something. */
function tcpLimits(listener: ListenerPlan, blocks: readonly BlockPlan[]): TcpLimits {
  const limits = { firstQueryMs: TCP_FIRST_QUERY_MS, idleMs: TCP_IDLE_MS };
  const indexes = listener.zones.map(({ block }) => block).sort((left, right) => left - right);
  for (const plugin of indexes.flatMap((block) => blocks[block].plugins)) {
    if (plugin.name !== 'timeouts') continue;
    const { readMs, idleMs } = plugin.options as TimeoutsOptions;
    if (readMs > 0) limits.firstQueryMs = readMs;
    if (idleMs > 0) limits.idleMs = idleMs;
  }
  return limits;
}

/** CoreDNS answers other classes than IN only where a block of the listener has one of these. */
const TAKE_ALL_CLASSES: ReadonlySet<string> = new Set(['chaos', 'forward']);

function takesAllClasses(listener: ListenerPlan, blocks: readonly BlockPlan[]): boolean {
  return listener.zones.some(({ block }) => blocks[block].plugins.some(({ name }) => TAKE_ALL_CLASSES.has(name)));
}

function makeRoute(listener: number, zone: string, block: Block): Route {
  const prometheus = block.handlers.find((handler) => handler instanceof PrometheusHandler);
  const bufsize = block.handlers.find((handler) => handler instanceof BufsizeHandler);
  return {
    zone,
    block,
    cache: shortWay(zone, block),
    hitOrder: block.handlers.find((handler) => handler instanceof LoadbalanceHandler),
    udpBytesMax: bufsize?.udpBytesMax ?? MESSAGE_BYTES_MAX,
    mindsOptions: block.handlers.some(({ name }) => MIND_OPTIONS.has(name)),
    meter: prometheus?.meter(listener, zone),
  };
}

/** Handlers in front of a cache that need not see a hit. */
const INDIFFERENT_TO_HITS: ReadonlySet<string> = new Set([
  'any', // What it answers never reaches the cache; the same goes for chaos and local.
  'bufsize', // Its number is in the route.
  'cancel', // A hit takes no time.
  'chaos',
  'errors', // There is none.
  'local',
  'metadata', // Nobody in front of a cache reads notes, and who does is not in this list.
  'nsid', // Minds options only.
  'prometheus', // The short way counts itself.
]);

/** Handlers that change the answer to a question with EDNS options. */
const MIND_OPTIONS: ReadonlySet<string> = new Set(['nsid']);

/** The cache that may answer at once: all of the zone is kept in it, and nothing in front of it minds. */
function shortWay(zone: string, { handlers }: Block): CacheService | undefined {
  for (const handler of handlers) {
    if (handler instanceof CacheHandler) {
      const { service } = handler;
      return service.options.zones.some((kept) => isInZone(zone, kept)) ? service : undefined;
    }
    if (handler instanceof LoadbalanceHandler && handler.isPlain) continue; // It is in the route, too.
    if (!INDIFFERENT_TO_HITS.has(handler.name)) return undefined;
  }
  return undefined;
}
