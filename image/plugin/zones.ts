/** Zones as plugins name them. */
import { zonesOf } from '../corefile/address';
import type { Controller } from '../corefile/controller';

/**
 * Zones of a directive's arguments, or the block's zones when it names none. What is no zone is left out, as in
 * CoreDNS.
 * @source coredns plugin/normalize.go OriginsFromArgsOrServerBlock
 */
export function zonesOrBlock(names: readonly string[], controller: Controller): readonly string[] {
  return names.length === 0 ? controller.block.zones : names.flatMap(zonesOf);
}

/**
 * Zones of `fallthrough [ZONES…]`; all names when it lists none. No `fallthrough` at all is `[]`.
 * @source coredns plugin/pkg/fall/fall.go
 */
export function fallthroughZones(names: readonly string[]): string[] {
  return names.length === 0 ? ['.'] : names.flatMap(zonesOf);
}
