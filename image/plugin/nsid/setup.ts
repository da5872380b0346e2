/** `nsid [DATA]` */
import { hostname } from 'node:os';
import type { Controller } from '../../corefile/controller';

/** What `nsid` says. */
export interface NsidOptions {
  /** Who we are; UTF-8. @default the machine's name */
  readonly data: string;
}

/**
 * Reads `nsid`; words are joined by a blank.
 * @throws CorefileError
 * @source coredns plugin/nsid/setup.go at v1.13.2
 */
export function setup(controller: Controller): NsidOptions {
  let data = hostname();
  controller.once(() => {
    const words = controller.remainingArguments();
    if (words.length > 0) data = words.join(' ');
  });
  return { data };
}
