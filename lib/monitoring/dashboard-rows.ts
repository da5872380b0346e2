/** What the dashboard shows, row by row: from what pods get to what the process costs. */
import { heatmap, type Panel, stat, stateTimeline, type Target, table, timeseries } from './panels';

/** A row of panels; below each other where they do not fit. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
  /** Variable whose values have a row each; such rows are folded. */
  readonly repeat?: string;
}

const SELECTED = 'cluster=~"$cluster", job=~"$job", instance=~"$instance"';
/** The caches that are looked at, one selector for all expressions; `more` begins with a comma. */
const of = (metric: string, more = ''): string => `${metric}{${SELECTED}${more}}`;
const rate = (metric: string, more = ''): string => `rate(${of(metric, more)}[$__rate_interval])`;
const sum = (inner: string, by = ''): string => (by === '' ? `sum(${inner})` : `sum by (${by}) (${inner})`);
const target = (expr: string, legend = ''): Target => ({ expr, legend });
/** A quantile of a histogram, in seconds. */
const quantile = (share: number, metric: string, by = 'le'): string =>
  `histogram_quantile(${share}, ${sum(rate(`${metric}_bucket`), by)})`;
/** A ratio whose parts may have no series yet: nothing has happened, which is 0. */
const ratio = (part: string, whole: string): string => `(${part} or 0 * ${whole}) / ${whole}`;

const DURATION = 'coredns_dns_request_duration_seconds';
const UPSTREAM = 'coredns_proxy_request_duration_seconds';
const HITS = sum(rate('coredns_cache_hits_total'));
const LOOKUPS = sum(rate('coredns_cache_requests_total'));
const RESPONSES = 'coredns_dns_responses_total';

const GLANCE: Row = {
  title: 'At a glance',
  panels: [
    stat({
      title: 'Caches up',
      description: 'Caches that answer their scrapes; each node should have one.',
      ...{
        columns: 4,
        unit: 'none',
        steps: [
          [null, 'red'],
          [1, 'green'],
        ],
      },
      targets: [target(sum(of('up')), 'up')],
    }),
    stat({
      title: 'Queries',
      description: 'What pods ask, of all caches together.',
      ...{ columns: 4, unit: 'reqps', steps: [[null, 'blue']] },
      targets: [target(sum(rate('coredns_dns_requests_total')), 'queries')],
    }),
    stat({
      title: 'Hit ratio',
      description: 'Queries answered from memory. With a TTL of 30 s for the cluster 80 % and more is usual.',
      ...{
        columns: 4,
        unit: 'percentunit',
        steps: [
          [null, 'orange'],
          [0.5, 'yellow'],
          [0.8, 'green'],
        ],
      },
      targets: [target(ratio(HITS, LOOKUPS), 'hits')],
    }),
    stat({
      title: 'p99',
      description: 'Time that one answer in a hundred exceeds. Answers from memory are in the lowest bucket, 0.25 ms.',
      ...{
        columns: 4,
        unit: 's',
        steps: [
          [null, 'green'],
          [0.5, 'orange'],
          [2, 'red'],
        ],
      },
      targets: [target(quantile(0.99, DURATION), 'p99')],
    }),
    stat({
      title: 'SERVFAIL',
      description: 'Share of all answers. Upstreams that fail or do not answer end here.',
      ...{
        columns: 4,
        unit: 'percentunit',
        steps: [
          [null, 'green'],
          [0.01, 'orange'],
          [0.03, 'red'],
        ],
      },
      targets: [target(ratio(sum(rate(RESPONSES, ', rcode="SERVFAIL"')), sum(rate(RESPONSES))), 'SERVFAIL')],
    }),
    stat({
      title: 'Addresses failed over',
      description: 'Addresses of nodes where kube-dns answers in place of the cache.',
      ...{
        columns: 4,
        unit: 'none',
        steps: [
          [null, 'green'],
          [1, 'orange'],
        ],
      },
      targets: [target(`count(${of('nodelocaldns_lease_held')} == 0) or vector(0)`, 'failed over')],
    }),
  ],
};

const ANSWERS: Row = {
  title: 'Queries and answers',
  panels: [
    timeseries({
      title: 'Queries by type',
      description: 'A and AAAA in equal parts is what resolvers of pods do; other types come from programs.',
      ...{ columns: 8, unit: 'reqps', isStacked: true },
      targets: [target(sum(rate('coredns_dns_requests_total'), 'type'), '{{type}}')],
    }),
    timeseries({
      title: 'Answers by code',
      description: 'NXDOMAIN in large parts is the search path of pods (ndots:5). SERVFAIL and REFUSED are failures.',
      ...{ columns: 8, unit: 'reqps', isStacked: true },
      targets: [target(sum(rate(RESPONSES), 'rcode'), '{{rcode}}')],
    }),
    timeseries({
      title: 'Where answers come from',
      description: 'From memory, by kind; or from an upstream, which takes its time and costs the cluster DNS a query.',
      ...{ columns: 8, unit: 'reqps', isStacked: true },
      targets: [
        target(sum(rate('coredns_cache_hits_total'), 'type'), 'cache, {{type}}'),
        target(`${LOOKUPS} - ${HITS}`, 'upstream'),
      ],
    }),
    heatmap({
      title: 'Time of answers',
      description: 'Answers by their time: the band at the bottom is memory, the one above it the upstreams.',
      ...{ columns: 12, unit: 's' },
      targets: [target(sum(`increase(${of(`${DURATION}_bucket`)}[$__rate_interval])`, 'le'), '{{le}}')],
    }),
    timeseries({
      title: 'Time of answers: quantiles',
      description: 'Half of all answers, nine in ten, 99 in a hundred take no longer.',
      ...{ columns: 12, unit: 's', rows: 9 },
      targets: [0.5, 0.9, 0.99].map((share) => target(quantile(share, DURATION), `p${share * 100}`)),
    }),
    timeseries({
      title: 'Queries by zone',
      description: 'By server block of the Corefile; "dropped" were no queries.',
      ...{ columns: 12, unit: 'reqps', isStacked: true },
      targets: [target(sum(rate('coredns_dns_requests_total'), 'zone'), '{{zone}}')],
    }),
    timeseries({
      title: 'Queries by protocol',
      description:
        'TCP from pods is rare: resolvers that saw a truncated answer, and load that goes over TCP on purpose.',
      ...{ columns: 12, unit: 'reqps', isStacked: true },
      targets: [target(sum(rate('coredns_dns_requests_total'), 'proto, family'), '{{proto}}, family {{family}}')],
    }),
  ],
};

const CACHE: Row = {
  title: 'Cache',
  panels: [
    timeseries({
      title: 'Hit ratio by zone',
      description: 'Queries of the zone that were answered from memory.',
      ...{ columns: 8, unit: 'percentunit', max: 1 },
      targets: [
        target(
          `${sum(rate('coredns_cache_hits_total'), 'zones')} / ${sum(rate('coredns_cache_requests_total'), 'zones')}`,
          '{{zones}}',
        ),
      ],
    }),
    timeseries({
      title: 'Entries',
      description: 'Answers kept, of all caches together. The Corefile bounds success and denial for each zone.',
      ...{ columns: 8, unit: 'short', isStacked: true },
      targets: [target(sum(of('coredns_cache_entries'), 'type, zones'), '{{zones}} {{type}}')],
    }),
    timeseries({
      title: 'Evicted, prefetched, stale',
      description:
        'Evicted: removed to make room. Stale: given after their TTL, because the upstream was gone or slow.',
      ...{ columns: 8, unit: 'cps' },
      targets: [
        target(sum(rate('coredns_cache_evictions_total')), 'evicted'),
        target(sum(rate('coredns_cache_prefetch_total')), 'prefetched'),
        target(sum(rate('coredns_cache_served_stale_total')), 'served stale'),
      ],
    }),
  ],
};

const UPSTREAMS: Row = {
  title: 'Upstreams',
  panels: [
    timeseries({
      title: 'Time of upstreams, p99',
      description: 'By server, as the nodes see it. Values near 2 s and above are time-outs.',
      ...{ columns: 8, unit: 's' },
      targets: [target(quantile(0.99, UPSTREAM, 'to, le'), '{{to}}')],
    }),
    timeseries({
      title: 'Time of upstreams, mean',
      description: 'By server; a mean that differs between servers of one kind tells the way from the server.',
      ...{ columns: 8, unit: 's' },
      targets: [target(`${sum(rate(`${UPSTREAM}_sum`), 'to')} / ${sum(rate(`${UPSTREAM}_count`), 'to')}`, '{{to}}')],
    }),
    timeseries({
      title: 'Answers of upstreams',
      description: 'By server and code: this much load the cluster DNS and the resolvers have left.',
      ...{ columns: 8, unit: 'reqps', isStacked: true },
      targets: [target(sum(rate(`${UPSTREAM}_count`), 'to, rcode'), '{{to}} {{rcode}}')],
    }),
    timeseries({
      title: 'Queries without an answer',
      description: 'By server and reason: timeout, refused, unreachable, closed.',
      ...{ columns: 8, unit: 'reqps', isStacked: true },
      targets: [target(sum(rate('nodelocaldns_upstream_failures_total'), 'to, reason'), '{{to}} {{reason}}')],
    }),
    timeseries({
      title: 'Waiting and joined',
      description:
        'In flight: queries that wait for an upstream. Joined: those that wait for an equal one, and cost nothing.',
      ...{ columns: 8, unit: 'short' },
      targets: [
        target(sum(of('nodelocaldns_queries_in_flight')), 'in flight'),
        target(sum(rate('nodelocaldns_queries_joined_total')), 'joined per second'),
      ],
    }),
    timeseries({
      title: 'Connections to upstreams',
      description: 'Open ones by protocol, and the share of questions that found one open.',
      ...{ columns: 8, unit: 'short' },
      targets: [
        target(sum(of('nodelocaldns_upstream_connections'), 'proto'), '{{proto}}'),
        target(sum(of('nodelocaldns_upstream_down'), 'to'), 'down: {{to}}'),
      ],
    }),
  ],
};

const NODE: Row = {
  title: 'Lease, link and rules',
  panels: [
    stateTimeline({
      title: 'Who answers the pods',
      description: 'By node and address: the cache while it holds the lease, kube-dns while it does not.',
      ...{ columns: 12, unit: 'none', names: ['kube-dns', 'cache'] },
      targets: [target(sum(of('nodelocaldns_lease_held'), 'instance, address'), '{{instance}} {{address}}')],
    }),
    timeseries({
      title: 'Lease changes',
      description: 'In five minutes. A start takes the lease once; a node that loses it again and again is starved.',
      ...{ columns: 6, unit: 'short' },
      targets: [
        target(
          sum(`increase(${of('nodelocaldns_lease_changes_total')}[5m])`, 'instance, state'),
          '{{instance}} {{state}}',
        ),
      ],
    }),
    timeseries({
      title: 'Set-up errors and repairs',
      description: 'In five minutes. Repairs: link or rules were gone and were made again.',
      ...{ columns: 6, unit: 'short' },
      targets: [
        target(sum(`increase(${of('coredns_nodecache_setup_errors_total')}[5m])`, 'errortype'), 'error: {{errortype}}'),
        target(sum(`increase(${of('nodelocaldns_repairs_total')}[5m])`, 'what'), 'repaired: {{what}}'),
      ],
    }),
    table({
      title: 'Nodes',
      description: 'The kind of the link and who keeps the rules; firewall none or without ipset has no fail-over.',
      ...{ columns: 12, unit: 'none', hidden: ['Value', 'job', 'endpoint', 'service', 'container', 'prometheus'] },
      targets: [target(of('nodelocaldns_node_mode_info'))],
    }),
    table({
      title: 'Versions',
      description: 'Programs that run: with OnDelete there may be several for long.',
      ...{ columns: 12, unit: 'none', hidden: [] },
      targets: [target(`count by (version, goversion) (${of('coredns_build_info')})`)],
    }),
  ],
};

const PROCESS: Row = {
  title: 'Process',
  panels: [
    timeseries({
      title: 'Memory',
      description: 'Resident memory by cache.',
      ...{ columns: 8, unit: 'bytes' },
      targets: [target(of('process_resident_memory_bytes'), '{{instance}}')],
    }),
    timeseries({
      title: 'Processor',
      description: 'Cores in use by cache.',
      ...{ columns: 8, unit: 'short' },
      targets: [target(rate('process_cpu_seconds_total'), '{{instance}}')],
    }),
    timeseries({
      title: 'Open files and client connections',
      description: 'Sockets are files; a share near 100 % of the limit refuses clients.',
      ...{ columns: 8, unit: 'short' },
      targets: [
        target(of('process_open_fds'), '{{instance}} files'),
        target(of('nodelocaldns_tcp_connections'), '{{instance}} TCP clients'),
      ],
    }),
    timeseries({
      title: 'Dropped and refused',
      description:
        'Packets without an answer, queries refused for want of room, log lines that nobody read fast enough.',
      ...{ columns: 12, unit: 'cps' },
      targets: [
        target(sum(rate('nodelocaldns_packets_dropped_total'), 'reason'), 'packet: {{reason}}'),
        target(sum(rate('nodelocaldns_queries_rejected_total'), 'reason'), 'query: {{reason}}'),
        target(sum(rate('coredns_forward_max_concurrent_rejects_total')), 'query: max_concurrent'),
        target(sum(rate('nodelocaldns_log_lines_dropped_total')), 'log line'),
      ],
    }),
    timeseries({
      title: 'Panics and refused configurations',
      description: 'In an hour. Both are survived: the last good Corefile is in use.',
      ...{ columns: 12, unit: 'short' },
      targets: [
        target(sum(`increase(${of('coredns_panics_total')}[1h])`), 'panics'),
        target(sum(`increase(${of('coredns_reload_failed_total')}[1h])`), 'refused Corefiles'),
      ],
    }),
  ],
};

/** The variable is one cache in each copy of the row. */
const ONE: Row = {
  title: 'Node $instance',
  repeat: 'instance',
  panels: [
    timeseries({
      title: 'Answers by code',
      description: 'Of this cache.',
      ...{ columns: 6, unit: 'reqps', isStacked: true },
      targets: [target(sum(rate(RESPONSES), 'rcode'), '{{rcode}}')],
    }),
    timeseries({
      title: 'Hit ratio',
      description: 'Of this cache.',
      ...{ columns: 6, unit: 'percentunit', max: 1 },
      targets: [target(ratio(HITS, LOOKUPS), 'hits')],
    }),
    timeseries({
      title: 'Time of answers',
      description: 'Of this cache.',
      ...{ columns: 6, unit: 's' },
      targets: [0.5, 0.99].map((share) => target(quantile(share, DURATION), `p${share * 100}`)),
    }),
    timeseries({
      title: 'Time of upstreams, p99',
      description: 'As this cache sees it.',
      ...{ columns: 6, unit: 's' },
      targets: [target(quantile(0.99, UPSTREAM, 'to, le'), '{{to}}')],
    }),
  ],
};

/** In the order of a look: is all well, what do pods get, from where, and what of the node and the process? */
export const ROWS: readonly Row[] = [GLANCE, ANSWERS, CACHE, UPSTREAMS, NODE, PROCESS, ONE];
