import { completeInstallation } from '../../../lib/complete-installation';
import { monitoringMetadata } from '../../../lib/monitoring/metadata';

const installation = completeInstallation({ values: { fullnameOverride: 'dns' }, release: { namespace: 'net' } });
const place = { namespace: '', labels: {}, annotations: {} };

describe('metadata of the monitoring', () => {
  test('is that of the cache where the values say nothing', () => {
    expect(monitoringMetadata(installation, place)).toMatchObject({
      name: 'dns',
      namespace: 'net',
      labels: { 'k8s-app': 'node-local-dns', 'app.kubernetes.io/name': 'nodelocaldns' },
      annotations: undefined,
    });
  });

  test('has a name, a namespace and annotations of its own', () => {
    const own = { namespace: 'monitoring', labels: { a: 'b' }, annotations: { c: 'd' } };
    expect(monitoringMetadata(installation, own, '-x', { e: 'f' }, 'f')).toMatchObject({
      name: 'dns-x',
      namespace: 'monitoring',
      labels: { a: 'b' },
      annotations: { c: 'd', e: 'f' },
    });
  });
});
