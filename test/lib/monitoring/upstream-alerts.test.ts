/** When the alerts about the servers behind the cache fire. Thresholds are the defaults. */
import { upstreamAlerts } from '../../../lib/monitoring/upstream-alerts';
import { type AlertCase, describeAlerts, fired, silent } from '../../support/promtool';

const TO = '10.96.0.11:53';
const served = (rcode: string, to = TO) =>
  `coredns_proxy_request_duration_seconds_count{proxy_name="forward", to="${to}", rcode="${rcode}"}`;
const took = (seconds: string) =>
  `coredns_proxy_request_duration_seconds_bucket{proxy_name="forward", to="${TO}", rcode="NOERROR", le="${seconds}"}`;
const timeouts = `nodelocaldns_upstream_failures_total{to="${TO}", reason="timeout"}`;
const down = `nodelocaldns_upstream_down{to="${TO}"}`;

const CASES: readonly AlertCase[] = [
  {
    alert: 'NodeLocalDNSUpstreamErrorsHigh',
    title: 'fires when one of two upstreams answers SERVFAIL to one query in five',
    series: {
      [served('SERVFAIL')]: '0+20x30',
      [served('NOERROR')]: '0+80x30',
      [served('NOERROR', '9.9.9.9:53')]: '0+99x30',
    },
    atMinutes: 20,
    fires: fired(`20 % of the answers of upstream ${TO} are SERVFAIL, as node1 sees it.`, 'warning', { to: TO }),
  },
  {
    alert: 'NodeLocalDNSUpstreamErrorsHigh',
    title: 'is silent at one in a hundred, and when it is asked once a minute',
    series: {
      [served('SERVFAIL')]: '0+1x30',
      [served('NOERROR')]: '0+99x30',
      [served('SERVFAIL', '9.9.9.9:53')]: '0+1x30',
    },
    atMinutes: 20,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSUpstreamUnanswered',
    title: 'fires when one query in ten times out',
    series: { [timeouts]: '0+10x30', [served('NOERROR')]: '0+90x30' },
    atMinutes: 20,
    fires: fired(`10 % of the queries to upstream ${TO} stay without an answer, as node1 sees it.`, 'warning', {
      to: TO,
    }),
  },
  {
    alert: 'NodeLocalDNSUpstreamUnanswered',
    title: 'fires for an upstream that never answered anything',
    series: { [timeouts]: '0+10x30' },
    atMinutes: 20,
    fires: fired(`100 % of the queries to upstream ${TO} stay without an answer, as node1 sees it.`, 'warning', {
      to: TO,
    }),
  },
  {
    alert: 'NodeLocalDNSUpstreamUnanswered',
    title: 'is silent at one in a hundred',
    series: { [timeouts]: '0+5x30', [served('NOERROR')]: '0+495x30' },
    atMinutes: 20,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSUpstreamLatencyHigh',
    title: 'fires when two answers in a hundred take more than two seconds',
    series: {
      [took('0.002')]: '0+98x30',
      [took('2.048')]: '0+98x30',
      [took('4.096')]: '0+100x30',
      [took('+Inf')]: '0+100x30',
      [served('NOERROR')]: '0+100x30',
    },
    atMinutes: 20,
    fires: fired(`One answer in a hundred of upstream ${TO} takes 3.072k ms or more, as node1 sees it.`, 'warning', {
      to: TO,
    }),
  },
  {
    alert: 'NodeLocalDNSUpstreamLatencyHigh',
    title: 'is silent at two milliseconds',
    series: { [took('0.002')]: '0+100x30', [took('+Inf')]: '0+100x30', [served('NOERROR')]: '0+100x30' },
    atMinutes: 20,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSUpstreamDown',
    title: 'fires after five minutes',
    series: { [down]: '0 1x20' },
    atMinutes: 8,
    fires: fired(`Upstream ${TO} answers neither queries nor probes, as node1 sees it.`, 'warning', { to: TO }),
  },
  {
    alert: 'NodeLocalDNSUpstreamDown',
    title: 'is silent when it comes back within them',
    series: { [down]: '0 1 1 1 0x20' },
    atMinutes: 8,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSAllUpstreamsDown',
    title: 'fires when queries found no upstream for two minutes',
    series: { coredns_forward_healthcheck_broken_total: '0x3 0+5x20' },
    atMinutes: 10,
    fires: fired('No upstream of a zone answers the DNS cache on node1.', 'critical'),
  },
  {
    alert: 'NodeLocalDNSAllUpstreamsDown',
    title: 'is silent when that was long ago',
    series: { coredns_forward_healthcheck_broken_total: '0 5x30' },
    atMinutes: 20,
    fires: silent,
  },
];

describeAlerts(upstreamAlerts, CASES);
