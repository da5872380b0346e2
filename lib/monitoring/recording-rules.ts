/** Recording rules: what dashboards over many nodes and long times ask, counted in advance. */
import type { AlertScope } from './alert';
import { PER_CACHE } from './promql';

/** A recording rule. @source prometheus-operator, monitoring.coreos.com/v1 Rule */
export interface RecordingRule {
  /** `level:metric:operations`. @source Prometheus, Recording rules: naming */
  readonly record: string;
  readonly expr: string;
}

/** The same per cache, and for all caches of a cluster. */
const LEVELS = [
  ['instance', PER_CACHE],
  ['job', 'cluster, job'],
] as const;

function rules(level: string, by: string, job: string): RecordingRule[] {
  const sum = (inner: string): string => `sum by (${by}) (${inner})`;
  const requests = (metric: string, more = ''): string => sum(`rate(${metric}{${job}${more}}[5m])`);
  const quantile = (share: number): string =>
    `histogram_quantile(${share}, sum by (${by}, le) (rate(coredns_dns_request_duration_seconds_bucket{${job}}[5m])))`;
  const answers = requests('coredns_dns_responses_total');
  const failed = requests('coredns_dns_responses_total', ', rcode="SERVFAIL"');
  const named = (name: string, expr: string): RecordingRule => ({ record: `${level}:nodelocaldns_${name}`, expr });
  return [
    named('queries:rate5m', requests('coredns_dns_requests_total')),
    named(
      'cache_hits:ratio_rate5m',
      `${requests('coredns_cache_hits_total')} / ${requests('coredns_cache_requests_total')}`,
    ),
    named('request_duration_seconds:p50_5m', quantile(0.5)),
    named('request_duration_seconds:p99_5m', quantile(0.99)),
    // There is no series of SERVFAIL before the first: nought is all answers times nought.
    named('servfail:ratio_rate5m', `(${failed} or 0 * ${answers}) / ${answers}`),
  ];
}

/** @param scope the targets they are about */
export function recordingRules({ job }: AlertScope): RecordingRule[] {
  return LEVELS.flatMap(([level, by]) => rules(level, by, job));
}
