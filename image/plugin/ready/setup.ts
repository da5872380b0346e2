/** `ready [ADDRESS] { monitor until-ready|continuously }` */
import type { Controller } from '../../corefile/controller';
import { text } from '../../corefile/errors';
import { splitHostPort } from '../../corefile/go-host-port';

/** What `ready` says. */
export interface ReadyOptions {
  /** `HOST:PORT` as written; an empty host is every address. @default :8181 */
  readonly address: string;
}

const MONITORS = ['until-ready', 'continuously'];

/** No plugin of ours becomes unready, so both kinds are one; CoreDNS passes other words over. */
function readOption(controller: Controller): void {
  if (controller.value !== 'monitor') return;
  const [kind] = controller.arguments(1, 1);
  if (!MONITORS.includes(kind)) throw controller.error(text.readyMonitor(kind));
}

/**
 * Reads `ready`.
 * @throws CorefileError
 * @source coredns plugin/ready/setup.go at v1.13.2
 */
export function setup(controller: Controller): ReadyOptions {
  let address = ':8181';
  controller.once(() => {
    const [value] = controller.arguments(0, 1);
    if (value !== undefined) {
      splitHostPort(value);
      address = value;
    }
    while (controller.nextBlock()) readOption(controller);
  });
  return { address };
}
