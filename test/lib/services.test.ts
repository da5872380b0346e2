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

describe('the fall-back Service', () => {
  const fallback = (values: UserValues = {}) => find(direct(values), 'Service', 'kube-dns-endpoints');

  test('is headless: its name has the addresses of the cluster DNS pods that are ready, of both families', () => {
    expect(fallback().spec).toMatchObject({
      clusterIP: 'None',
      publishNotReadyAddresses: false,
      selector: { 'k8s-app': 'kube-dns' },
      ipFamilyPolicy: 'PreferDualStack',
    });
  });

  test('has the families of the upstream Service where the values say which', () => {
    const upstreamService = { ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv6'] };
    expect(fallback({ upstreamService }).spec).toMatchObject(upstreamService);
    expect(find(direct({ upstreamService }), 'Service', 'kube-dns-upstream').spec).toMatchObject(upstreamService);
  });

  test.each<[string, UserValues]>([
    ['one exists', { fallbackService: { create: false } }],
    ['none is wanted', { fallbackService: { name: '' } }],
    ['nobody would use it', { mode: 'bind-only' }],
  ])('is left out where %s', (_, values) => {
    expect(() => fallback(values)).toThrow('found 0');
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
