/** `debug` */
import type { Controller } from '../../corefile/controller';

/** `debug` has no options. */
export type DebugOptions = Readonly<Record<string, never>>;

/**
 * Reads `debug`.
 * @throws CorefileError for an argument
 * @source coredns plugin/debug/debug.go at v1.13.2
 */
export function setup(controller: Controller): DebugOptions {
  while (controller.next()) if (controller.nextArgument()) throw controller.argumentError();
  return {};
}
