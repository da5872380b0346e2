/** Command lines of a node-cache to values. */
import { Draft } from '../../../lib/migrate/draft';
import { carryFlags, divideAddresses, readFlags } from '../../../lib/migrate/flags';

function carried(words: string[], isOnHostNetwork = true): Draft {
  const draft = new Draft();
  carryFlags(draft, readFlags(words), { isOnHostNetwork, clusterIPs: [] });
  return draft;
}

describe('readFlags', () => {
  test.each([
    [['-localip', '169.254.20.10'], { localip: '169.254.20.10' }],
    [['--localip=169.254.20.10'], { localip: '169.254.20.10' }],
    [['/node-cache', '-quiet', '-conf', 'x'], { quiet: 'true', conf: 'x' }],
    [['-setupiptables=false', '-setupinterface'], { setupiptables: 'false', setupinterface: 'true' }],
    [['-conf', 'a', '-conf', 'b'], { conf: 'b' }],
    [['-conf'], { conf: '' }],
    [['169.254.20.10'], {}],
  ])('%j', (words, flags) => {
    expect(Object.fromEntries(readFlags(words))).toEqual(flags);
  });
});

describe('divideAddresses: the cache has its own, the others are those of kube-dns', () => {
  test.each([
    // What is in -localip, ClusterIPs that are known, then the cache's own.
    ['169.254.20.10,10.96.0.10', '', '169.254.20.10'],
    ['10.96.0.10,169.254.20.10', '', '169.254.20.10'],
    ['169.254.20.10', '', '169.254.20.10'],
    ['172.20.0.1', '', '172.20.0.1'],
    ['10.96.0.10', '10.96.0.10', ''],
    ['172.20.0.1,10.96.0.10', '10.96.0.10', '172.20.0.1'],
    ['10.96.0.10,172.20.0.1', '10.96.0.10', '172.20.0.1'],
    ['fd00::1,fd12::a', '', 'fd00::1'],
    ['fd12::a,fd00::1', 'fd12::a', 'fd00::1'],
    ['fe80::1,fd12::a', '', 'fe80::1'],
    ['169.254.20.10,10.96.0.10,fd00::1,fd12::a', '', '169.254.20.10,fd00::1'],
  ])('%s with %s', (all, known, local) => {
    const split = (text: string): string[] => text.split(',').filter(Boolean);
    expect(divideAddresses(split(all), split(known)).local).toEqual(split(local));
  });
});

describe('carryFlags', () => {
  test.each([
    ['-localip=169.254.20.10,10.96.0.10', { clusterDNS: { ips: ['10.96.0.10'] } }],
    ['-localip=169.254.20.10', { mode: 'ipvs' }],
    ['-localip=169.254.25.10', { mode: 'ipvs', localIPs: ['169.254.25.10'] }],
    ['-localip=__PILLAR__LOCAL__DNS__,__PILLAR__DNS__SERVER__', {}],
    ['-localip=169.254.20.10,10.96.0.10 -setupiptables=true', { clusterDNS: { ips: ['10.96.0.10'] } }],
    ['-interfacename=dns0', { nodeCache: { interfaceName: 'dns0' } }],
    ['-health-port 9254', { ports: { health: 9254 } }],
    ['-metrics-listen-address=127.0.0.1:9999', { ports: { nodeCacheMetrics: 9999 } }],
    ['-reloadwithsignal', { nodeCache: { extraArgs: ['-reloadwithsignal=true'] } }],
    ['-syncinterval=30ns', { nodeCache: { syncIntervalSeconds: 30 } }], // Nanoseconds are seconds there.
    ['-localip=169.254.20.10,$(KUBE_DNS_SERVICE_HOST)', {}], // As the chart writes it.
    ['-localip=169.254.20.10,$(RKE2_DNS_SERVICE_HOST)', { clusterDNS: { service: 'rke2-dns' } }],
    [
      '-firewall=iptables -leaserenew=250ms -leaseexpire=2s',
      { nodeCache: { firewall: 'iptables', leaseExpireMs: 2000 } },
    ],
    ['-fallbacksvc=dns-pods.kube-system.svc.cluster.local', { fallbackService: { name: 'dns-pods' } }],
    ['-conf=/etc/Corefile -basecorefile=/x -pidfile=/y -kubednscm=/z -skipteardown=false', {}],
  ])('%s', (line, values) => {
    const draft = carried(line.split(' '));
    expect(draft.values).toEqual(values);
    expect(draft.notes).toEqual([]);
  });

  test.each([
    [
      '-localip=169.254.20.10,10.96.0.10 -setupiptables=false',
      /^-setupiptables=false: is kept as nodeCache.setupIptables/,
    ],
    ['-localip=172.20.0.1', /clusterDNS.ips$/],
    ['-localip=169.254.20.10,dns.example', /^-localip dns.example: is no address/],
    ['-syncinterval=60s', /^-syncinterval 60s: meant years or a crash there/],
    ['-syncinterval=-1ns', /^-syncinterval -1ns/],
    ['-metrics-listen-address=0', /^-metrics-listen-address 0: names no port/],
    ['-metrics-listen-address=0.0.0.0:9353', /127\.0\.0\.1 only/],
    ['-localip=169.254.20.10 -setupinterface=false -setupiptables=false', /mode is bind-only/],
    ['-skipteardown=true', /^-skipteardown: is not carried over/],
    ['-leaserenew=1m', /^-leaserenew 1m: is not read; nodeCache\.leaseRenewMs keeps its default/],
    ['-localip=169.254.20.10,$(KUBE_DNS)', /^-localip \$\(KUBE_DNS\): is no address/],
    ['-setupebtables', /^-setupebtables: is no flag of k8s-dns-node-cache 1\.26\.8/],
  ])('%s is remarked on', (line, remark) => {
    expect(carried(line.split(' ')).notes).toContainEqual(expect.stringMatching(remark));
  });

  test('a pod on a network of its own has Cilium lead pods to it', () => {
    const draft = carried(['-localip=169.254.20.10'], false);
    expect(draft.values).toEqual({ mode: 'cilium-lrp' });
    expect(draft.notes).toEqual([expect.stringMatching(/^hostNetwork: was off/)]);
  });
});
