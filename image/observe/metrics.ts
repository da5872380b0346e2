/**
 * The catalogue: every metric this program can show, once. Exposition, tests and documents read it.
 *
 * Names, labels, help texts and buckets under `coredns_` are CoreDNS 1.13.2's and node-cache 1.26.8's, because dashboards
 * and alerts are written against them. What they do not have is named `nodelocaldns_`.
 * A label whose values nobody bounds can fill the memory of every Prometheus that scrapes us: LABELS says what bounds each.
 */

/** What bounds the values of a label; a metric may only use these. */
export const LABELS = {
  server: 'listeners of the Corefile',
  zone: 'zones of the Corefile, and "dropped"',
  zones: 'server blocks of the Corefile',
  view: 'always empty: node-cache has no view plugin',
  proto: 'udp, tcp, tcp-tls',
  family: '1 (IPv4), 2 (IPv6)',
  type: 'seventeen query types and "other"; of a cache: success, denial; of a template: its query type',
  class: 'classes of the templates of the Corefile',
  section: 'answer, additional, authority',
  template: 'templates of the Corefile',
  rcode: 'response codes with a name, and RCODEn of 12 bits',
  plugin: 'plugins that can write an answer, and "" for the server',
  name: 'plugins',
  proxy_name: 'forward',
  to: 'upstreams of the Corefile',
  hostsfile: 'hosts files of the Corefile',
  errortype: 'five kinds of set-up error',
  reason: 'a fixed list per metric, given in REASONS',
  hash: 'sha512',
  value: 'one: that of the Corefile last tried',
  version: 'one per build',
  revision: 'one per build',
  goversion: 'one per build',
  address: 'addresses of -localip',
  state: 'held and lost',
  result: 'renewed, answered and silent',
  what: 'link and rules',
  link: 'kinds of network device',
  firewall: 'nft, iptables-nft, iptables-legacy, none',
} as const;

/** A label's name. */
export type LabelName = keyof typeof LABELS;

/** How the equal series of several threads become one: added, or the largest of them (facts that all threads share). */
export type Merge = 'sum' | 'largest';

/** A counter or a gauge: one slot per series. */
export interface PlainMetric {
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly labels: readonly LabelName[];
  /** @default 'sum' */
  readonly merge?: Merge;
}

/** A histogram: a slot per bucket, one for +Inf and one for the sum. */
export interface HistogramMetric {
  readonly type: 'histogram';
  readonly help: string;
  readonly labels: readonly LabelName[];
  /** Upper bounds, ascending, without +Inf. */
  readonly buckets: readonly number[];
}

/** One entry of the catalogue. */
export type MetricDefinition = PlainMetric | HistogramMetric;

/** 0.25 ms doubling to 8.192 s. @source CoreDNS plugin/plugin.go TimeBuckets */
export const TIME_BUCKETS: readonly number[] = Array.from({ length: 16 }, (_, power) => 0.00025 * 2 ** power);
/** 0.25 ms times ten to 2.5 s. @source CoreDNS plugin/plugin.go SlimTimeBuckets */
export const SLIM_TIME_BUCKETS: readonly number[] = [0.00025, 0.0025, 0.025, 0.25, 2.5];
/** Message sizes in bytes; 511, 1023 … so that a full classic message falls in the next bucket. @source CoreDNS plugin/metrics/vars */
export const SIZE_BUCKETS: readonly number[] = [
  0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16e3, 32e3, 48e3, 64e3,
];

const SERVER = ['server', 'zone', 'view'] as const;
const CACHE = ['server', 'zones', 'view'] as const;
const CACHE_KIND = ['server', 'type', 'zones', 'view'] as const;
const TEMPLATE = ['server', 'zone', 'view', 'class', 'type'] as const;

const counter = (help: string, labels: readonly LabelName[] = []): PlainMetric => ({ type: 'counter', help, labels });
const gauge = (help: string, labels: readonly LabelName[] = [], merge: Merge = 'sum'): PlainMetric => ({
  type: 'gauge',
  help,
  labels,
  merge,
});
const histogram = (help: string, buckets: readonly number[], labels: readonly LabelName[] = []): HistogramMetric => ({
  type: 'histogram',
  help,
  labels,
  buckets,
});

/** Every metric by name. */
export const METRICS = {
  // ── The server and the plugins in general ──
  coredns_build_info: gauge(
    "A metric with a constant '1' value labeled by version, revision, and goversion from which CoreDNS was built.",
    ['version', 'revision', 'goversion'],
    'largest',
  ),
  coredns_panics_total: counter('A metrics that counts the number of panics.'),
  coredns_plugin_enabled: gauge(
    'A metric that indicates whether a plugin is enabled on per server and zone basis.',
    [...SERVER, 'name'],
    'largest',
  ),

  // ── Queries (blocks with `prometheus`) ──
  coredns_dns_requests_total: counter('Counter of DNS requests made per zone, protocol and family.', [
    ...SERVER,
    'proto',
    'family',
    'type',
  ]),
  coredns_dns_request_duration_seconds: histogram(
    'Histogram of the time (in seconds) each request took per zone.',
    TIME_BUCKETS,
    SERVER,
  ),
  coredns_dns_request_size_bytes: histogram(
    'Size of the EDNS0 UDP buffer in bytes (64K for TCP) per zone and protocol.',
    SIZE_BUCKETS,
    [...SERVER, 'proto'],
  ),
  coredns_dns_response_size_bytes: histogram('Size of the returned response in bytes.', SIZE_BUCKETS, [
    ...SERVER,
    'proto',
  ]),
  coredns_dns_do_requests_total: counter('Counter of DNS requests with DO bit set per zone.', SERVER),
  coredns_dns_responses_total: counter('Counter of response status codes.', [...SERVER, 'rcode', 'plugin']),

  // ── cache ──
  coredns_cache_entries: gauge('The number of elements in the cache.', CACHE_KIND),
  coredns_cache_requests_total: counter('The count of cache requests.', CACHE),
  coredns_cache_hits_total: counter('The count of cache hits.', CACHE_KIND),
  coredns_cache_misses_total: counter(
    'The count of cache misses. Deprecated, derive misses from cache hits/requests counters.',
    CACHE,
  ),
  coredns_cache_prefetch_total: counter('The number of times the cache has prefetched a cached item.', CACHE),
  coredns_cache_drops_total: counter(
    'The number responses that are not cached, because the reply is malformed.',
    CACHE,
  ),
  coredns_cache_served_stale_total: counter('The number of requests served from stale cache entries.', CACHE),
  coredns_cache_evictions_total: counter('The count of cache evictions.', CACHE_KIND),

  // ── forward and its upstreams ──
  coredns_forward_healthcheck_broken_total: counter('Counter of the number of complete failures of the healthchecks.'),
  coredns_forward_max_concurrent_rejects_total: counter(
    'Counter of the number of queries rejected because the concurrent queries were at maximum.',
  ),
  coredns_proxy_request_duration_seconds: histogram('Histogram of the time each request took.', TIME_BUCKETS, [
    'proxy_name',
    'to',
    'rcode',
  ]),
  coredns_proxy_healthcheck_failures_total: counter('Counter of the number of failed healthchecks.', [
    'proxy_name',
    'to',
  ]),
  coredns_proxy_conn_cache_hits_total: counter('Counter of connection cache hits per upstream and protocol.', [
    'proxy_name',
    'to',
    'proto',
  ]),
  coredns_proxy_conn_cache_misses_total: counter('Counter of connection cache misses per upstream and protocol.', [
    'proxy_name',
    'to',
    'proto',
  ]),

  // ── other plugins ──
  coredns_acl_allowed_requests_total: counter('Counter of DNS requests being allowed.', ['server', 'view']),
  coredns_acl_blocked_requests_total: counter('Counter of DNS requests being blocked.', SERVER),
  coredns_acl_dropped_requests_total: counter('Counter of DNS requests being dropped.', SERVER),
  coredns_acl_filtered_requests_total: counter('Counter of DNS requests being filtered.', SERVER),
  coredns_local_localhost_requests_total: counter('Counter of localhost.<domain> requests.'),
  coredns_health_request_duration_seconds: histogram(
    'Histogram of the time (in seconds) each request took.',
    SLIM_TIME_BUCKETS,
  ),
  coredns_health_request_failures_total: counter('The number of times the health check failed.'),
  coredns_hosts_entries: gauge('The combined number of entries in hosts and Corefile.', ['hostsfile'], 'largest'),
  coredns_hosts_reload_timestamp_seconds: gauge('The timestamp of the last reload of hosts file.', [], 'largest'),
  coredns_dns64_requests_translated_total: counter('Counter of DNS requests translated by dns64.', ['server']),
  coredns_template_matches_total: counter('Counter of template regex matches.', TEMPLATE),
  coredns_template_template_failures_total: counter('Counter of go template failures.', [
    ...TEMPLATE,
    'section',
    'template',
  ]),
  coredns_template_rr_failures_total: counter('Counter of mis-templated RRs.', [...TEMPLATE, 'section', 'template']),
  coredns_reload_failed_total: counter('Counter of the number of failed reload attempts.'),
  coredns_reload_version_info: gauge(
    "A metric with a constant '1' value labeled by hash, and value which type of hash generated.",
    ['hash', 'value'],
    'largest',
  ),

  // ── the agent ──
  coredns_nodecache_setup_errors_total: counter('The number of errors during periodic network setup for node-cache', [
    'errortype',
  ]),

  // ── ours: what becomes of packets and queries ──
  nodelocaldns_packets_dropped_total: counter('Packets that got no answer, by reason.', ['reason']),
  nodelocaldns_queries_joined_total: counter('Queries that waited for the answer to an equal one already asked.'),
  nodelocaldns_queries_rejected_total: counter('Queries refused for want of room, by reason.', ['reason']),
  nodelocaldns_queries_in_flight: gauge('Queries that wait for an upstream.'),
  nodelocaldns_cache_store_skipped_total: counter('Answers not stored in the table, by reason.', ['reason']),
  nodelocaldns_upstream_mismatched_total: counter(
    'Packets from upstreams that answer no open question: late, doubled or forged.',
  ),
  nodelocaldns_upstream_connections: gauge('Open connections and UDP sockets to upstreams, by protocol.', ['proto']),
  nodelocaldns_upstream_waited_total: counter(
    'Questions that waited because all connections to the upstream were full.',
    ['to'],
  ),
  nodelocaldns_upstream_down: gauge('Forwards that find the upstream down: it answers neither queries nor probes.', [
    'to',
  ]),
  nodelocaldns_upstream_failures_total: counter('Queries that the upstream left without an answer, by reason.', [
    'to',
    'reason',
  ]),
  nodelocaldns_tcp_connections: gauge('Open client connections.'),
  nodelocaldns_tcp_connections_closed_total: counter('Client connections closed, by reason.', ['reason']),

  nodelocaldns_trace_spans_dropped_total: counter('Spans that did not reach their collector, by reason.', ['reason']),

  nodelocaldns_dnstap_messages_dropped_total: counter(
    'dnstap messages that did not reach their collector, by reason.',
    ['reason'],
  ),

  // ── ours: the node ──
  nodelocaldns_lease_held: gauge(
    '1 while the pods of this node are answered by this cache, 0 while kube-dns does it.',
    ['address'],
  ),
  nodelocaldns_lease_changes_total: counter('Times the lease was taken (held) and given up (lost).', [
    'address',
    'state',
  ]),
  nodelocaldns_lease_questions_total: counter(
    'Questions to ourselves by which the lease is kept, by what came of them.',
    ['result'],
  ),
  nodelocaldns_node_mode_info: {
    ...gauge('Always 1: the kind of the link, and who keeps the rules.', ['link', 'firewall']),
    merge: 'largest',
  },
  nodelocaldns_stale_flows_total: counter(
    'Tracked flows to us that were ended because they followed rules of before (ended), and times this failed (failed).',
    ['result'],
  ),
  nodelocaldns_repairs_total: counter('Things of ours on the node that were missing and were made (again).', ['what']),

  // ── ours: about the counting and the log themselves ──
  nodelocaldns_series_dropped_total: counter('Series not made because all counter slots were taken.'),
  nodelocaldns_log_lines_dropped_total: counter('Log lines dropped because the log reader was too slow.'),

  // ── the process, under the names every Prometheus client uses ──
  process_cpu_seconds_total: counter('Total user and system CPU time spent in seconds.'),
  process_resident_memory_bytes: gauge('Resident memory size in bytes.'),
  process_virtual_memory_bytes: gauge('Virtual memory size in bytes.'),
  process_open_fds: gauge('Number of open file descriptors.'),
  process_max_fds: gauge('Maximum number of open file descriptors.'),
  process_virtual_memory_max_bytes: gauge('Maximum amount of virtual memory available in bytes.'),
  process_network_receive_bytes_total: counter('Number of bytes received by the process over the network.'),
  process_network_transmit_bytes_total: counter('Number of bytes sent by the process over the network.'),
  process_start_time_seconds: gauge('Start time of the process since unix epoch in seconds.'),
} satisfies Record<string, MetricDefinition>;

/** The name of a metric that exists. */
export type MetricName = keyof typeof METRICS;

/** The names in the order of the catalogue. */
export const METRIC_NAMES = Object.keys(METRICS) as readonly MetricName[];

/** The values that label `reason` may take, per metric. */
export const REASONS = {
  nodelocaldns_packets_dropped_total: ['short', 'response', 'send_failed'],
  nodelocaldns_queries_rejected_total: ['queries_max', 'forward_share', 'upstream_waiting'],
  nodelocaldns_upstream_failures_total: ['timeout', 'refused', 'unreachable', 'closed', 'room', 'other'],
  nodelocaldns_cache_store_skipped_total: ['too_large', 'too_many_records', 'table_full', 'busy'],
  nodelocaldns_trace_spans_dropped_total: ['main', 'backlog', 'collector', 'reload'],
  nodelocaldns_dnstap_messages_dropped_total: ['main', 'queue', 'reload'],
  nodelocaldns_tcp_connections_closed_total: ['client', 'idle', 'first_query', 'evicted', 'backlog', 'error', 'stop'],
} as const satisfies Partial<Record<MetricName, readonly string[]>>;

/** Facts about the configuration that is running: a series of theirs at 0 is one of a configuration before, and not shown. */
export const ABSENT_AT_ZERO: ReadonlySet<MetricName> = new Set([
  'coredns_plugin_enabled',
  'coredns_reload_version_info',
  'nodelocaldns_node_mode_info',
]);

/** Values of label `errortype` of coredns_nodecache_setup_errors_total; all exist from the start. @source node-cache cmd/node-cache/app */
export const SETUP_ERROR_TYPES = [
  'iptables',
  'iptables_lock',
  'interface_add',
  'interface_check',
  'configmap',
] as const;
