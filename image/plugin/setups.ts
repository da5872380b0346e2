/** The setup of every directive that chain/order.ts marks `here`. */
import type { Controller } from '../corefile/controller';
import { setup as bind } from './bind/setup';
import { setup as cache } from './cache/setup';
import { setup as errors } from './errors/setup';
import { setup as forward } from './forward/setup';
import { setup as health } from './health/setup';
import { setup as hosts } from './hosts/setup';
import { setup as log } from './log/setup';
import { setup as loop } from './loop/setup';
import { setup as prometheus } from './prometheus/setup';
import { setup as reload } from './reload/setup';
import { setup as template } from './template/setup';

/**
 * Directive name to setup. A setup reads the directive's tokens and returns options that are plain data.
 * @throws CorefileError, to which the caller adds `plugin/NAME: `
 */
export const SETUPS = {
  bind,
  cache,
  errors,
  forward,
  health,
  hosts,
  log,
  loop,
  prometheus,
  reload,
  template,
} as const satisfies Readonly<Record<string, (controller: Controller) => unknown>>;
