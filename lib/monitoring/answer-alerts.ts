/** Alerts: what do pods get, and when? */
import type { AlertValues } from '../values-alerts';
import { type AlertDefinition, type AlertScope, CACHE, STATUS } from './alert';
import { PER_CACHE, percentOf, quantileMs, sumPerCache } from './promql';

const ANSWERS = 'coredns_dns_responses_total';

/** Enough answers for a share of them to say something. */
function enough(job: string, answersMin: number): string {
  return `  and ${sumPerCache(`increase(${ANSWERS}{${job}}[5m])`)} >= ${answersMin}`;
}

function servfail({ job }: AlertScope, settings: AlertValues['servfail']): AlertDefinition {
  const failed = sumPerCache(`rate(${ANSWERS}{${job}, rcode="SERVFAIL"}[5m])`);
  return {
    name: 'NodeLocalDNSServfailHigh',
    expr: [
      `${percentOf(failed, sumPerCache(`rate(${ANSWERS}{${job}}[5m])`))} > ${settings.percent}`,
      enough(job, settings.answersMin),
      '',
    ].join('\n'),
    settings,
    summary: `${CACHE} answers {{ $value | humanize }} % of its queries with SERVFAIL.`,
    description: `Its upstreams fail or cannot be reached from that node; see which: ${STATUS}.`,
  };
}

function latency({ job }: AlertScope, settings: AlertValues['latency']): AlertDefinition {
  const buckets = `rate(coredns_dns_request_duration_seconds_bucket{${job}}[5m])`;
  return {
    name: 'NodeLocalDNSLatencyHigh',
    expr: [
      `${quantileMs(0.99, buckets, PER_CACHE)} > ${settings.milliseconds}`,
      enough(job, settings.answersMin),
      '',
    ].join('\n'),
    settings,
    summary: `One answer in a hundred of the DNS cache on {{ or $labels.node $labels.instance }} takes {{ $value | humanize }} ms or more.`,
    description:
      'Answers from memory take less than one millisecond, so this is the time of an upstream; a few seconds are ' +
      `time-outs, packets lost on the way. See which: ${STATUS}.`,
  };
}

function rejected({ job }: AlertScope, { rejected: settings }: AlertValues): AlertDefinition {
  const full = `increase(nodelocaldns_queries_rejected_total{${job}}[5m])`;
  const configured = sumPerCache(`increase(coredns_forward_max_concurrent_rejects_total{${job}}[5m])`);
  return {
    name: 'NodeLocalDNSQueriesRejected',
    expr: [
      `${sumPerCache(full, 'reason')} > ${settings.queries}`,
      `  or label_replace(${configured}, "reason", "max_concurrent", "", "") > ${settings.queries}`,
      '',
    ].join('\n'),
    settings,
    summary: `${CACHE} refused {{ $value | humanize }} queries in five minutes ({{ $labels.reason }}).`,
    description:
      'Too many queries wait for an upstream at once, which is slow or gone: answers from memory are not concerned. ' +
      `max_concurrent is the Corefile's own limit, the others are built in. See the upstreams: ${STATUS}.`,
  };
}

function evictions({ job }: AlertScope, { evictions: settings }: AlertValues): AlertDefinition {
  const perMinute = `60 * ${sumPerCache(`rate(coredns_cache_evictions_total{${job}}[5m])`, 'type, zones')}`;
  return {
    name: 'NodeLocalDNSCacheEvictionsHigh',
    expr: `${perMinute} > ${settings.perMinute}\n`,
    settings,
    summary: `${CACHE} removes {{ $value | humanize }} answers a minute to make room ({{ $labels.type }}, {{ $labels.zones }}).`,
    description:
      'More different names are asked than the cache holds. Raise the capacity of the zone, or find who asks for ' +
      'names at random: kubectl -n {{ $labels.namespace }} exec -it {{ $labels.pod }} -- /node-cache top.',
  };
}

/** What is rare on a node with little to do is left to chance: shares want a number of answers. */
export function answerAlerts(scope: AlertScope, values: AlertValues): AlertDefinition[] {
  return [
    servfail(scope, values.servfail),
    servfail(scope, values.servfailCritical),
    latency(scope, values.latency),
    latency(scope, values.latencyCritical),
    rejected(scope, values),
    evictions(scope, values),
  ];
}
