/** The expressions of the dashboard with its variables filled in, as Grafana does it. */
import { dashboard } from '../../lib/monitoring/dashboard';

/** A panel as the dashboard has it. */
export interface DashboardPanel {
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig: { readonly defaults: { readonly unit?: string; readonly max?: number } };
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
  readonly panels?: readonly DashboardPanel[];
  readonly [option: string]: unknown;
}

/** All panels: rows, and what is behind or inside of them. */
export const PANELS: readonly DashboardPanel[] = (dashboard() as { panels: DashboardPanel[] }).panels;

/**
 * An expression that Prometheus can read.
 * @param interval in place of $__rate_interval: four scrapes and more
 * @param instance in place of the variable; all by default
 */
export function filledIn(expr: string, interval: string, instance = '.*'): string {
  return expr
    .replaceAll('$__rate_interval', interval)
    .replaceAll('"$instance"', `"${instance}"`)
    .replaceAll(/"\$(cluster|job)"/g, '".*"');
}
