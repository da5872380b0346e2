/** lib/ and image/ never import each other; they meet in flags, Corefile and metric names. This reads both sides. */
import { readCommandLine } from '../../image/agent/flags';
import { renderPillars } from '../../image/corefile/pillars';
import { METRICS } from '../../image/observe/metrics';
import { corefile } from '../../lib/corefile';
import { cacheArguments } from '../../lib/daemon-set';
import { merge } from '../../lib/helm/values';
import { alerts } from '../../lib/monitoring/alerts';
import { DEFAULTS, type UserValues, type Values } from '../../lib/values';
import { planOf } from '../support/corefile';

const complete = (values: UserValues): Values => merge<Values>(DEFAULTS, values);

describe('flags', () => {
  test('of the DaemonSet are understood by the image, as they were meant', () => {
    const values = complete({ clusterDNS: { ips: ['10.96.0.10'] }, nodeCache: { skipTeardown: true } });
    const line = readCommandLine('node-cache', cacheArguments(values));
    expect(line).toMatchObject({
      kind: 'run',
      settings: {
        localIps: ['169.254.20.10', '10.96.0.10'],
        setupInterface: true,
        setupIptables: true,
        skipTeardown: true,
        interfaceName: 'nodelocaldns',
        syncIntervalSeconds: 60,
        metricsListenAddress: '127.0.0.1:9353',
        baseCorefile: '/etc/coredns/Corefile.base',
        conf: '/run/node-cache/Corefile',
        pidfile: '/run/node-cache/node-cache.pid',
        upstreamService: 'kube-dns-upstream',
        healthPort: 8080,
      },
    });
  });

  test('the image refuses one that it does not have', () => {
    const values = complete({ nodeCache: { extraArgs: ['-no-such-flag=1'] } });
    expect(readCommandLine('node-cache', cacheArguments(values))).toMatchObject({ kind: 'end', exitCode: 2 });
  });
});

describe('Corefile', () => {
  const pillars = {
    clusterDnsIp: '10.96.0.11',
    clusterDnsVariable: 'KUBE_DNS_UPSTREAM_SERVICE_HOST',
    upstreamServers: [],
    stubDomains: {},
    dnsPort: 53,
  };
  const files = { '/etc/resolv.conf': 'nameserver 192.0.2.53\n' };
  const plan = (values: Values) =>
    planOf(renderPillars(corefile(values), { ...pillars, localIps: values.localIPs }), { files });

  test.each<[string, UserValues]>([
    ['the defaults', {}],
    ['IPv6 first', { localIPs: ['fd00::10', '169.254.20.10'] }],
    [
      'other protocols',
      { zones: { cluster: { forward: { protocol: 'prefer_udp' } }, reverse: { forward: { protocol: '' } } } },
    ],
    [
      'upstreams by address',
      { zones: { external: { forward: { to: ['9.9.9.9', '[2620:fe::fe]:53', '/etc/resolv.conf'] } } } },
    ],
  ])('with %s: the image loads four zones', (_, values) => {
    const zones = plan(complete(values)).blocks.map((block) => block.zones);
    expect(zones).toEqual([['cluster.local.'], ['in-addr.arpa.'], ['ip6.arpa.'], ['.']]);
  });

  test('the image answers on every local address', () => {
    const labels = plan(complete({ localIPs: ['fd00::10', '169.254.20.10'] })).listeners.map(({ label }) => label);
    expect(labels.sort()).toEqual(['dns://169.254.20.10:53', 'dns://[fd00::10]:53']);
  });

  test('upstreams of the kube-dns ConfigMap take force_tcp off: white space is as in the upstream manifest', () => {
    const values = complete({ zones: { external: { forward: { protocol: 'force_tcp' } } } });
    const rendered = renderPillars(corefile(values), {
      ...pillars,
      localIps: ['169.254.20.10'],
      upstreamServers: ['9.9.9.9'],
    });
    expect(rendered).toContain('\n    forward . 9.9.9.9\n');
  });
});

describe('metrics', () => {
  test('in alerts are in the catalogue of the image', () => {
    const expressions = alerts(DEFAULTS).map(({ expr, annotations }) => expr + annotations.description);
    const names = expressions.join(' ').match(/coredns_[a-z_]+/g) ?? [];
    expect(names.length).toBeGreaterThan(2);
    const missing = names.map((name) => name.replace(/_(bucket|count|sum)$/, '')).filter((name) => !(name in METRICS));
    expect(missing).toEqual([]);
  });
});
