/** `whoami` */
import type { Controller } from '../../corefile/controller';

/** `whoami` has no options. */
export type WhoamiOptions = Readonly<Record<string, never>>;

/**
 * Reads `whoami`.
 * @throws CorefileError for anything behind it
 * @source coredns plugin/whoami/setup.go at v1.13.2
 */
export function setup(controller: Controller): WhoamiOptions {
  controller.next();
  if (controller.nextArgument()) throw controller.argumentError();
  return {};
}
