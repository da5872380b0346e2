/** `prometheus [ADDRESS]` */
import type { Controller } from '../../corefile/controller';
import { splitHostPort } from '../../corefile/go-host-port';

/** What `prometheus` says. */
export interface PrometheusOptions {
  /** `HOST:PORT` as written; an empty host is every address. @default localhost:9153 */
  readonly address: string;
}

/**
 * Reads `prometheus`.
 * @throws CorefileError
 * @source coredns plugin/metrics/setup.go at v1.13.2, which knows no block: its brace counts as a second `prometheus`
 */
export function setup(controller: Controller): PrometheusOptions {
  let address = 'localhost:9153';
  controller.once(() => {
    const [value] = controller.arguments(0, 1);
    if (value === undefined) return;
    splitHostPort(value);
    address = value;
  });
  return { address };
}
