/** `any` */
import type { Controller } from '../../corefile/controller';

/** `any` has no options. */
export type AnyOptions = Readonly<Record<string, never>>;

/**
 * Reads `any`. What stands behind it is passed over, as in CoreDNS.
 * @source coredns plugin/any/setup.go at v1.13.2
 */
export function setup(_controller: Controller): AnyOptions {
  return {};
}
