/** `reload [INTERVAL [JITTER]]` */
import type { Controller } from '../../corefile/controller';
import { CorefileError, text } from '../../corefile/errors';
import { parseDuration, SECOND, toMilliseconds } from '../../corefile/go-duration';

/** What `reload` says; agent/reload.ts does it. */
export interface ReloadOptions {
  /** Time between two looks at the file. @default 30000 */
  readonly intervalMs: number;
  /** Width of the random part of the interval, at most half of it. @default 15000 */
  readonly jitterMs: number;
}

const INTERVAL_MIN = 2n * SECOND;
const JITTER_MIN = SECOND;

/**
 * Reads the block's first `reload`.
 * @throws CorefileError
 * @source coredns plugin/reload/setup.go at v1.13.2
 */
export function setup(controller: Controller): ReloadOptions {
  controller.next();
  const [intervalText, jitterText] = controller.arguments(0, 2);
  const interval = intervalText === undefined ? 30n * SECOND : parseDuration(intervalText);
  if (interval < INTERVAL_MIN) throw new CorefileError(text.reloadInterval);
  const jitter = jitterText === undefined ? 15n * SECOND : parseDuration(jitterText);
  if (jitter < JITTER_MIN) throw new CorefileError(text.reloadJitter);
  const intervalMs = toMilliseconds(interval);
  return { intervalMs, jitterMs: Math.min(toMilliseconds(jitter), Math.floor(intervalMs / 2)) };
}
