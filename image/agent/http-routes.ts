/** The pages that a plan's directives ask for. */
import { HEALTH_PAGE, metricsPage, type Route } from '../observe/http';
import type { Log } from '../observe/log';
import type { PlanFacts } from './plan-facts';

/**
 * One route per address and path. Metrics whose port is taken are logged and left out, as in CoreDNS: they are not worth a
 * node's DNS. A /health that cannot be opened is an error: whoever asks it would restart us for ever.
 * @param metricsText makes the metrics page
 */
export function httpRoutes(facts: PlanFacts, metricsText: () => string, log: Log): Route[] {
  const routes: Route[] = facts.metrics.map(({ address, origin }) => ({
    address,
    origin,
    path: '/metrics',
    page: () => metricsPage(metricsText()),
    failed: (message) => log.plugin('prometheus', 'ERROR', `Failed to start metrics handler: ${message}`),
  }));
  for (const { address, origin } of facts.health) {
    routes.push({ address, origin, path: '/health', page: () => HEALTH_PAGE });
  }
  return routes;
}
