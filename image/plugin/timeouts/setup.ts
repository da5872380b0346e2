/** `timeouts { read|write|idle DURATION }` */
import type { Controller, Draft } from '../../corefile/controller';
import { CorefileError, text } from '../../corefile/errors';
import { formatDuration, HOUR, parseDuration, SECOND, toMilliseconds } from '../../corefile/go-duration';
import { integerOrNothing } from '../../corefile/go-integer';

/** What `timeouts` says; 0 is not said. */
export interface TimeoutsOptions {
  /** To the first question of a TCP connection. */
  readonly readMs: number;
  /** Accepted; CoreDNS's DNS servers do not use it either. */
  readonly writeMs: number;
  /** Between questions. */
  readonly idleMs: number;
}

const FIELDS = { read: 'readMs', write: 'writeMs', idle: 'idleMs' } as const;

/** A number alone is seconds here. @source coredns plugin/pkg/durations */
function readDuration(value: string, controller: Controller): bigint {
  try {
    return parseDuration(integerOrNothing(value) === undefined ? value : `${value}s`);
  } catch {
    throw controller.error(text.timeoutsDuration(value));
  }
}

function readOption(controller: Controller, options: Draft<TimeoutsOptions>): void {
  const option = controller.value;
  const [value] = controller.arguments(1, 1);
  const duration = readDuration(value, controller);
  if (duration < SECOND || duration > 24n * HOUR) {
    throw controller.error(text.timeoutsRange(formatDuration(duration)));
  }
  if (option !== 'read' && option !== 'write' && option !== 'idle') throw controller.error(text.timeoutsOption(option));
  options[FIELDS[option]] = toMilliseconds(duration);
}

/** CoreDNS puts the plugin's name in front of two of its messages twice. */
function twice({ message }: CorefileError): CorefileError {
  return new CorefileError(text.inPlugin('timeouts', message));
}

/**
 * Reads `timeouts`; of several values for one option the last counts.
 * @throws CorefileError
 * @source coredns plugin/timeouts/timeouts.go at v1.13.2
 */
export function setup(controller: Controller): TimeoutsOptions {
  const options = { readMs: 0, writeMs: 0, idleMs: 0 };
  while (controller.next()) {
    if (controller.remainingArguments().length > 0) throw twice(controller.argumentError());
    let count = 0;
    for (; controller.nextBlock(); count++) readOption(controller, options);
    if (count === 0) throw twice(controller.error(text.timeoutsNothing));
  }
  return options;
}
