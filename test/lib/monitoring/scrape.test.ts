import { direct, find } from '../../support/helm';

const on = { enabled: true };
const NODE_LABEL = [{ sourceLabels: ['__meta_kubernetes_pod_node_name'], targetLabel: 'node' }];

describe('the ServiceMonitor', () => {
  test('finds the metrics Service in the namespace of the release, wherever it is itself', () => {
    const objects = direct({ serviceMonitor: { ...on, namespace: 'monitoring', labels: { release: 'prometheus' } } });
    const monitor = find(objects, 'ServiceMonitor');
    expect(monitor.metadata).toMatchObject({ namespace: 'monitoring', labels: { release: 'prometheus' } });
    expect(monitor.spec).toEqual({
      selector: { matchLabels: { 'k8s-app': 'node-local-dns' } },
      namespaceSelector: { matchNames: ['kube-system'] },
      endpoints: [{ port: 'metrics', path: '/metrics', honorLabels: false, relabelings: NODE_LABEL }],
    });
    const service = find(objects, 'Service') as unknown as { metadata: object; spec: object };
    expect(service.metadata).toHaveProperty(['labels', 'k8s-app'], 'node-local-dns');
    expect(service.spec).toMatchObject({ clusterIP: 'None', ports: [{ name: 'metrics', port: 9253 }] });
  });

  test('says interval, limits and relabelings where the values do', () => {
    const relabelings = [{ action: 'labeldrop', regex: 'pod' }];
    const values = { ...on, interval: '30s', scrapeTimeout: '5s', honorLabels: true, path: '/m', relabelings };
    const { spec } = find(direct({ serviceMonitor: { ...values, sampleLimit: 5000 } }), 'ServiceMonitor');
    const endpoint = { interval: '30s', scrapeTimeout: '5s', honorLabels: true, path: '/m', relabelings };
    expect(spec).toMatchObject({ sampleLimit: 5000, endpoints: [{ port: 'metrics', ...endpoint }] });
  });

  test('is not there unless enabled', () => {
    expect(direct({}).map(({ kind }) => kind)).not.toContain('ServiceMonitor');
  });
});

/** What Prometheus makes of a label by the rules, in their order. @source Prometheus, relabel_config */
function relabelled(
  rules: readonly Record<string, unknown>[],
  labels: Record<string, string>,
): typeof labels | 'dropped' {
  const result = { ...labels };
  for (const { sourceLabels = [], regex = '(.*)', action = 'replace', targetLabel, replacement = '$1' } of rules) {
    const source = (sourceLabels as string[]).map((label) => result[label] ?? '').join(';');
    const match = new RegExp(`^(?:${regex})$`).exec(source);
    if (action === 'keep' && match === null) return 'dropped';
    if (action === 'keep' || match === null) continue;
    result[targetLabel as string] = (replacement as string).replace('$1', match[1] ?? '');
  }
  return result;
}

describe('the PodMonitor', () => {
  const { spec } = find(direct({ podMonitor: on, ports: { metrics: 9999 } }), 'PodMonitor') as unknown as {
    spec: { podMetricsEndpoints: { relabelings: Record<string, unknown>[] }[] };
  };
  const [{ relabelings }] = spec.podMetricsEndpoints;
  const pod = { __meta_kubernetes_pod_container_name: 'node-cache', __meta_kubernetes_pod_node_name: 'node1' };

  test.each([
    ['10.0.0.1', '10.0.0.1:9999'],
    ['fd00::1', '[fd00::1]:9999'],
  ])('asks the pod at %s where the metrics are, %s, though its container declares no port', (ip, wanted) => {
    expect(relabelled(relabelings, { ...pod, __meta_kubernetes_pod_ip: ip, job: 'kube-system/x' })).toMatchObject({
      __address__: wanted,
      job: 'node-local-dns',
      node: 'node1',
    });
  });

  test('asks no other container', () => {
    const labels = { ...pod, __meta_kubernetes_pod_container_name: 'mine', __meta_kubernetes_pod_ip: '10.0.0.1' };
    expect(relabelled(relabelings, labels)).toBe('dropped');
  });

  test('and a ServiceMonitor are not both: each query would count twice', () => {
    expect(() => direct({ podMonitor: on, serviceMonitor: on })).toThrow(/scrape every cache twice.*set one to false/);
  });
});
