/** Alerts: do the servers behind the cache answer? Each is about one upstream as one node sees it. */
import type { AlertValues } from '../values-alerts';
import { type AlertDefinition, type AlertScope, STATUS } from './alert';
import { PER_CACHE, percentOf, quantileMs, sumPerCache } from './promql';

const DURATION = 'coredns_proxy_request_duration_seconds';
const SEEN = 'as {{ or $labels.node $labels.instance }} sees it';

/** Enough answers for a share of them to say something. */
function enough(job: string, answersMin: number): string {
  return `  and ${sumPerCache(`increase(${DURATION}_count{${job}}[5m])`, 'to')} >= ${answersMin}`;
}

function errors({ job }: AlertScope, { upstreamErrors: settings }: AlertValues): AlertDefinition {
  const failed = sumPerCache(`rate(${DURATION}_count{${job}, rcode="SERVFAIL"}[5m])`, 'to');
  return {
    name: 'NodeLocalDNSUpstreamErrorsHigh',
    expr: [
      `${percentOf(failed, sumPerCache(`rate(${DURATION}_count{${job}}[5m])`, 'to'))} > ${settings.percent}`,
      enough(job, settings.answersMin),
      '',
    ].join('\n'),
    settings,
    summary: `{{ $value | humanize }} % of the answers of upstream {{ $labels.to }} are SERVFAIL, ${SEEN}.`,
    description:
      'The server is reached and cannot answer: look there first. For the cluster DNS: kubectl -n kube-system logs ' +
      '-l k8s-app=kube-dns. Whether all nodes see it tells the server from the way to it.',
  };
}

function unanswered({ job }: AlertScope, { upstreamUnanswered: settings }: AlertValues): AlertDefinition {
  const failed = sumPerCache(`rate(nodelocaldns_upstream_failures_total{${job}}[5m])`, 'to');
  const answered = sumPerCache(`rate(${DURATION}_count{${job}}[5m])`, 'to');
  return {
    name: 'NodeLocalDNSUpstreamUnanswered',
    // A server that never answered has no series of answers: nought is the failures times nought.
    expr: [
      `100 * ${failed}`,
      `  / (${failed} + (${answered} or ${failed} * 0)) > ${settings.percent}`,
      `  and ${sumPerCache(`increase(nodelocaldns_upstream_failures_total{${job}}[5m])`, 'to')} >= ${settings.queriesMin}`,
      '',
    ].join('\n'),
    settings,
    summary: `{{ $value | humanize }} % of the queries to upstream {{ $labels.to }} stay without an answer, ${SEEN}.`,
    description:
      'Time-outs are packets lost on the way or a server without time; refused and unreachable say that nobody is ' +
      `there. The reasons are counted in nodelocaldns_upstream_failures_total, and told by: ${STATUS}.`,
  };
}

function latency({ job }: AlertScope, { upstreamLatency: settings }: AlertValues): AlertDefinition {
  const buckets = `rate(${DURATION}_bucket{${job}}[5m])`;
  return {
    name: 'NodeLocalDNSUpstreamLatencyHigh',
    expr: [
      `${quantileMs(0.99, buckets, `${PER_CACHE}, to`)} > ${settings.milliseconds}`,
      enough(job, settings.answersMin),
      '',
    ].join('\n'),
    settings,
    summary: `One answer in a hundred of upstream {{ $labels.to }} takes {{ $value | humanize }} ms or more, ${SEEN}.`,
    description:
      'Pods wait that long for names that are not in the cache. Ask the server from the node: kubectl -n ' +
      '{{ $labels.namespace }} exec {{ $labels.pod }} -- /node-cache query example.org A.',
  };
}

function down({ job }: AlertScope, { upstreamDown, allUpstreamsDown }: AlertValues): AlertDefinition[] {
  return [
    {
      name: 'NodeLocalDNSUpstreamDown',
      expr: `max by (${PER_CACHE}, to) (nodelocaldns_upstream_down{${job}}) > 0\n`,
      settings: upstreamDown,
      summary: `Upstream {{ $labels.to }} answers neither queries nor probes, ${SEEN}.`,
      description: `Others of its zone are asked instead, where there are any. See what came last: ${STATUS}.`,
    },
    {
      name: 'NodeLocalDNSAllUpstreamsDown',
      expr: `${sumPerCache(`rate(coredns_forward_healthcheck_broken_total{${job}}[5m])`)} > 0\n`,
      settings: allUpstreamsDown,
      summary: 'No upstream of a zone answers the DNS cache on {{ or $labels.node $labels.instance }}.',
      description:
        'Names of that zone that are not in the cache fail on that node. See which servers, and whether the node ' +
        `reaches them: ${STATUS}.`,
    },
  ];
}

/** The cluster DNS and the resolvers of the node alike. */
export function upstreamAlerts(scope: AlertScope, values: AlertValues): AlertDefinition[] {
  return [errors(scope, values), unanswered(scope, values), latency(scope, values), ...down(scope, values)];
}
