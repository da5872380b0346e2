/** What `status` says, from counters, plan and log. */
import type { NodeStatus } from '../../../image/agent/node-network';
import { type StatusSources, statusReport } from '../../../image/agent/status-report';
import { Registry } from '../../../image/observe/registry';
import { planOf } from '../../support/corefile';

const PLAN = planOf(
  `cluster.local:53 in-addr.arpa:53 {
    bind 127.0.0.1
    cache 30
    forward . 10.96.0.10 10.96.0.11:5353
}
.:53 {
    bind 127.0.0.1
    forward . 10.96.0.10
}
`,
);
const NODE: NodeStatus = {
  link: null,
  firewall: null,
  leases: [],
  others: [],
  fallback: { addresses: [], endpoints: [], reason: '' },
};

function sources(part: Partial<StatusSources> = {}): StatusSources & { readonly registry: Registry } {
  return {
    registry: new Registry({ version: '1', revision: '', runtime: 'node' }),
    processId: 42,
    uptimeSeconds: () => 61.7,
    residentBytes: () => 1000,
    isStopping: () => false,
    plan: () => PLAN,
    node: () => null,
    config: () => null,
    recentLines: () => [],
    ...part,
  };
}

function count(
  registry: Registry,
  metric: Parameters<Registry['counters']['slot']>[0],
  labels: string[],
  value: number,
): void {
  registry.counters.add(registry.counters.slot(metric, ...labels), value);
}

test('a cache that has done nothing yet is healthy', () => {
  const report = statusReport(sources());
  expect(report).toMatchObject({ processId: 42, uptimeSeconds: 62, residentBytes: 1000, problems: [], node: null });
  expect(report.listeners).toEqual([{ server: 'dns://127.0.0.1:53', zones: ['cluster.local.', 'in-addr.arpa.', '.'] }]);
  expect(report.blocks).toEqual([
    {
      zones: ['cluster.local.', 'in-addr.arpa.'],
      place: 'Cf:1',
      cache: { successEntries: 0, denialEntries: 0, requests: 0, hits: 0, stale: 0, hitRatio: null },
      upstreams: ['10.96.0.10:53', '10.96.0.11:5353'],
    },
    { zones: ['.'], place: 'Cf:6', cache: null, upstreams: ['10.96.0.10:53'] },
  ]);
  expect(report.upstreams.map(({ address, state, failureRatio }) => [address, state, failureRatio])).toEqual([
    ['10.96.0.10:53', 'up', null], // Once, although two blocks ask it.
    ['10.96.0.11:5353', 'up', null],
  ]);
});

test('caches are counted by block, over all listeners', () => {
  const given = sources();
  const { registry } = given;
  const zones = 'cluster.local.,in-addr.arpa.';
  for (const server of ['dns://127.0.0.1:53', 'dns://[::1]:53']) {
    count(registry, 'coredns_cache_requests_total', [server, zones, ''], 50);
    count(registry, 'coredns_cache_hits_total', [server, 'success', zones, ''], 30);
    count(registry, 'coredns_cache_hits_total', [server, 'denial', zones, ''], 10);
  }
  count(registry, 'coredns_cache_entries', ['dns://127.0.0.1:53', 'success', zones, ''], 7);
  count(registry, 'coredns_cache_requests_total', ['dns://127.0.0.1:53', '.', ''], 1000); // Another block's.
  expect(statusReport(given).blocks[0].cache).toEqual({
    ...{ successEntries: 7, denialEntries: 0, requests: 100, hits: 80, stale: 0, hitRatio: 0.8 },
  });
});

test('upstreams: times, failures without those that are ours, the last line about each', () => {
  const line = (text: string): { at: string; text: string } => ({ at: '2026-11-21T10:00:00Z', text });
  const lines = [
    line('[ERROR] plugin/errors: 2 a. A: read udp 10.0.0.1:4000->10.96.0.10:53: i/o timeout'),
    line('[ERROR] plugin/errors: 2 b. A: dial tcp 10.96.0.10:53: connect: connection refused'),
    line('[ERROR] plugin/errors: 2 b. A: dial tcp 10.96.0.10:5353: connect: connection refused'), // Of nobody here.
  ];
  const given = sources({ recentLines: () => lines });
  const { registry } = given;
  const { counters } = registry;
  const slot = counters.slot('coredns_proxy_request_duration_seconds', 'forward', '10.96.0.10:53', 'NOERROR');
  counters.observe(slot, [0.001, 0.002], 0.0015, 3); // Buckets do not matter, their sum does.
  counters.add(slot + 17, 0.0045 - counters.values[slot + 17]);
  count(registry, 'nodelocaldns_upstream_failures_total', ['10.96.0.10:53', 'timeout'], 1);
  count(registry, 'nodelocaldns_upstream_failures_total', ['10.96.0.10:53', 'room'], 9);
  count(registry, 'nodelocaldns_upstream_down', ['10.96.0.11:5353'], 1);
  const { upstreams, problems } = statusReport(given);
  expect(upstreams[0]).toMatchObject({
    state: 'up',
    failures: 1,
    failuresByReason: { timeout: 1 },
    lastError: lines[1],
  });
  expect(upstreams[1]).toMatchObject({ state: 'down', answers: 0, lastError: null });
  expect(problems).toEqual(['upstream 10.96.0.11:5353 is down']);
});

test.each([
  [{ isStopping: () => true }, 'the process is stopping'],
  [
    {
      node: () => ({
        ...NODE,
        leases: [{ address: '10.0.0.1', state: 'lost' as const, sinceMs: 1, lastAnswerMs: 1, reason: 'no answer' }],
      }),
    },
    'the lease of 10.0.0.1 is lost: no answer',
  ],
  [
    { config: () => ({ file: 'C', sha512: '', loadedAt: '', failedReload: { at: '', reason: 'C:2 - no' } }) },
    'the last reload failed: C:2 - no',
  ],
])('degraded: %j', (part, problem) => expect(statusReport(sources(part)).problems).toEqual([problem]));

test('a lease that is held, or that nobody wants, is no problem', () => {
  const lease = { address: '10.0.0.1', sinceMs: 1, lastAnswerMs: 1, reason: '' };
  const leases = [
    { ...lease, state: 'held' as const },
    { ...lease, state: 'off' as const },
  ];
  expect(statusReport(sources({ node: () => ({ ...NODE, leases }) })).problems).toEqual([]);
});
