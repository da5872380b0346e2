/** `dnstap ENDPOINT [full] [WRITE-BUFFER] [QUEUE] { skipverify; identity TEXT; version TEXT; extra FORMAT }` */
import { hostname } from 'node:os';
import type { Controller, Draft } from '../../corefile/controller';
import { CorefileError, text } from '../../corefile/errors';
import { parseInteger } from '../../corefile/go-integer';
import { quote } from '../../corefile/go-quote';
import { DNSTAP_QUEUE_MAX } from '../../limits';
import { AGENT_NAME, AGENT_VERSION } from '../../observe/version';

/** One `dnstap`. */
export interface TapOptions {
  readonly transport: 'unix' | 'tcp' | 'tls';
  /** Path of a socket, or `HOST:PORT`. */
  readonly endpoint: string;
  /** Messages are sent whole. @default false */
  readonly full: boolean;
  /** TLS without looking at the certificate. @default false */
  readonly skipVerify: boolean;
  /** Who sends. @default the machine's name */
  readonly identity: string;
  /** @default our name and version */
  readonly version: string;
  /** Format of an extra field, as of _log_; '' for none. */
  readonly extra: string;
  /** Messages that wait for the collector. @default 10000 */
  readonly queueMax: number;
}

/** What `dnstap` says. */
export interface DnstapOptions {
  readonly taps: readonly TapOptions[];
}

/** CoreDNS: MiB of a socket buffer, and tens of thousands of messages. */
const WRITE_BUFFER_MAX = 1024;
const QUEUE_MAX = 4096;
const QUEUE_MESSAGES = 10_000;

function readMultiple(value: string, what: string, unit: string, max: number, controller: Controller): number {
  let multiple: number;
  try {
    multiple = parseInteger(value);
  } catch (error) {
    if (!(error instanceof CorefileError)) throw error;
    throw controller.error(text.dnstapNumber(what, quote(value), error.message));
  }
  if (multiple < 1 || multiple > max) throw controller.error(text.dnstapRange(what, max, unit, multiple));
  return multiple;
}

function readEndpoint(value: string): Pick<TapOptions, 'transport' | 'endpoint'> {
  const remote = /^(tls|tcp):\/\/([^/?#]*)/.exec(value);
  if (remote === null) return { transport: 'unix', endpoint: value.replace(/^unix:\/\//, '') };
  return { transport: remote[1] as 'tls' | 'tcp', endpoint: remote[2] };
}

/** Other words are passed over, as in CoreDNS. */
function readOption(controller: Controller, options: Draft<TapOptions>): void {
  const option = controller.value;
  if (option === 'skipverify') options.skipVerify = true;
  else if (option === 'identity' || option === 'version' || option === 'extra') options[option] = controller.argument();
}

/**
 * Reads `dnstap`; several in a block all get every message.
 * @throws CorefileError
 * @source coredns plugin/dnstap/setup.go at v1.13.2
 */
export function setup(controller: Controller): DnstapOptions {
  const taps: TapOptions[] = [];
  while (controller.next()) {
    const [endpoint, full, writeBuffer, queue] = controller.remainingArguments();
    if (endpoint === undefined) throw controller.argumentError();
    if (writeBuffer !== undefined) {
      readMultiple(writeBuffer, 'MultipleTcpWriteBuf', 'MiB units', WRITE_BUFFER_MAX, controller);
    }
    const multiple =
      queue === undefined ? 1 : readMultiple(queue, 'MultipleQueue', 'x10k messages', QUEUE_MAX, controller);
    const options: Draft<TapOptions> = {
      ...readEndpoint(endpoint),
      full: full === 'full',
      skipVerify: false,
      identity: hostname(),
      version: `${AGENT_NAME}-${AGENT_VERSION}`,
      extra: '',
      queueMax: Math.min(multiple * QUEUE_MESSAGES, DNSTAP_QUEUE_MAX),
    };
    while (controller.nextBlock()) readOption(controller, options);
    taps.push(options);
  }
  return { taps };
}
