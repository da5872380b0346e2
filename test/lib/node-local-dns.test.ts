import { Chart, Testing } from 'cdk8s';
import { NodeLocalDns, type NodeLocalDnsProps, type UserValues } from '../../lib/index';
import { direct } from '../support/helm';

/** As somebody uses it: in a chart of their own. */
function made(props?: NodeLocalDnsProps): { cache: NodeLocalDns; kinds: string[]; namespaces: string[] } {
  const chart = new Chart(Testing.app(), 'theirs');
  const cache = new NodeLocalDns(chart, 'dns', props);
  const objects = Testing.synth(chart) as { kind: string; metadata: { name: string; namespace: string } }[];
  return {
    cache,
    kinds: objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    namespaces: [...new Set(objects.map(({ metadata }) => metadata.namespace))],
  };
}

describe('a NodeLocalDns', () => {
  test('needs no props: Services before the pods that read their address', () => {
    expect(made().kinds).toEqual([
      'ServiceAccount node-local-dns',
      'Service kube-dns-upstream',
      'Service kube-dns-endpoints',
      'Service node-local-dns',
      'ConfigMap node-local-dns',
      'DaemonSet node-local-dns',
    ]);
    expect(made().namespaces).toEqual(['kube-system']);
  });

  test('makes what is enabled and nothing for what is not', () => {
    const values: UserValues = {
      serviceAccount: { create: false },
      upstreamService: { create: false },
      fallbackService: { create: false },
      serviceMonitor: { enabled: true },
      prometheusRule: { enabled: true },
    };
    expect(made({ values }).kinds).toEqual([
      'Service node-local-dns',
      'ConfigMap node-local-dns',
      'DaemonSet node-local-dns',
      'ServiceMonitor node-local-dns',
      'PrometheusRule node-local-dns',
    ]);
  });

  test('publishes what it decided', () => {
    const { cache } = made({ values: { clusterDomain: 'k8s.example' }, release: { namespace: 'dns' } });
    expect(cache.values.clusterDomain).toBe('k8s.example');
    expect(cache.values.localIPs).toEqual(['169.254.20.10']);
    expect(cache.release).toEqual({ name: 'nodelocaldns', namespace: 'dns', service: 'cdk8s' });
  });

  test('refuses what cannot work and says the repair', () => {
    expect(() => made({ values: { corefile: 'a', extraServerBlocks: 'b' } })).toThrow('leave extraServerBlocks empty');
  });
});

test('the longest name leaves room for what stands behind it: 63 characters are a name', () => {
  const names = direct({ fullnameOverride: 'n'.repeat(50) }).map(({ metadata }) => metadata.name.length);
  expect(Math.max(...names)).toBe(63);
});
