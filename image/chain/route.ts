/** What a listener knows of one of its zones: which block answers, and what is counted. */
import type { CacheService } from '../plugin/cache/service';
import type { ZoneMeter } from '../plugin/prometheus/meter';
import type { Handler } from './plugin';
import type { Zones } from './zones';

/** A server block as it runs in a worker; shared by all listeners and zones that lead to it. */
export interface Block {
  /** Index into the plan. */
  readonly index: number;
  /** In the order of order.ts; empty for a block without plugins: its zones are refused. */
  readonly handlers: readonly Handler[];
}

export interface Route {
  /** Lower-case FQDN. */
  readonly zone: string;
  readonly block: Block;
  /** Set when a hit of this cache may be answered at once: no handler in front of it changes questions or answers. */
  readonly cache: CacheService | undefined;
  /** Set when the block has `prometheus`. */
  readonly meter: ZoneMeter | undefined;
}

/** What a listener leads to. */
export interface ListenerRoutes {
  /** Index of the plan's listeners. */
  readonly index: number;
  readonly zones: Zones;
  /** By index of {@link zones}. */
  readonly routes: readonly Route[];
}
