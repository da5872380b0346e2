import type { UserValues } from '../../lib/values';
import { direct, find } from '../support/helm';

describe('the upstream Service', () => {
  const upstream = (values: UserValues = {}) => find(direct(values), 'Service', 'kube-dns-upstream');

  test('selects the cluster DNS pods, over UDP and TCP', () => {
    expect(upstream().spec).toEqual({
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
      ],
      selector: { 'k8s-app': 'kube-dns' },
    });
  });

  test('follows pods that listen elsewhere and are labelled otherwise', () => {
    const selector = { 'k8s-app': null, app: 'coredns' } as never;
    const { spec } = upstream({ upstreamService: { targetPort: 1053, selector } });
    expect(spec).toMatchObject({ ports: [{ targetPort: 1053 }, { targetPort: 1053 }], selector: { app: 'coredns' } });
    expect((spec as { selector: object }).selector).not.toHaveProperty('k8s-app');
  });

  test('is in the namespace of the pods, which read its address from their environment', () => {
    expect(find(direct({}, { namespace: 'dns' }), 'Service', 'kube-dns-upstream').metadata.namespace).toBe('dns');
  });

  test('is left out where one exists', () => {
    expect(() => upstream({ upstreamService: { create: false } })).toThrow('found 0');
  });
});

describe('the metrics Service', () => {
  const metrics = (values: UserValues = {}) => find(direct(values), 'Service');

  test('is headless, so that each cache is an endpoint of its own', () => {
    expect(metrics({ ports: { metrics: 9999 } }).spec).toEqual({
      clusterIP: 'None',
      ports: [{ name: 'metrics', port: 9999, protocol: 'TCP', targetPort: 9999 }],
      selector: { 'k8s-app': 'node-local-dns' },
    });
  });

  test('asks to be scraped unless the values say otherwise', () => {
    expect(metrics().metadata).toHaveProperty('annotations', {
      'prometheus.io/port': '9253',
      'prometheus.io/scrape': 'true',
    });
    expect(metrics({ metrics: { scrapeAnnotations: false } }).metadata).not.toHaveProperty('annotations');
  });
});
