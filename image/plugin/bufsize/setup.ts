/** `bufsize [SIZE]` */
import type { Controller } from '../../corefile/controller';
import { CorefileError, text } from '../../corefile/errors';
import { integerOrNothing } from '../../corefile/go-integer';
import { UDP_PLAIN_BYTES, UDP_REPLY_BYTES_MAX } from '../../limits';

/** What `bufsize` says. */
export interface BufsizeOptions {
  /** Largest UDP answer, whatever a client says it takes. @default 1232 */
  readonly udpBytesMax: number;
}

/** Largest SIZE. */
const BUFSIZE_MAX = 4096;

/** CoreDNS puts the plugin's name in front of this one twice. */
function refusal(controller: Controller): CorefileError {
  return new CorefileError(text.inPlugin(controller.directive, controller.argumentError().message));
}

/**
 * Reads `bufsize`; of several the first counts.
 * @throws CorefileError
 * @source coredns plugin/bufsize/setup.go at v1.13.2
 */
export function setup(controller: Controller): BufsizeOptions {
  controller.next();
  const values = controller.remainingArguments();
  if (values.length === 0) return { udpBytesMax: UDP_REPLY_BYTES_MAX };
  const bytes = integerOrNothing(values[0]);
  const isGood = bytes !== undefined && bytes >= UDP_PLAIN_BYTES && bytes <= BUFSIZE_MAX;
  if (values.length > 1 || !isGood) throw refusal(controller);
  return { udpBytesMax: bytes };
}
