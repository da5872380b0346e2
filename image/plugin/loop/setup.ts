/** `loop` */
import type { Controller } from '../../corefile/controller';

/** What `loop` says. */
export interface LoopOptions {
  /** Zone of the block's first key; the probe's name is two random labels below it. */
  readonly zone: string;
  /** Address the probe is sent to; `''` is this host. The first of `bind`. */
  readonly address: string;
  /** Port the probe is sent to. */
  readonly port: number;
}

/**
 * Reads `loop`.
 * @throws CorefileError
 * @source coredns plugin/loop/setup.go
 */
export function setup(controller: Controller): LoopOptions {
  controller.once(() => {
    if (controller.nextArgument()) throw controller.argumentError();
  });
  const { zones, addresses, port } = controller.block;
  return { zone: zones[0], address: addresses[0] ?? '', port };
}
