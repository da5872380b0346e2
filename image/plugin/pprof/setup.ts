/** `pprof [ADDRESS] { block [RATE] }` */
import type { Controller } from '../../corefile/controller';
import { CorefileError, text } from '../../corefile/errors';
import { splitHostPort } from '../../corefile/go-host-port';
import { integerOrNothing } from '../../corefile/go-integer';

/** What `pprof` says. */
export interface PprofOptions {
  /** `HOST:PORT` as written; an empty host is every address. @default localhost:6053 */
  readonly address: string;
}

function checkAddress(address: string, controller: Controller): string {
  try {
    splitHostPort(address);
    return address;
  } catch (error) {
    throw error instanceof CorefileError ? controller.error(error.message) : error;
  }
}

/** Go's profile of blocked goroutines; there are none here. */
function readOption(controller: Controller): void {
  if (controller.value !== 'block') throw controller.error(text.unknownProperty(controller.value));
  const [rate] = controller.arguments(0, 1);
  if (rate !== undefined && integerOrNothing(rate) === undefined) throw controller.error(text.pprofRate(rate));
}

/**
 * Reads `pprof`.
 * @throws CorefileError
 * @source coredns plugin/pprof/setup.go at v1.13.2
 */
export function setup(controller: Controller): PprofOptions {
  let address = 'localhost:6053';
  controller.once(() => {
    const values = controller.remainingArguments();
    if (values.length === 1) address = checkAddress(values[0], controller);
    if (values.length > 1) throw controller.argumentError();
    while (controller.nextBlock()) readOption(controller);
  });
  return { address };
}
