/** `chaos [VERSION] [AUTHORS…]` */
import { hostname } from 'node:os';
import type { Controller } from '../../corefile/controller';
import { AGENT_NAME, AGENT_VERSION } from '../../observe/version';

/** What `chaos` says; each text has at most 255 octets, as a TXT record's strings do. */
export interface ChaosOptions {
  /** @default our name and version */
  readonly version: string;
  /** Sorted, each once. @default our name */
  readonly authors: readonly string[];
  /** The machine's name. */
  readonly host: string;
}

/** Octets of a string of a TXT record (RFC 1035 §3.3). */
const TEXT_BYTES_MAX = 255;

function trim(value: string): string {
  return Buffer.from(value, 'utf8').subarray(0, TEXT_BYTES_MAX).toString('latin1');
}

/**
 * Reads `chaos`; of several the first counts.
 * @source coredns plugin/chaos/setup.go at v1.13.2
 */
export function setup(controller: Controller): ChaosOptions {
  controller.next();
  const [version = `${AGENT_NAME}-${AGENT_VERSION}`, ...authors] = controller.remainingArguments();
  return {
    version: trim(version),
    authors: authors.length === 0 ? [AGENT_NAME] : [...new Set(authors.map(trim))].sort(),
    host: trim(hostname()),
  };
}
