/** The Corefile as users get it: whole ones by scenario, to be read, and any one, which the image must take. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { planFacts } from '../../image/agent/plan-facts';
import { warningsOf } from '../../image/commands/lint-warnings';
import { renderPillars } from '../../image/corefile/pillars';
import type { Plan } from '../../image/corefile/plan';
import { corefile } from '../../lib/corefile';
import { merge } from '../../lib/helm/values';
import { DEFAULTS, type UserValues, type Values } from '../../lib/values';
import { planOf } from '../support/corefile';
import { direct } from '../support/helm';
import fc from '../support/property';
import { anyValues } from '../support/values';

/** Read them: `golden/<name>.Corefile`. UPDATE_GOLDEN=1 writes them anew. */
const SCENARIOS: Record<string, UserValues> = {
  default: {},
  'stub-domains': {
    stubDomains: {
      'corp.example': { to: ['10.0.0.53', '10.0.1.53'], policy: 'sequential' },
      'consul.example': { to: ['10.0.2.53:8600'], ttlSeconds: 5, protocol: 'prefer_udp' },
    },
  },
  'names-of-ones-own': {
    hosts: [
      { ip: '192.0.2.10', names: ['registry.example.org', 'mirror.example.org'] },
      { ip: '2001:db8::10', names: ['registry.example.org'] },
    ],
    rewrites: {
      'shop.example.org': { to: 'shop.svc.cluster.local' },
      'registry-1.docker.io': { to: 'mirror.example.org', exact: true, external: true },
    },
    extraClusterDomains: ['old.example'],
  },
  'outages-of-upstreams': {
    zones: {
      external: {
        cache: {
          success: { capacity: 20_000, ttlSeconds: 300 },
          prefetch: { amount: 3, durationSeconds: 30, percentage: 20 },
          serveStale: { enabled: true, durationSeconds: 86_400, recheckSeconds: 10 },
        },
        forward: {
          to: ['tls://9.9.9.9', 'tls://149.112.112.112'],
          tlsServerName: 'dns.quad9.net',
          policy: 'sequential',
          failover: ['SERVFAIL', 'REFUSED'],
          maxConcurrent: 1000,
        },
        errors: { consolidate: [{ pattern: '.* i/o timeout$', level: 'warning' }] },
      },
    },
  },
  'what-is-asked': {
    zones: {
      cluster: { log: { enabled: true, classes: ['error'] } },
      external: { log: { enabled: true, classes: ['denial', 'error'], format: '{remote} {name} {type} {rcode}' } },
    },
  },
  'no-ipv6': { zones: { external: { suppressAAAA: true } } },
  'everything-to-the-cluster': { zones: { external: { forward: { to: ['__PILLAR__CLUSTER__DNS__'] } } } },
  'lines-of-ones-own': {
    zones: { external: { extraPlugins: 'loadbalance round_robin {\n    prefer 10.0.0.0/8\n}\n' } },
    extraServerBlocks:
      'lab.example:53 {\n    bind __PILLAR__LOCAL__DNS__\n    template IN A {\n        answer "{{ .Name }} 60 IN A 192.0.2.1"\n    }\n}\n',
    importConfigMap: 'my-dns',
    lameduckSeconds: 5,
  },
  'ipv6-only': {
    localIPs: ['fd00:90de:d95::1'],
    zones: { external: { extraPlugins: 'dns64' } },
  },
};

/** What the image makes of the Corefile of these values. @throws CorefileError when it would not start */
function planFor(given: UserValues): Plan {
  const values = merge<Values>(DEFAULTS, given);
  const text = renderPillars(corefile(values), {
    localIps: values.localIPs,
    clusterDnsIp: '10.96.0.11',
    clusterDnsVariable: 'KUBE_DNS_UPSTREAM_SERVICE_HOST',
    upstreamServers: [],
    stubDomains: {},
    dnsPort: 53,
  });
  const files = { '/etc/resolv.conf': 'nameserver 192.0.2.53\n', '/etc/hosts': '127.0.0.1 localhost\n' };
  const plan = planOf(text, { files, variables: { HOST_IP: '192.0.2.9' } });
  planFacts(plan); // Has refusals of its own, of ports.
  return plan;
}

describe.each(Object.entries(SCENARIOS))('%s', (name, values) => {
  const file = path.join(__dirname, 'golden', `${name}.Corefile`);

  test('reads as it did', () => {
    const written = corefile(merge<Values>(DEFAULTS, values));
    if (process.env.UPDATE_GOLDEN) fs.writeFileSync(file, written);
    expect(written).toBe(fs.readFileSync(file, 'utf8'));
  });

  test('is taken by the image, which warns of nothing', () => {
    expect(() => direct(values)).not.toThrow();
    const codes = warningsOf(planFor(values)).map(({ code }) => code);
    // Asked for: lines in the log; and a block of the user's own, which has what he gives it.
    const meant = new Set(['log-every-query', 'errors-missing', 'prometheus-missing']);
    expect(codes.filter((code) => !meant.has(code))).toEqual([]);
  });
});

test('golden files are of scenarios that there are', () => {
  const files = fs.readdirSync(path.join(__dirname, 'golden')).filter((file) => file.endsWith('.Corefile'));
  expect(files.sort()).toEqual(
    Object.keys(SCENARIOS)
      .map((name) => `${name}.Corefile`)
      .sort(),
  );
});

test('whatever values the constructs take, the image takes their Corefile', () => {
  let taken = 0;
  const property = fc.property(anyValues, (values) => {
    try {
      direct(values);
    } catch (error) {
      if (error instanceof RangeError) return;
      throw error;
    }
    taken += 1;
    expect(() => planFor(values)).not.toThrow();
  });
  fc.assert(property, { numRuns: 200 });
  expect(taken).toBeGreaterThan(40); // Else nothing was tried.
}, 120_000);

test('the file that k8s-dns-node-cache looks for in white space is found: its UDP rule works on ours', () => {
  const values = merge<Values>(DEFAULTS, { zones: { external: { forward: { protocol: 'force_tcp' } } } });
  expect(corefile(values)).toContain('\n    forward . __PILLAR__UPSTREAM__SERVERS__ {\n            force_tcp\n    }\n');
});
