/** The handler of every directive of chain/order.ts that takes part in answering; bind, health and reload do not. */
import type { HandlerContext, HandlerFactory } from '../chain/context';
import type { Handler } from '../chain/plugin';
import type { PluginPlan } from '../corefile/plan';
import { handler as acl } from './acl/handler';
import { handler as any } from './any/handler';
import { handler as bufsize } from './bufsize/handler';
import { handler as cache } from './cache/handler';
import { handler as cancel } from './cancel/handler';
import { handler as chaos } from './chaos/handler';
import { handler as dns64 } from './dns64/handler';
import { handler as dnstap } from './dnstap/handler';
import { handler as errors } from './errors/handler';
import { handler as forward } from './forward/handler';
import { handler as header } from './header/handler';
import { handler as hosts } from './hosts/handler';
import { handler as loadbalance } from './loadbalance/handler';
import { handler as local } from './local/handler';
import { handler as log } from './log/handler';
import { handler as loop } from './loop/handler';
import { handler as metadata } from './metadata/handler';
import { handler as minimal } from './minimal/handler';
import { handler as nsid } from './nsid/handler';
import { handler as prometheus } from './prometheus/handler';
import { handler as rewrite } from './rewrite/handler';
import { handler as template } from './template/handler';
import { handler as trace } from './trace/handler';
import { handler as whoami } from './whoami/handler';

/** Directive name to factory. Each takes what the setup of the same name in setups.ts makes. */
export const HANDLERS = {
  acl,
  any,
  bufsize,
  cache,
  cancel,
  chaos,
  dns64,
  dnstap,
  errors,
  forward,
  header,
  hosts,
  loadbalance,
  local,
  log,
  loop,
  metadata,
  minimal,
  nsid,
  prometheus,
  rewrite,
  template,
  trace,
  whoami,
} as const satisfies Readonly<Record<string, HandlerFactory<never>>>;

/**
 * Make the handler of one directive of a block.
 * @returns undefined for a directive that takes no part in answering
 */
export function makeHandler(plugin: PluginPlan, context: HandlerContext): Handler | undefined {
  if (!Object.hasOwn(HANDLERS, plugin.name)) return undefined;
  // The plan's options came from the setup of the same name.
  const factory = HANDLERS[plugin.name as keyof typeof HANDLERS] as HandlerFactory<unknown>;
  return factory(plugin.options, context);
}
