/** What each alert is about, on one node: when it fires and when it is silent. The thresholds are the defaults. */
import { type AlertCase, CACHE_LABELS, type Fired } from '../support/promtool';

/** `up` for as long as a case lasts. */
const UP = { up: '1x60' };
const WINDOWS = 'Windows Server 2022 Datacenter';

const fired = (summary: string, severity: string, labels: Record<string, string> = {}): Fired[] => [
  { labels: { ...CACHE_LABELS, severity, ...labels }, summary },
];
/** Of no cache in particular. */
const alone = (summary: string, labels: Record<string, string>): Fired[] => [{ labels, summary }];
const silent: Fired[] = [];

const node = (name: string, image = 'Ubuntu 24.04 LTS') => `kube_node_info{node="${name}", os_image="${image}"}`;
const pod = (name: string, on: string, set = 'node-local-dns') =>
  `kube_pod_info{namespace="kube-system", pod="${name}", node="${on}", created_by_kind="DaemonSet", created_by_name="${set}"}`;
const ready = (name: string) => `kube_pod_status_ready{namespace="kube-system", pod="${name}", condition="true"}`;
const rollout = (what: string) =>
  `kube_daemonset_status_${what}_number_scheduled{namespace="kube-system", daemonset="node-local-dns"}`;

const AVAILABILITY: AlertCase[] = [
  {
    alert: 'NodeLocalDNSDown',
    title: 'fires when the last cache has been down for five minutes',
    series: { up: '1 0x10' },
    atMinutes: 7,
    fires: alone('No DNS cache answers its scrapes.', { severity: 'critical' }),
  },
  {
    alert: 'NodeLocalDNSDown',
    title: 'fires when Prometheus has no target',
    series: {},
    atMinutes: 6,
    fires: alone('No DNS cache answers its scrapes.', { severity: 'critical' }),
  },
  {
    alert: 'NodeLocalDNSDown',
    title: 'is silent while one of two caches is up',
    series: { up: '0x10', 'up{instance="10.0.0.2:9253"}': '1x10' },
    atMinutes: 9,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSInstanceDown',
    title: 'fires for the one of two caches that is down',
    series: { up: '0x10', 'up{instance="10.0.0.2:9253"}': '1x10' },
    atMinutes: 6,
    fires: fired('The DNS cache on node1 does not answer its scrapes.', 'critical', { job: 'node-local-dns' }),
  },
  {
    alert: 'NodeLocalDNSInstanceDown',
    title: 'is silent while a pod is replaced',
    series: { up: '1 0 0 0 1x10' },
    atMinutes: 6,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSNodeMissing',
    title: 'fires for the node without a pod',
    series: { [node('node1')]: '1x20', [node('node2')]: '1x20', [pod('a', 'node1')]: '1x20' },
    atMinutes: 16,
    fires: alone('Node node2 has no pod of the DNS cache.', {
      node: 'node2',
      os_image: 'Ubuntu 24.04 LTS',
      severity: 'warning',
    }),
  },
  {
    alert: 'NodeLocalDNSNodeMissing',
    title: 'is silent where a pod of a node pool is on the node, on Windows, and on Fargate',
    series: {
      [node('node1')]: '1x20',
      [pod('a', 'node1', 'node-local-dns-gpu')]: '1x20',
      [node('node3', WINDOWS)]: '1x20',
      [node('fargate-ip-10-0-0-7')]: '1x20',
    },
    atMinutes: 16,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSPodNotReady',
    title: 'fires for the pod that is not ready, and says its node',
    series: { [ready('a')]: '0x20', [pod('a', 'node2')]: '1x20' },
    atMinutes: 16,
    fires: alone('The pod of the DNS cache on node2 is not ready.', {
      namespace: 'kube-system',
      node: 'node2',
      pod: 'a',
      severity: 'warning',
    }),
  },
  {
    alert: 'NodeLocalDNSPodNotReady',
    title: 'is silent about ready pods, and about those of others',
    series: { [ready('a')]: '1x20', [pod('a', 'node2')]: '1x20', [ready('coredns')]: '0x20' },
    atMinutes: 16,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSRestarting',
    title: 'fires at the third start in half an hour',
    series: { process_start_time_seconds: '100x5 200x5 300x5 400x20' },
    atMinutes: 20,
    fires: fired('The DNS cache on node1 started 3 times in half an hour.', 'warning'),
  },
  {
    alert: 'NodeLocalDNSRestarting',
    title: 'is silent after two starts',
    series: { process_start_time_seconds: '100x5 200x5 300x30' },
    atMinutes: 20,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSDaemonSetOutdated',
    title: 'fires when pods are of an earlier revision for a day',
    series: { [rollout('desired')]: '5x1500', [rollout('updated')]: '2x1500' },
    atMinutes: 1450,
    fires: alone('3 pods of DaemonSet node-local-dns are of an earlier revision.', {
      namespace: 'kube-system',
      daemonset: 'node-local-dns',
      severity: 'info',
    }),
  },
  {
    alert: 'NodeLocalDNSDaemonSetOutdated',
    title: 'is silent for the first day, and when all are replaced',
    series: { [rollout('desired')]: '5x1500', [rollout('updated')]: '2x1400 5x100' },
    atMinutes: 1450,
    fires: silent,
  },
];

const lease = 'nodelocaldns_lease_held{address="169.254.20.10"}';
const lost = 'nodelocaldns_lease_changes_total{address="169.254.20.10", state="lost"}';
const mode = (firewall: string) => `nodelocaldns_node_mode_info{link="dummy", firewall="${firewall}"}`;
const configmap = 'coredns_nodecache_setup_errors_total{errortype="configmap"}';
const link = 'coredns_nodecache_setup_errors_total{errortype="interface_add"}';

const NODE: AlertCase[] = [
  {
    alert: 'NodeLocalDNSLeaseLost',
    title: 'fires when kube-dns has answered for two minutes',
    series: { [lease]: '1 0x10' },
    atMinutes: 4,
    fires: fired('The DNS cache on node1 has no lease on 169.254.20.10: kube-dns answers there.', 'warning', {
      address: '169.254.20.10',
    }),
  },
  {
    alert: 'NodeLocalDNSLeaseLost',
    title: 'is silent while the lease is held, and over a restart',
    series: { [lease]: '1 1 0 1x10' },
    atMinutes: 5,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSLeaseFlapping',
    title: 'fires when the lease was lost more than three times in half an hour',
    series: { [lost]: '0+1x30' },
    atMinutes: 30,
    fires: fired('The DNS cache on node1 lost its lease on 169.254.20.10 30 times in half an hour.', 'warning', {
      address: '169.254.20.10',
    }),
  },
  {
    alert: 'NodeLocalDNSLeaseFlapping',
    title: 'is silent when it was lost twice',
    series: { [lost]: '0x5 1x5 2x30' },
    atMinutes: 30,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSNoFailover',
    title: 'fires when rules are kept and no lease is',
    series: { [mode('iptables-legacy')]: '1x30' },
    atMinutes: 16,
    fires: fired('The DNS cache on node1 keeps no lease (rules: iptables-legacy).', 'info', {
      firewall: 'iptables-legacy',
      job: 'node-local-dns',
      link: 'dummy',
    }),
  },
  {
    alert: 'NodeLocalDNSNoFailover',
    title: 'is silent about k8s-dns-node-cache, which has no such metric',
    series: { up: '1x30' },
    atMinutes: 16,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSNoFailover',
    title: 'is silent with a lease, even a lost one',
    series: { [mode('nft')]: '1x30', [lease]: '0x30' },
    atMinutes: 16,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSNoFailover',
    title: 'fires when no rules can be kept at all',
    series: { [mode('none')]: '1x30' },
    atMinutes: 16,
    fires: fired('The DNS cache on node1 keeps no lease (rules: none).', 'info', {
      firewall: 'none',
      job: 'node-local-dns',
      link: 'dummy',
    }),
  },
  {
    alert: 'NodeLocalDNSSetupErrors',
    title: 'fires when it fails again and again for ten minutes',
    series: { [link]: '0+1x20' },
    atMinutes: 15,
    fires: fired('The DNS cache on node1 cannot keep its link or rules (interface_add).', 'critical', {
      errortype: 'interface_add',
    }),
  },
  {
    alert: 'NodeLocalDNSSetupErrors',
    title: 'is silent after one failure, and about configurations',
    series: { [link]: '0x3 1x20', [configmap]: '0+1x20' },
    atMinutes: 15,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSRepairs',
    title: 'fires at more than five repairs in an hour',
    series: { 'nodelocaldns_repairs_total{what="rules"}': '1+0.5x60' },
    atMinutes: 60,
    fires: fired('The DNS cache on node1 made its rules again 30 times in an hour.', 'warning', { what: 'rules' }),
  },
  {
    alert: 'NodeLocalDNSRepairs',
    title: 'is silent after a start, which makes everything once',
    series: { 'nodelocaldns_repairs_total{what="rules"}': '_ 4x60' },
    atMinutes: 60,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSConfigRejected',
    title: 'fires for an hour after a reload that failed',
    series: { coredns_reload_failed_total: '0x5 1x100' },
    atMinutes: 50,
    fires: fired('The DNS cache on node1 was given a configuration that it cannot use.', 'warning'),
  },
  {
    alert: 'NodeLocalDNSConfigRejected',
    title: 'fires after a ConfigMap that was refused',
    series: { [configmap]: '0x5 1x100' },
    atMinutes: 50,
    fires: fired('The DNS cache on node1 was given a configuration that it cannot use.', 'warning'),
  },
  {
    alert: 'NodeLocalDNSConfigRejected',
    title: 'fires when a start found a bad configuration: its first sample is 1 already',
    series: { [configmap]: '_x20 1x100' },
    atMinutes: 30,
    fires: fired('The DNS cache on node1 was given a configuration that it cannot use.', 'warning'),
  },
  {
    alert: 'NodeLocalDNSConfigRejected',
    title: 'is silent when that was an hour ago, and when nothing was refused',
    series: { coredns_reload_failed_total: '0x5 1x100', [configmap]: '0x105' },
    atMinutes: 90,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSPanic',
    title: 'fires at the first',
    series: { coredns_panics_total: '0x5 1x20' },
    atMinutes: 8,
    fires: fired('The DNS cache on node1 met a mistake in its own program.', 'critical'),
  },
  {
    alert: 'NodeLocalDNSPanic',
    title: 'is silent without any',
    series: { coredns_panics_total: '0x20' },
    atMinutes: 8,
    fires: silent,
  },
];

const answers = (rcode: string, plugin = 'forward') =>
  `coredns_dns_responses_total{server="dns://169.254.20.10:53", zone=".", view="", rcode="${rcode}", plugin="${plugin}"}`;
const within = (seconds: string) =>
  `coredns_dns_request_duration_seconds_bucket{server="dns://169.254.20.10:53", zone=".", view="", le="${seconds}"}`;
const refused = 'nodelocaldns_queries_rejected_total{reason="queries_max"}';
const evicted = 'coredns_cache_evictions_total{server="dns://169.254.20.10:53", type="success", zones=".", view=""}';

const ANSWERS: AlertCase[] = [
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

const TO = '10.96.0.11:53';
const served = (rcode: string, to = TO) =>
  `coredns_proxy_request_duration_seconds_count{proxy_name="forward", to="${to}", rcode="${rcode}"}`;
const took = (seconds: string) =>
  `coredns_proxy_request_duration_seconds_bucket{proxy_name="forward", to="${TO}", rcode="NOERROR", le="${seconds}"}`;
const timeouts = `nodelocaldns_upstream_failures_total{to="${TO}", reason="timeout"}`;
const down = `nodelocaldns_upstream_down{to="${TO}"}`;

const UPSTREAMS: AlertCase[] = [
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

/** All cases, alert by alert. */
export const CASES: readonly AlertCase[] = [...AVAILABILITY, ...NODE, ...ANSWERS, ...UPSTREAMS];

/** What is well: silent for every alert. */
export const WELL = { ...UP, [lease]: '1x60', [mode('nft')]: '1x60', [answers('NOERROR', 'cache')]: '0+500x60' };
