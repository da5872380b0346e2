import { direct, find } from '../../support/helm';

const on = { enabled: true };

describe('the ServiceMonitor', () => {
  test('finds the metrics Service in the namespace of the release, wherever it is itself', () => {
    const objects = direct({ serviceMonitor: { ...on, namespace: 'monitoring', labels: { release: 'prometheus' } } });
    const monitor = find(objects, 'ServiceMonitor');
    expect(monitor.metadata).toMatchObject({ namespace: 'monitoring', labels: { release: 'prometheus' } });
    expect(monitor.spec).toEqual({
      selector: { matchLabels: { 'k8s-app': 'node-local-dns' } },
      namespaceSelector: { matchNames: ['kube-system'] },
      endpoints: [{ port: 'metrics' }],
    });
    expect(find(objects, 'Service').metadata).toHaveProperty(['labels', 'k8s-app'], 'node-local-dns');
  });

  test('says interval and relabelings where the values do', () => {
    const relabelings = [{ action: 'labeldrop', regex: 'pod' }];
    const { spec } = find(direct({ serviceMonitor: { ...on, interval: '30s', relabelings } }), 'ServiceMonitor');
    expect(spec).toMatchObject({ endpoints: [{ port: 'metrics', interval: '30s', relabelings }] });
  });

  test('is not there unless enabled', () => {
    expect(direct({}).map(({ kind }) => kind)).not.toContain('ServiceMonitor');
  });
});
