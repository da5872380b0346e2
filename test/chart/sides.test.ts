/** lib/ and image/ never import each other; they meet in flags, Corefile and metric names. This reads both sides. */
import { readCommandLine } from '../../image/agent/flags';
import { renderPillars } from '../../image/corefile/pillars';
import { cacheArguments } from '../../lib/container';
import { corefile } from '../../lib/corefile';
import { merge } from '../../lib/helm/values';
import { DEFAULTS, type UserValues, type Values } from '../../lib/values';
import { planOf } from '../support/corefile';

const complete = (values: UserValues): Values => merge<Values>(DEFAULTS, values);
const RELEASE = { name: 'cache', namespace: 'kube-system', service: 'Helm' };
/** The command line of the image, as the kubelet hands it over where nothing needs filling in. */
const commandLine = (values: Values) => readCommandLine('node-cache', cacheArguments({ values, release: RELEASE }));

/** Flags that k8s-dns-node-cache 1.26.8 does not have. */
const OURS = ['firewall', 'leaserenew', 'leaseexpire', 'fallbacksvc', 'control'];

describe('flags', () => {
  test('of the DaemonSet are understood by the image, as they were meant', () => {
    const values = complete({ clusterDNS: { ips: ['10.96.0.10'] }, nodeCache: { skipTeardown: true } });
    expect(commandLine(values)).toMatchObject({
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
        conf: '/tmp/Corefile',
        pidfile: '/tmp/node-cache.pid',
        upstreamService: 'kube-dns-upstream',
        healthPort: 8080,
        firewall: 'auto',
        leaseRenewMs: 250,
        leaseExpireMs: 1000,
        fallbackService: 'kube-dns-endpoints.kube-system.svc.cluster.local',
      },
    });
  });

  test('the image refuses one that it does not have', () => {
    const values = complete({ nodeCache: { extraArgs: ['-no-such-flag=1'] } });
    expect(commandLine(values)).toMatchObject({ kind: 'end', exitCode: 2 });
  });

  test('a variable that the kubelet did not know leaves the local addresses', () => {
    expect(commandLine(complete({}))).toMatchObject({
      settings: { localIps: ['169.254.20.10'], unfilledLocalIps: ['$(KUBE_DNS_SERVICE_HOST)'] },
    });
  });

  test('the shortest lease of the values is one to the image, too', () => {
    const nodeCache = { leaseRenewMs: 50, leaseExpireMs: 150 };
    expect(commandLine(complete({ nodeCache }))).toMatchObject({ settings: nodeCache });
    expect(commandLine(complete({ nodeCache: { ...nodeCache, leaseExpireMs: 149 } }))).toMatchObject({ exitCode: 1 });
  });

  test('for k8s-dns-node-cache are none but its own', () => {
    const values = complete({ image: { flavor: 'k8s-dns-node-cache' }, nodeCache: { extraArgs: [] } });
    const names = cacheArguments({ values, release: RELEASE }).map((flag) => /^-([^=]+)/.exec(flag)?.[1]);
    expect(names.filter((name) => OURS.includes(name as string))).toEqual([]);
    expect(names).toContain('localip');
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
