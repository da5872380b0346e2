/** `cancel [DURATION]` */
import type { Controller } from '../../corefile/controller';
import { CorefileError, text } from '../../corefile/errors';
import { parseDuration, toMilliseconds } from '../../corefile/go-duration';
import { quote } from '../../corefile/go-quote';

/** What `cancel` says. */
export interface CancelOptions {
  /** Time after which nothing more is tried for a query. @default 5001 */
  readonly timeoutMs: number;
}

/** CoreDNS's: a moment longer than its forward tries by itself. */
const TIMEOUT_DEFAULT_MS = 5001;

function readDuration(value: string): number {
  let duration: bigint;
  try {
    duration = parseDuration(value);
  } catch {
    throw new CorefileError(text.cancelDuration(quote(value)));
  }
  if (duration <= 0n) throw new CorefileError(text.cancelNegative(quote(value)));
  return toMilliseconds(duration);
}

/**
 * Reads `cancel`; of several the last counts.
 * @throws CorefileError
 * @source coredns plugin/cancel/cancel.go at v1.13.2
 */
export function setup(controller: Controller): CancelOptions {
  let timeoutMs = TIMEOUT_DEFAULT_MS;
  while (controller.next()) {
    const [value] = controller.arguments(0, 1);
    timeoutMs = value === undefined ? TIMEOUT_DEFAULT_MS : readDuration(value);
  }
  return { timeoutMs };
}
