/** `health [ADDRESS] { lameduck DURATION }` */
import type { Controller } from '../../corefile/controller';
import { CorefileError, text } from '../../corefile/errors';
import { parseDuration, toMilliseconds } from '../../corefile/go-duration';
import { splitHostPort } from '../../corefile/go-host-port';

/** What `health` says. */
export interface HealthOptions {
  /** `HOST:PORT` as written; an empty host is every address. @default :8080 */
  readonly address: string;
  /** How long the process goes on serving after it was told to stop. @default 0 */
  readonly lameduckMs: number;
}

function readLameduck(controller: Controller): number {
  const [value] = controller.arguments(1, 1);
  try {
    return Math.max(0, toMilliseconds(parseDuration(value)));
  } catch (error) {
    throw error instanceof CorefileError ? new CorefileError(text.lameduck(value, error.message)) : error;
  }
}

/**
 * Reads `health`; of several in a block the last counts.
 * @throws CorefileError
 * @source coredns plugin/health/setup.go
 */
export function setup(controller: Controller): HealthOptions {
  let address = ':8080';
  let lameduckMs = 0;
  while (controller.next()) {
    const [value] = controller.arguments(0, 1);
    if (value !== undefined) {
      splitHostPort(value);
      address = value;
    }
    while (controller.nextBlock()) {
      if (controller.value !== 'lameduck') throw controller.argumentError();
      lameduckMs = readLameduck(controller);
    }
  }
  return { address, lameduckMs };
}
