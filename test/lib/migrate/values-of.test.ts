/** What is known of a cache as a whole. */
import { Draft } from '../../../lib/migrate/draft';
import type { Found } from '../../../lib/migrate/found';
import { carry } from '../../../lib/migrate/values-of';

const container = { name: 'node-cache', args: ['-localip=169.254.20.10,10.96.0.10'] };
const FOUND: Found = {
  source: 'a test',
  container,
  pod: { containers: [container], hostNetwork: true, tolerations: [{ operator: 'Exists' }] },
  podAnnotations: {},
  podLabels: {},
  clusterIPs: [],
  kubeDnsConfigMap: 'kube-dns',
  isScraped: true,
};

function carried(more: Partial<Found>): Draft {
  const draft = new Draft();
  carry(draft, { ...FOUND, ...more });
  return draft;
}

describe('carry', () => {
  test('of the usual cache has its ClusterIP, and nothing to say', () => {
    expect(carried({}).values).toEqual({ clusterDNS: { ips: ['10.96.0.10'] } });
    expect(carried({}).notes).toEqual([]);
  });

  test('the upstream Service: labels of the pods in place of the usual one, and their port', () => {
    const { values } = carried({ upstream: { selector: { app: 'coredns' }, targetPort: 1053 } });
    expect(values.upstreamService).toEqual({ selector: { 'k8s-app': null, app: 'coredns' }, targetPort: 1053 });
  });

  test.each([
    ['kube-dns', undefined, 0],
    ['dns-settings', { name: 'dns-settings' }, 0],
    ['node-local-dns', undefined, 1], // Its own ConfigMap, as one chart has it: no stubDomains in there.
    [undefined, undefined, 1],
  ])('stubDomains of %s', (kubeDnsConfigMap, value, remarks) => {
    const { values, notes } = carried({ kubeDnsConfigMap });
    expect(values.kubeDNSConfigMap).toEqual(value);
    expect(notes).toHaveLength(remarks);
  });
});
