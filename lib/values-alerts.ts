/** The values of the alerts: one group for each rule, with its thresholds (values-monitoring.ts holds the others). */
import { type Fields, group, integer, list, text, type ValuesOf } from './helm/values';
import { NODE_PREFIX, SEVERITY } from './patterns';

/** A month: longer than any rollout, and what OnDelete may rightly take. */
const MINUTES = { minimum: 0, maximum: 43_200 };
const PERCENT = { minimum: 0, maximum: 100 };
const COUNT = { minimum: 0, maximum: 1_000_000 };
const MILLISECONDS = { minimum: 1, maximum: 8000 };

/** What every rule has: how long, how bad. */
function rule<F extends Fields>(sentence: string, severity: string, forMinutes: number, thresholds: F) {
  return group(sentence, {
    ...thresholds,
    forMinutes: integer(forMinutes, 'For how long before it fires, in minutes.', MINUTES),
    severity: text(severity, 'Its label severity.', { pattern: SEVERITY }),
  });
}

const answersMin = () =>
  integer(100, 'Answers in five minutes below which a share says nothing.', { minimum: 0, maximum: 1_000_000 });

/** Is there a cache on each node, and does it stay? */
const AVAILABILITY = {
  down: rule('NodeLocalDNSDown: Prometheus reaches no cache at all, or finds none.', 'critical', 5, {}),
  instanceDown: rule('NodeLocalDNSInstanceDown: one cache does not answer its scrapes.', 'critical', 5, {}),
  nodeMissing: rule(
    'NodeLocalDNSNodeMissing: a node has no pod of the cache. Needs kube-state-metrics.',
    'warning',
    15,
    {
      excludedNodePrefixes: list<string>(
        ['fargate-', 'virtual-kubelet', 'virtual-node-'],
        'Beginnings of the names of nodes that have none on purpose. Windows nodes are left out anyway.',
        { type: 'string', pattern: NODE_PREFIX },
        { minItems: 1 },
      ),
    },
  ),
  podNotReady: rule(
    'NodeLocalDNSPodNotReady: a pod of the cache is not ready. Needs kube-state-metrics.',
    'warning',
    15,
    {},
  ),
  restarts: rule('NodeLocalDNSRestarting: a cache starts again and again.', 'warning', 0, {
    starts: integer(2, 'Starts in half an hour that are fine.', COUNT),
  }),
  outdated: rule(
    'NodeLocalDNSDaemonSetOutdated: pods of an earlier revision run on, as OnDelete wants it. Needs kube-state-metrics.',
    'info',
    1440,
    {},
  ),
};

/** Are the node's link, rules and lease in order, and the configuration the newest? */
const NODE = {
  leaseLost: rule('NodeLocalDNSLeaseLost: a node has failed over to kube-dns.', 'warning', 2, {}),
  leaseFlapping: rule('NodeLocalDNSLeaseFlapping: a node fails over and back.', 'warning', 0, {
    losses: integer(3, 'Times in half an hour that are fine.', COUNT),
  }),
  noFailover: rule('NodeLocalDNSNoFailover: the rules of a node know no lease.', 'info', 15, {}),
  setupErrors: rule('NodeLocalDNSSetupErrors: link or rules cannot be kept.', 'critical', 10, {}),
  repairs: rule('NodeLocalDNSRepairs: somebody takes link or rules away.', 'warning', 0, {
    times: integer(5, 'Times in an hour that are fine, however much was gone each time.', COUNT),
  }),
  configRejected: rule('NodeLocalDNSConfigRejected: a new Corefile is not used, the last good one is.', 'warning', 0, {
    windowMinutes: integer(60, 'How long it fires after the refusal, in minutes.', { minimum: 5, maximum: 1440 }),
  }),
  panic: rule('NodeLocalDNSPanic: a mistake of the program was survived.', 'critical', 0, {}),
};

/** What do pods get, and when? */
const ANSWERS = {
  servfail: rule('NodeLocalDNSServfailHigh: a cache answers SERVFAIL.', 'warning', 10, {
    percent: integer(1, 'Share of its answers, in percent.', PERCENT),
    answersMin: answersMin(),
  }),
  servfailCritical: rule('NodeLocalDNSServfailHigh, the second step.', 'critical', 10, {
    percent: integer(3, 'Share of its answers, in percent.', PERCENT),
    answersMin: answersMin(),
  }),
  latency: rule('NodeLocalDNSLatencyHigh: a cache answers late.', 'warning', 10, {
    milliseconds: integer(500, 'Time that one answer in a hundred exceeds.', MILLISECONDS),
    answersMin: answersMin(),
  }),
  latencyCritical: rule('NodeLocalDNSLatencyHigh, the second step.', 'critical', 10, {
    milliseconds: integer(2000, 'Time that one answer in a hundred exceeds.', MILLISECONDS),
    answersMin: answersMin(),
  }),
  rejected: rule('NodeLocalDNSQueriesRejected: queries are refused for want of room.', 'warning', 5, {
    queries: integer(0, 'Queries in five minutes that are fine.', COUNT),
  }),
  evictions: rule('NodeLocalDNSCacheEvictionsHigh: the cache is too small for what is asked.', 'info', 30, {
    perMinute: integer(600, 'Answers removed per minute to make room that are fine.', COUNT),
  }),
};

/** Do the servers behind the cache answer? */
const UPSTREAMS = {
  upstreamErrors: rule('NodeLocalDNSUpstreamErrorsHigh: an upstream answers SERVFAIL.', 'warning', 10, {
    percent: integer(10, 'Share of its answers, in percent.', PERCENT),
    answersMin: answersMin(),
  }),
  upstreamUnanswered: rule(
    'NodeLocalDNSUpstreamUnanswered: an upstream leaves queries without an answer.',
    'warning',
    10,
    {
      percent: integer(5, 'Share of the queries to it, in percent.', PERCENT),
      queriesMin: integer(20, 'Unanswered queries in five minutes below which a share says nothing.', COUNT),
    },
  ),
  upstreamLatency: rule('NodeLocalDNSUpstreamLatencyHigh: an upstream answers late.', 'warning', 10, {
    milliseconds: integer(1000, 'Time that one answer in a hundred exceeds.', MILLISECONDS),
    answersMin: answersMin(),
  }),
  upstreamDown: rule('NodeLocalDNSUpstreamDown: an upstream answers neither queries nor probes.', 'warning', 5, {}),
  allUpstreamsDown: rule('NodeLocalDNSAllUpstreamsDown: no upstream of a zone answers.', 'critical', 2, {}),
};

/** Groups by rule. Two rules of one name are its two steps. */
export const ALERTS = group('Thresholds, by alert.', { ...AVAILABILITY, ...NODE, ...ANSWERS, ...UPSTREAMS });

/** Values of all alerts. */
export type AlertValues = ValuesOf<{ alerts: typeof ALERTS }>['alerts'];

/** Names of all alerts, once each: what `prometheusRule.disabled` may say. */
export const ALERT_NAMES: readonly string[] = [
  ...new Set(Object.values(ALERTS.fields as Fields).map(({ sentence }) => sentence.split(/[:,]/)[0])),
];
