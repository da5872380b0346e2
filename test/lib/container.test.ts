import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import { cacheArguments } from '../../lib/container';
import { merge } from '../../lib/helm/values';
import { DEFAULTS, type UserValues, type Values } from '../../lib/values';
import { direct, find } from '../support/helm';

const pod = (values: UserValues = {}): PodSpec => {
  const { spec } = find(direct(values), 'DaemonSet', values.fullnameOverride) as unknown as {
    spec: { template: { spec: PodSpec } };
  };
  return spec.template.spec;
};
const cache = (values: UserValues = {}): Container => pod(values).containers[0];
const release = { name: 'cache', namespace: 'dns', service: 'Helm' };
const flags = (values: UserValues = {}): string[] =>
  cacheArguments({ values: merge<Values>(DEFAULTS, values), release });
const flag = (name: string, values: UserValues = {}): string | undefined =>
  flags(values).find((each) => each.startsWith(`-${name}=`));

const DIGEST = `sha256:${'0'.repeat(64)}`;
const THEIRS: UserValues['image'] = {
  flavor: 'k8s-dns-node-cache',
  registry: 'registry.k8s.io',
  repository: 'dns/k8s-dns-node-cache',
};

describe('the container', () => {
  test.each<[string, UserValues, string[]]>([
    ['by default what a link, rules and port 53 need', {}, ['NET_ADMIN', 'NET_BIND_SERVICE']],
    ['for iptables, whose legacy kind opens a raw socket, NET_RAW', { nodeCache: { firewall: 'iptables' } }, ALL()],
    ['for the Go agent, which has nothing but iptables, NET_RAW', { image: THEIRS }, ALL()],
    ['on the pod network nothing but port 53', { mode: 'cilium-lrp' }, ['NET_BIND_SERVICE']],
    ['where the addresses are there nothing but port 53', { mode: 'bind-only' }, ['NET_BIND_SERVICE']],
    ['what the values say', { daemonSet: { securityContext: { capabilities: { add: ['BPF'] } } } }, ['BPF']],
  ])('may do %s', (_, values, add) => {
    expect(cache(values).securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add },
    });
  });

  function ALL(): string[] {
    return ['NET_ADMIN', 'NET_BIND_SERVICE', 'NET_RAW'];
  }

  test('has its rights even when the values take everything away', () => {
    expect(cache({ daemonSet: { securityContext: null as never } }).securityContext).toEqual({
      capabilities: { add: ['NET_ADMIN', 'NET_BIND_SERVICE'] },
    });
  });

  test('writes nowhere but where it must, and on the node only where it keeps rules', () => {
    const writable = (values: UserValues) =>
      cache(values)
        .volumeMounts?.filter((mount) => !mount.readOnly)
        .map((mount) => mount.mountPath);
    expect(writable({})).toEqual(['/tmp', '/run/xtables.lock']);
    expect(writable({ mode: 'bind-only' })).toEqual(['/tmp']);
    expect(pod({ mode: 'cilium-lrp' }).volumes?.some((volume) => volume.hostPath)).toBe(false);
  });

  test('writes its Corefile and its pid file into the writable folder', () => {
    expect([flag('conf'), flag('pidfile')]).toEqual(['-conf=/tmp/Corefile', '-pidfile=/tmp/node-cache.pid']);
  });

  test('is probed on its own address: the kubelet is elsewhere on the node', () => {
    const wanted = { host: 'fd00::10', path: '/health', port: 8081 };
    const { startupProbe, livenessProbe, readinessProbe } = cache({ localIPs: ['fd00::10'], ports: { health: 8081 } });
    for (const probe of [startupProbe, livenessProbe, readinessProbe]) expect(probe?.httpGet).toEqual(wanted);
  });

  test('is probed at the address of the pod, where it has one of its own', () => {
    expect(cache({ mode: 'cilium-lrp' }).livenessProbe?.httpGet).toEqual({ path: '/health', port: 8080 });
  });

  test('has no probe that a Corefile without health could not answer, if the values say so', () => {
    const off = { enabled: false };
    const container = cache({ daemonSet: { startupProbe: off, livenessProbe: off, readinessProbe: off } });
    expect(Object.keys(container).filter((key) => key.endsWith('Probe'))).toEqual([]);
  });

  test('asks for what it needs and is never limited', () => {
    expect(cache().resources).toEqual({ requests: { cpu: '25m', memory: '64Mi' } });
  });

  test('declares no ports: two pods of an update may share a node', () => {
    expect(cache()).not.toHaveProperty('ports');
  });

  test.each<[string, UserValues['image'], string]>([
    ['the appVersion', {}, 'ghcr.io/nodelocaldns/node-cache:0.1.0'],
    ['a tag', { tag: '2' }, 'ghcr.io/nodelocaldns/node-cache:2'],
    ['no registry', { registry: '', repository: 'dns' }, 'dns:0.1.0'],
    ['a digest over a tag', { registry: '', repository: 'dns', tag: '2', digest: DIGEST }, `dns@${DIGEST}`],
    ['the other flavor', THEIRS, 'registry.k8s.io/dns/k8s-dns-node-cache:1.26.8'],
  ])('is of an image by %s', (_, image, wanted) => {
    expect(cache({ image }).image).toBe(wanted);
  });

  test('declares the ports of DNS on the pod network, for Cilium, and none on that of the node', () => {
    expect(cache({ mode: 'cilium-lrp' }).ports).toEqual([
      { name: 'dns', containerPort: 53, protocol: 'UDP' },
      { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
    ]);
    for (const mode of ['auto', 'iptables', 'ipvs', 'bind-only']) {
      expect(cache({ mode, clusterDNS: { ips: mode === 'iptables' ? ['10.96.0.10'] : [] } })).not.toHaveProperty(
        'ports',
      );
    }
  });

  test('learns the address of its node only where metrics are bound to it', () => {
    expect(cache().env).toBeUndefined();
    expect(cache({ nodeCache: { bindMetricsTo: 'hostIP' } }).env).toEqual([
      { name: 'HOST_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
    ]);
  });

  test('learns the addresses of its pod where it has some of its own, then what the values add', () => {
    const env = [{ name: 'A', value: 'b' }];
    expect(cache({ mode: 'cilium-lrp', daemonSet: { env } }).env).toEqual([
      { name: 'POD_IPS', valueFrom: { fieldRef: { fieldPath: 'status.podIPs' } } },
      ...env,
    ]);
    expect(cache({ mode: 'cilium-lrp', image: THEIRS }).env).toEqual([
      { name: 'POD_IPS', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    ]);
  });
});

describe('the flags', () => {
  test.each<[string, UserValues, string]>([
    ['by default what the kubelet knows of kube-dns', {}, '169.254.20.10,$(KUBE_DNS_SERVICE_HOST)'],
    [
      'a cluster DNS of another name',
      { clusterDNS: { service: 'rke2-dns' } },
      '169.254.20.10,$(RKE2_DNS_SERVICE_HOST)',
    ],
    ['the ClusterIP that is given', { clusterDNS: { ips: ['10.96.0.10'] } }, '169.254.20.10,10.96.0.10'],
    ['each address once', { clusterDNS: { ips: ['10.96.0.10', '169.254.20.10'] } }, '169.254.20.10,10.96.0.10'],
    ['with IPVS the local addresses alone', { mode: 'ipvs' }, '169.254.20.10'],
    ['both families', { mode: 'ipvs', localIPs: ['169.254.20.10', 'fd00::10'] }, '169.254.20.10,fd00::10'],
    ['where they are bound already the local addresses alone', { mode: 'bind-only' }, '169.254.20.10'],
    ['on the pod network the addresses of the pod', { mode: 'cilium-lrp' }, '$(POD_IPS)'],
    ['for the Go agent nothing to fill in: it would end', { image: THEIRS }, '169.254.20.10'],
  ])('name %s', (_, values, wanted) => {
    expect(flag('localip', values)).toBe(`-localip=${wanted}`);
  });

  test.each<[string, UserValues, string]>([
    ['by default', {}, 'true true'],
    ['with IPVS', { mode: 'ipvs' }, 'true true'],
    ['with no rules, if the values say so', { nodeCache: { setupIptables: false } }, 'true false'],
    ['not where the addresses are there', { mode: 'bind-only' }, 'false false'],
    ['not on the pod network', { mode: 'cilium-lrp', nodeCache: { setupIptables: true } }, 'false false'],
  ])('ask for link and rules %s', (_, values, wanted) => {
    const both = [flag('setupinterface', values), flag('setupiptables', values)];
    expect(both.map((each) => each?.split('=')[1]).join(' ')).toBe(wanted);
  });

  test('name who answers meanwhile, by its full name', () => {
    const values = { clusterDomain: 'k8s.example' };
    expect(flag('fallbacksvc', values)).toBe('-fallbacksvc=kube-dns-endpoints.dns.svc.k8s.example');
  });

  test.each<[string, UserValues]>([
    ['the values name none', { fallbackService: { name: '' } }],
    ['the pods listen elsewhere: rules keep the port', { upstreamService: { targetPort: 1053 } }],
    ['no rules are kept', { mode: 'bind-only' }],
    ['the image does not know the flag', { image: THEIRS }],
  ])('name nobody where %s', (_, values) => {
    expect(flag('fallbacksvc', values)).toBeUndefined();
  });

  test('tell the lease, where there is one', () => {
    const wanted = ['-firewall=nft', '-leaserenew=100ms', '-leaseexpire=2000ms'];
    const nodeCache = { firewall: 'nft', leaseRenewMs: 100, leaseExpireMs: 2000 };
    expect(flags({ nodeCache })).toEqual(expect.arrayContaining(wanted));
    for (const values of [
      { nodeCache, mode: 'bind-only' },
      { nodeCache, image: THEIRS },
    ] as UserValues[]) {
      expect(flags(values).filter((each) => wanted.includes(each))).toEqual([]);
    }
  });

  test('give the interval in nanoseconds, which the Go agent takes for seconds', () => {
    expect(flags({ nodeCache: { syncIntervalSeconds: 5 } })).toContain('-syncinterval=5ns');
  });

  test('end with those of the user', () => {
    expect(flags({ nodeCache: { extraArgs: ['-quiet'] } }).at(-1)).toBe('-quiet');
  });
});
