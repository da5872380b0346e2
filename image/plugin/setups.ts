/** The setup of every directive that chain/order.ts marks `here`. */
import type { Controller } from '../corefile/controller';
import { setup as acl } from './acl/setup';
import { setup as any } from './any/setup';
import { setup as bind } from './bind/setup';
import { setup as bufsize } from './bufsize/setup';
import { setup as cache } from './cache/setup';
import { setup as cancel } from './cancel/setup';
import { setup as chaos } from './chaos/setup';
import { setup as debug } from './debug/setup';
import { setup as dns64 } from './dns64/setup';
import { setup as dnstap } from './dnstap/setup';
import { setup as errors } from './errors/setup';
import { setup as forward } from './forward/setup';
import { setup as header } from './header/setup';
import { setup as health } from './health/setup';
import { setup as hosts } from './hosts/setup';
import { setup as loadbalance } from './loadbalance/setup';
import { setup as local } from './local/setup';
import { setup as log } from './log/setup';
import { setup as loop } from './loop/setup';
import { setup as metadata } from './metadata/setup';
import { setup as minimal } from './minimal/setup';
import { setup as nsid } from './nsid/setup';
import { setup as pprof } from './pprof/setup';
import { setup as prometheus } from './prometheus/setup';
import { setup as ready } from './ready/setup';
import { setup as reload } from './reload/setup';
import { setup as rewrite } from './rewrite/setup';
import { setup as template } from './template/setup';
import { setup as timeouts } from './timeouts/setup';
import { setup as trace } from './trace/setup';
import { setup as whoami } from './whoami/setup';

/**
 * Directive name to setup. A setup reads the directive's tokens and returns options that are plain data.
 * @throws CorefileError, to which the caller adds `plugin/NAME: `
 */
export const SETUPS = {
  acl,
  any,
  bind,
  bufsize,
  cache,
  cancel,
  chaos,
  debug,
  dns64,
  dnstap,
  errors,
  forward,
  header,
  health,
  hosts,
  loadbalance,
  local,
  log,
  loop,
  metadata,
  minimal,
  nsid,
  pprof,
  prometheus,
  ready,
  reload,
  rewrite,
  template,
  timeouts,
  trace,
  whoami,
} as const satisfies Readonly<Record<string, (controller: Controller) => unknown>>;
