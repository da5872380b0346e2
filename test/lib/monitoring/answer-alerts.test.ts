/** When the alerts about what pods get fire. Thresholds are the defaults. */
import { answerAlerts } from '../../../lib/monitoring/answer-alerts';
import { type AlertCase, describeAlerts, fired, silent } from '../../support/promtool';

const answers = (rcode: string, plugin = 'forward') =>
  `coredns_dns_responses_total{server="dns://169.254.20.10:53", zone=".", view="", rcode="${rcode}", plugin="${plugin}"}`;
const within = (seconds: string) =>
  `coredns_dns_request_duration_seconds_bucket{server="dns://169.254.20.10:53", zone=".", view="", le="${seconds}"}`;
const refused = 'nodelocaldns_queries_rejected_total{reason="queries_max"}';
const evicted = 'coredns_cache_evictions_total{server="dns://169.254.20.10:53", type="success", zones=".", view=""}';

const CASES: readonly AlertCase[] = [
  {
    alert: 'NodeLocalDNSServfailHigh',
    title: 'warns at 2 % of the answers',
    series: { [answers('SERVFAIL')]: '0+2x30', [answers('NOERROR', 'cache')]: '0+98x30' },
    atMinutes: 20,
    fires: fired('The DNS cache on node1 answers 2 % of its queries with SERVFAIL.', 'warning'),
  },
  {
    alert: 'NodeLocalDNSServfailHigh',
    title: 'warns and is critical at 5 %',
    series: { [answers('SERVFAIL')]: '0+5x30', [answers('NOERROR', 'cache')]: '0+95x30' },
    atMinutes: 20,
    fires: ['critical', 'warning'].flatMap((severity) =>
      fired('The DNS cache on node1 answers 5 % of its queries with SERVFAIL.', severity),
    ),
  },
  {
    alert: 'NodeLocalDNSServfailHigh',
    title: 'is silent at one in a thousand, and about NXDOMAIN',
    series: { [answers('SERVFAIL')]: '0+1x30', [answers('NXDOMAIN')]: '0+999x30' },
    atMinutes: 20,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSServfailHigh',
    title: 'is silent when nine of ten fail, of two answers a minute',
    series: { [answers('SERVFAIL')]: '0+1.8x30', [answers('NOERROR')]: '0+0.2x30' },
    atMinutes: 20,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSLatencyHigh',
    title: 'warns when two in a hundred take more than a second',
    series: {
      [within('0.00025')]: '0+98x30',
      [within('1.024')]: '0+98x30',
      [within('2.048')]: '0+100x30',
      [within('+Inf')]: '0+100x30',
      [answers('NOERROR')]: '0+100x30',
    },
    atMinutes: 20,
    fires: fired('One answer in a hundred of the DNS cache on node1 takes 1.536k ms or more.', 'warning'),
  },
  {
    alert: 'NodeLocalDNSLatencyHigh',
    title: 'warns and is critical when they take the time of two time-outs',
    series: {
      [within('0.00025')]: '0+98x30',
      [within('4.096')]: '0+98x30',
      [within('8.192')]: '0+100x30',
      [within('+Inf')]: '0+100x30',
      [answers('NOERROR')]: '0+100x30',
    },
    atMinutes: 20,
    fires: ['critical', 'warning'].flatMap((severity) =>
      fired('One answer in a hundred of the DNS cache on node1 takes 6.144k ms or more.', severity),
    ),
  },
  {
    alert: 'NodeLocalDNSLatencyHigh',
    title: 'is silent when all come from memory',
    series: { [within('0.00025')]: '0+100x30', [within('+Inf')]: '0+100x30', [answers('NOERROR')]: '0+100x30' },
    atMinutes: 20,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSQueriesRejected',
    title: 'fires when places run out',
    series: { [refused]: '0+10x30' },
    atMinutes: 12,
    fires: fired('The DNS cache on node1 refused 50 queries in five minutes (queries_max).', 'warning', {
      reason: 'queries_max',
    }),
  },
  {
    alert: 'NodeLocalDNSQueriesRejected',
    title: 'fires when max_concurrent of the Corefile is reached',
    series: { coredns_forward_max_concurrent_rejects_total: '0+10x30' },
    atMinutes: 12,
    fires: fired('The DNS cache on node1 refused 50 queries in five minutes (max_concurrent).', 'warning', {
      reason: 'max_concurrent',
    }),
  },
  {
    alert: 'NodeLocalDNSQueriesRejected',
    title: 'is silent when none is refused',
    series: { [refused]: '7x30', coredns_forward_max_concurrent_rejects_total: '0x30' },
    atMinutes: 12,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSCacheEvictionsHigh',
    title: 'fires when twenty answers a second go for half an hour',
    series: { [evicted]: '0+1200x60' },
    atMinutes: 40,
    fires: fired('The DNS cache on node1 removes 1.2k answers a minute to make room (success, .).', 'info', {
      type: 'success',
      zones: '.',
    }),
  },
  {
    alert: 'NodeLocalDNSCacheEvictionsHigh',
    title: 'is silent when one a second does',
    series: { [evicted]: '0+60x60' },
    atMinutes: 40,
    fires: silent,
  },
];

describeAlerts(answerAlerts, CASES);
