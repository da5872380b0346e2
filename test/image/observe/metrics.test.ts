/** The catalogue keeps the rules of Prometheus naming, and CoreDNS's names where it says so. */
import { LABELS, METRIC_NAMES, METRICS, REASONS, SIZE_BUCKETS, TIME_BUCKETS } from '../../../image/observe/metrics';

const definitions = METRIC_NAMES.map((name) => ({ name, ...METRICS[name] }));

describe('every metric', () => {
  test.each(definitions)('$name has a legal name, a unit that is a base unit, and a help text', ({ name, help }) => {
    expect(name).toMatch(/^(coredns|nodelocaldns|process)_[a-z0-9_]+[a-z0-9]$/);
    expect(name).not.toMatch(/_(bucket|sum|count|milliseconds|ms|kilobytes|minutes)(_|$)/);
    expect(help.trim()).toBe(help);
    expect(help.length).toBeGreaterThan(10);
  });

  test.each(definitions)('$name ends with _total if and only if it is a counter', ({ name, type }) => {
    expect(name.endsWith('_total')).toBe(type === 'counter');
  });

  test.each(definitions)('$name uses bounded labels, each once, and not the reserved ones', ({ labels }) => {
    expect(new Set(labels).size).toBe(labels.length);
    for (const label of labels) expect(LABELS[label].length).toBeGreaterThan(0);
    expect(labels).not.toContain('le');
    expect(labels).not.toContain('quantile');
  });

  test('a label named reason has its values listed', () => {
    const withReason = definitions.filter(({ labels }) => labels.includes('reason')).map(({ name }) => name);
    expect(withReason.sort()).toEqual(Object.keys(REASONS).sort());
  });

  test('buckets ascend', () => {
    for (const definition of definitions) {
      if (definition.type !== 'histogram') continue;
      expect(definition.buckets).toEqual([...definition.buckets].sort((a, b) => a - b));
      expect(new Set(definition.buckets).size).toBe(definition.buckets.length);
    }
  });
});

/** Name, type, labels of CoreDNS 1.13.2 and node-cache 1.26.8, as dashboards use them. */
const COREDNS: readonly (readonly [string, string, string])[] = [
  ['coredns_build_info', 'gauge', 'version,revision,goversion'],
  ['coredns_panics_total', 'counter', ''],
  ['coredns_plugin_enabled', 'gauge', 'server,zone,view,name'],
  ['coredns_dns_requests_total', 'counter', 'server,zone,view,proto,family,type'],
  ['coredns_dns_request_duration_seconds', 'histogram', 'server,zone,view'],
  ['coredns_dns_request_size_bytes', 'histogram', 'server,zone,view,proto'],
  ['coredns_dns_response_size_bytes', 'histogram', 'server,zone,view,proto'],
  ['coredns_dns_do_requests_total', 'counter', 'server,zone,view'],
  ['coredns_dns_responses_total', 'counter', 'server,zone,view,rcode,plugin'],
  ['coredns_cache_entries', 'gauge', 'server,type,zones,view'],
  ['coredns_cache_requests_total', 'counter', 'server,zones,view'],
  ['coredns_cache_hits_total', 'counter', 'server,type,zones,view'],
  ['coredns_cache_misses_total', 'counter', 'server,zones,view'],
  ['coredns_cache_prefetch_total', 'counter', 'server,zones,view'],
  ['coredns_cache_drops_total', 'counter', 'server,zones,view'],
  ['coredns_cache_served_stale_total', 'counter', 'server,zones,view'],
  ['coredns_cache_evictions_total', 'counter', 'server,type,zones,view'],
  ['coredns_forward_healthcheck_broken_total', 'counter', ''],
  ['coredns_forward_max_concurrent_rejects_total', 'counter', ''],
  ['coredns_proxy_request_duration_seconds', 'histogram', 'proxy_name,to,rcode'],
  ['coredns_proxy_healthcheck_failures_total', 'counter', 'proxy_name,to'],
  ['coredns_proxy_conn_cache_hits_total', 'counter', 'proxy_name,to,proto'],
  ['coredns_proxy_conn_cache_misses_total', 'counter', 'proxy_name,to,proto'],
  ['coredns_health_request_duration_seconds', 'histogram', ''],
  ['coredns_health_request_failures_total', 'counter', ''],
  ['coredns_reload_failed_total', 'counter', ''],
  ['coredns_reload_version_info', 'gauge', 'hash,value'],
  ['coredns_hosts_entries', 'gauge', 'hostsfile'],
  ['coredns_hosts_reload_timestamp_seconds', 'gauge', ''],
  ['coredns_template_matches_total', 'counter', 'server,zone,view,class,type'],
  ['coredns_template_template_failures_total', 'counter', 'server,zone,view,class,type,section,template'],
  ['coredns_template_rr_failures_total', 'counter', 'server,zone,view,class,type,section,template'],
  ['coredns_dns64_requests_translated_total', 'counter', 'server'],
  ['coredns_acl_allowed_requests_total', 'counter', 'server,view'],
  ['coredns_acl_blocked_requests_total', 'counter', 'server,zone,view'],
  ['coredns_acl_dropped_requests_total', 'counter', 'server,zone,view'],
  ['coredns_acl_filtered_requests_total', 'counter', 'server,zone,view'],
  ['coredns_local_localhost_requests_total', 'counter', ''],
  ['coredns_nodecache_setup_errors_total', 'counter', 'errortype'],
];

describe('the names dashboards are written against', () => {
  test.each(COREDNS)('%s is a %s with labels "%s"', (name, type, labels) => {
    const definition = METRICS[name as keyof typeof METRICS];
    expect({ type: definition?.type, labels: definition?.labels.join(',') }).toEqual({ type, labels });
  });

  test('nothing else is called coredns_', () => {
    const ours = METRIC_NAMES.filter((name) => name.startsWith('coredns_'));
    expect(ours.length).toBe(COREDNS.length);
  });

  test('durations are counted in 0.25 ms doubled fifteen times, sizes in the edges of messages', () => {
    expect(TIME_BUCKETS.map(String)).toEqual(
      '0.00025 0.0005 0.001 0.002 0.004 0.008 0.016 0.032 0.064 0.128 0.256 0.512 1.024 2.048 4.096 8.192'.split(' '),
    );
    expect(SIZE_BUCKETS.join(' ')).toBe('0 100 200 300 400 511 1023 2047 4095 8291 16000 32000 48000 64000');
  });
});
