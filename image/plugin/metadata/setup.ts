/** `metadata [ZONES…]` */
import type { Controller } from '../../corefile/controller';
import { zonesOrBlock } from '../zones';

/** What `metadata` says. */
export interface MetadataOptions {
  /** Names at or below these, normalized. @default the block's zones */
  readonly zones: readonly string[];
}

/**
 * Reads `metadata`, which stands in a block once.
 * @throws CorefileError
 * @source coredns plugin/metadata/setup.go at v1.13.2
 */
export function setup(controller: Controller): MetadataOptions {
  controller.next();
  const zones = zonesOrBlock(controller.remainingArguments(), controller);
  if (controller.nextBlock() || controller.next()) throw controller.argumentError();
  return { zones };
}
