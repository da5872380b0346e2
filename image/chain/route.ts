/** What a listener knows of one of its zones: which block answers, and what is counted. */
import type { CacheService } from '../plugin/cache/service';
import type { ZoneMeter } from '../plugin/prometheus/meter';
import type { Handler } from './plugin';
import type { Zones } from './zones';

/** What a configuration still has to do before its handlers may be closed. */
export interface Work {
  /** Queries on their way through handlers of this configuration. */
  queries: number;
}

/** A server block as it runs in a worker; shared by all listeners and zones that lead to it. */
export interface Block {
  /** Index into the plan. */
  readonly index: number;
  /** In the order of order.ts; empty for a block without plugins: its zones are refused. */
  readonly handlers: readonly Handler[];
  /** Of the configuration it belongs to; one object for all of its blocks. */
  readonly work: Work;
}

/** Brings hits into another order. */
export interface HitOrder {
  /**
   * Change the order of records in a message.
   * @returns false when that takes the long way; the message is as it was
   */
  arrange(bytes: Uint8Array, offset: number, length: number): boolean;
}

export interface Route {
  /** Lower-case FQDN. */
  readonly zone: string;
  readonly block: Block;
  /** Set when a hit of this cache may be answered at once: no handler in front of it changes questions or answers. */
  readonly cache: CacheService | undefined;
  /** Largest UDP answer, whatever a client takes: a number of the block's `bufsize`. */
  readonly udpBytesMax: number;
  /** Set when hits leave in another order each time: the block's `loadbalance`, in front of the cache. */
  readonly hitOrder?: HitOrder | undefined;
  /** Some handler looks at a client's EDNS options: a question with any takes the long way. */
  readonly mindsOptions: boolean;
  /** Set when the block has `prometheus`. */
  readonly meter: ZoneMeter | undefined;
}

/** What a listener leads to. */
export interface ListenerRoutes {
  /** Number of the listener. */
  readonly index: number;
  readonly zones: Zones;
  /** By index of {@link zones}. */
  readonly routes: readonly Route[];
}
