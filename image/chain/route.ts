/** What a listener knows of one of its zones: which block answers, and what is counted. */
import type { Handler } from './plugin';

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
}
