import type { NetworkPolicySpec } from 'kubernetes-types/networking/v1';
import type { UserValues } from '../../lib/values';
import { direct } from '../support/helm';

const policies = (values: UserValues) =>
  direct({ clusterDNS, ...values }).filter(({ kind }) => kind === 'NetworkPolicy');
const networkPolicy = { enabled: true, namespaces: ['shop'] };
const clusterDNS = { ips: ['10.96.0.10'] };
const egress = (values: UserValues) => {
  const [policy] = policies({ networkPolicy, ...values }) as unknown as { spec: NetworkPolicySpec }[];
  return policy.spec.egress ?? [];
};
const ports = (port: number) => [
  { protocol: 'UDP', port },
  { protocol: 'TCP', port },
];
const pods = (labels: object) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
  podSelector: { matchLabels: labels },
});

describe('the policies', () => {
  test('are one per namespace, in it, for all of its pods', () => {
    const made = policies({ networkPolicy: { enabled: true, namespaces: ['shop', 'web'] } });
    expect(made.map(({ metadata }) => metadata.namespace)).toEqual(['shop', 'web']);
    for (const { spec } of made) expect(spec).toMatchObject({ podSelector: {}, policyTypes: ['Egress'] });
    expect(policies({})).toEqual([]);
  });

  test('let pods ask the addresses of the cache, of both families', () => {
    expect(egress({ localIPs: ['169.254.20.10', 'fd00::10'], clusterDNS: { ips: ['10.96.0.10'] } })[0]).toEqual({
      to: ['169.254.20.10/32', 'fd00::10/128', '10.96.0.10/32'].map((cidr) => ({ ipBlock: { cidr } })),
      ports: ports(53),
    });
  });

  test('let pods ask the pods behind them: a cache on the pod network, kube-dns while a cache is down', () => {
    expect(egress({ upstreamService: { targetPort: 1053 } }).slice(1)).toEqual([
      { to: [pods({ 'k8s-app': 'node-local-dns' })], ports: ports(53) },
      { to: [pods({ 'k8s-app': 'kube-dns' })], ports: ports(1053) },
    ]);
  });

  test('do not let out to all pods where no label says which are those of kube-dns', () => {
    expect(egress({ upstreamService: { selector: null as never } })).toHaveLength(2);
  });

  test('want to know where', () => {
    expect(() => policies({ networkPolicy: { enabled: true } })).toThrow('name the namespaces');
  });
});
