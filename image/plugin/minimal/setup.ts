/** `minimal` */
import type { Controller } from '../../corefile/controller';

/** `minimal` has no options. */
export type MinimalOptions = Readonly<Record<string, never>>;

/**
 * Reads `minimal`.
 * @throws CorefileError for an argument
 * @source coredns plugin/minimal/setup.go at v1.13.2
 */
export function setup(controller: Controller): MinimalOptions {
  controller.next();
  if (controller.nextArgument()) throw controller.argumentError();
  return {};
}
