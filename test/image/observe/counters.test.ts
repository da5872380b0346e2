/** Counting: who gets which slots, and what happens when they run out. */
import { Counters, type Series } from '../../../image/observe/counters';
import { SLIM_TIME_BUCKETS } from '../../../image/observe/metrics';

function make(slots: number): { counters: Counters; announced: Series[] } {
  const announced: Series[] = [];
  return { counters: new Counters(new Float64Array(slots), (series) => announced.push(series)), announced };
}

test('a series is announced once and keeps its slot', () => {
  const { counters, announced } = make(16);
  const udp = counters.slot('coredns_dns_do_requests_total', 'dns://:53', '.', '');
  const again = counters.slot('coredns_dns_do_requests_total', 'dns://:53', '.', '');
  const other = counters.slot('coredns_dns_do_requests_total', 'dns://:53', 'cluster.local.', '');
  expect(again).toBe(udp);
  expect(other).not.toBe(udp);
  expect(announced.filter(({ metric }) => metric === 'coredns_dns_do_requests_total')).toEqual([
    { metric: 'coredns_dns_do_requests_total', labels: ['dns://:53', '.', ''], slot: udp },
    { metric: 'coredns_dns_do_requests_total', labels: ['dns://:53', 'cluster.local.', ''], slot: other },
  ]);
});

test('label values that join to the same text are different series', () => {
  const { counters } = make(16);
  const one = counters.slot('coredns_proxy_healthcheck_failures_total', 'a', 'b,c');
  const two = counters.slot('coredns_proxy_healthcheck_failures_total', 'a,b', 'c');
  expect(one).not.toBe(two);
});

test('a histogram takes a slot per bucket, one for +Inf, one for the sum; a value on a bound belongs to it', () => {
  const { counters } = make(32);
  const slot = counters.slot('coredns_health_request_duration_seconds');
  const next = counters.slot('coredns_panics_total');
  expect(next - slot).toBe(SLIM_TIME_BUCKETS.length + 2);
  counters.observe(slot, SLIM_TIME_BUCKETS, 0.0025);
  counters.observe(slot, SLIM_TIME_BUCKETS, 99, 3);
  expect([...counters.values.subarray(slot, next)]).toEqual([0, 1, 0, 0, 0, 3, 0.0025 + 297]);
});

test('a wrong number of labels is a mistake of the programmer', () => {
  expect(() => make(16).counters.slot('coredns_panics_total', 'surplus')).toThrow('assertion failed');
});

test('without room a series goes to the slot nobody reads and is counted, again and again', () => {
  const { counters, announced } = make(4); // Nobody, series_dropped, and two more.
  counters.slot('coredns_panics_total');
  expect(counters.slot('coredns_health_request_duration_seconds')).toBe(0);
  const last = counters.slot('coredns_reload_failed_total');
  expect(last).toBe(3);
  expect(counters.slot('coredns_health_request_failures_total')).toBe(0);
  counters.observe(0, SLIM_TIME_BUCKETS, 1);
  const dropped = announced.find(({ metric }) => metric === 'nodelocaldns_series_dropped_total') as Series;
  expect(counters.values[dropped.slot]).toBe(2);
  expect(counters.values[last]).toBe(0);
});

test('a metric that is cleared is 0 in all its series, and others are not', () => {
  const { counters } = make(64);
  const enabled = ['a', 'b'].map((name) => counters.slot('coredns_plugin_enabled', 's', 'z', '', name));
  const panics = counters.slot('coredns_panics_total');
  for (const slot of [...enabled, panics]) counters.set(slot, 1);
  counters.clear('coredns_plugin_enabled');
  expect([...enabled, panics].map((slot) => counters.values[slot])).toEqual([0, 0, 1]);
  expect(counters.slot('coredns_plugin_enabled', 's', 'z', '', 'a')).toBe(enabled[0]);
});
