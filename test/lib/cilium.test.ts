import type { UserValues } from '../../lib/values';
import { direct, find } from '../support/helm';

const policy = (values: UserValues = {}) =>
  find(direct({ mode: 'cilium-lrp', ...values }), 'CiliumLocalRedirectPolicy') as unknown as { spec: object };
const PORTS = [
  { port: '53', name: 'dns', protocol: 'UDP' },
  { port: '53', name: 'dns-tcp', protocol: 'TCP' },
];
const BACKEND = { localEndpointSelector: { matchLabels: { 'k8s-app': 'node-local-dns' } }, toPorts: PORTS };

describe('the redirection', () => {
  test('leads what pods ask of kube-dns to the cache on their node', () => {
    expect(policy().spec).toEqual({
      redirectFrontend: { serviceMatcher: { serviceName: 'kube-dns', namespace: 'kube-system' } },
      redirectBackend: BACKEND,
    });
  });

  test('leads what pods ask of the local address, for kubelets that name that', () => {
    const cilium = { localRedirectPolicy: { matcher: 'address', skipRedirectFromBackend: true } };
    expect(policy({ cilium, localIPs: ['fd00::10'] }).spec).toEqual({
      redirectFrontend: { addressMatcher: { ip: 'fd00::10', toPorts: PORTS } },
      redirectBackend: BACKEND,
      skipRedirectFromBackend: true,
    });
  });

  test('goes by the names that the ports of the Service have, in the policy and in the pod', () => {
    const values = { cilium: { localRedirectPolicy: { portNames: { udp: 'udp-53', tcp: 'tcp-53' } } } };
    const named = PORTS.map((port) => ({ ...port, name: `${port.protocol.toLowerCase()}-53` }));
    expect(policy(values).spec).toMatchObject({ redirectBackend: { toPorts: named } });
    const cache = find(direct({ mode: 'cilium-lrp', ...values }), 'DaemonSet');
    expect(cache).toHaveProperty('spec.template.spec.containers.0.ports.0.name', 'udp-53');
    expect(cache).toHaveProperty('spec.template.spec.containers.0.ports.1.name', 'tcp-53');
  });

  test('is in the namespace of its pods: Cilium wants that', () => {
    const objects = direct({ mode: 'cilium-lrp' }, { namespace: 'dns' });
    expect(find(objects, 'CiliumLocalRedirectPolicy').metadata.namespace).toBe('dns');
  });

  test.each<[string, UserValues]>([
    ['in the other modes', { mode: 'auto' }],
    ['where there is one', { mode: 'cilium-lrp', cilium: { localRedirectPolicy: { create: false } } }],
  ])('is left out %s', (_, values) => {
    expect(direct(values).filter(({ kind }) => /^Cilium/.test(kind))).toEqual([]);
  });
});
