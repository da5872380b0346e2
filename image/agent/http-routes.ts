/** The pages that a plan's directives ask for. */
import { HEALTH_PAGE, metricsPage, type Route, readyPage } from '../observe/http';
import type { Log } from '../observe/log';
import type { PlanFacts } from './plan-facts';
import type { Profiles } from './profiles';

/** What the pages show. */
export interface PageSources {
  metricsText(): string;
  /** Why pods should not ask this process; '' when they should. */
  notReady(): string;
  readonly profiles: Profiles;
}

/**
 * One route per address and path. Metrics whose port is taken are logged and left out, as in CoreDNS: they are not worth a
 * node's DNS. A /health that cannot be opened is an error: whoever asks it would restart us for ever.
 */
export function httpRoutes(facts: PlanFacts, sources: PageSources, log: Log): Route[] {
  const routes: Route[] = facts.metrics.map(({ address, origin }) => ({
    address,
    origin,
    path: '/metrics',
    page: () => metricsPage(sources.metricsText()),
    failed: (message) => log.plugin('prometheus', 'ERROR', `Failed to start metrics handler: ${message}`),
  }));
  for (const { address, origin } of facts.health) {
    routes.push({ address, origin, path: '/health', page: () => HEALTH_PAGE });
  }
  for (const { address, origin } of facts.ready) {
    routes.push({ address, origin, path: '/ready', page: () => readyPage(sources.notReady()) });
  }
  return [...routes, ...facts.pprof.flatMap((fact) => sources.profiles.routes(fact))];
}
