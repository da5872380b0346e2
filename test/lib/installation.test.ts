import { direct, find } from '../support/helm';

const labelsOf = (manifest: { metadata: object }): Record<string, string> =>
  (manifest.metadata as { labels: Record<string, string> }).labels;

describe('labels', () => {
  test('of every object say what it belongs to', () => {
    for (const manifest of direct({ serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } })) {
      expect(labelsOf(manifest)).toMatchObject({
        'app.kubernetes.io/name': 'nodelocaldns',
        'app.kubernetes.io/instance': 'cache',
        'app.kubernetes.io/managed-by': 'Helm',
        'helm.sh/chart': 'nodelocaldns-0.1.0',
        'k8s-app': /^kube-dns/.test(manifest.metadata.name) ? 'kube-dns' : expect.stringMatching(/^node-local-dns/),
      });
    }
  });

  test('of the pods change with no version: an upgrade that changes nothing must replace nothing', () => {
    const { spec } = find(direct({ commonLabels: { team: 'net' } }), 'DaemonSet') as { spec?: unknown };
    expect(spec).toHaveProperty('template.metadata.labels', {
      'app.kubernetes.io/name': 'nodelocaldns',
      'app.kubernetes.io/instance': 'cache',
      'k8s-app': 'node-local-dns',
      team: 'net',
    });
  });

  test('of the user are on every object', () => {
    for (const manifest of direct({ commonLabels: { team: 'net' } })) expect(labelsOf(manifest).team).toBe('net');
  });

  test('do not name a chart where there is none', () => {
    for (const manifest of direct({}, { chart: undefined }))
      expect(labelsOf(manifest)).not.toHaveProperty('helm.sh/chart');
  });
});

test('every object is in the namespace of the release', () => {
  const namespaces = direct({ serviceMonitor: { enabled: true } }, { namespace: 'dns' }).map(
    (m) => m.metadata.namespace,
  );
  expect(new Set(namespaces)).toEqual(new Set(['dns']));
});
