/** `local` */
import type { Controller } from '../../corefile/controller';

/** `local` has no options. */
export type LocalOptions = Readonly<Record<string, never>>;

/**
 * Reads `local`. What stands behind it is passed over, as in CoreDNS.
 * @source coredns plugin/local/setup.go at v1.13.2
 */
export function setup(_controller: Controller): LocalOptions {
  return {};
}
