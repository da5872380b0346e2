import { corefile } from '../../lib/corefile';
import { DEFAULTS } from '../../lib/values';
import { direct, find } from '../support/helm';

test('the ConfigMap carries the Corefile under the key of the upstream manifest, and nothing else', () => {
  const { kind, apiVersion, metadata, ...rest } = find(direct({}), 'ConfigMap');
  expect([apiVersion, kind, metadata.name]).toEqual(['v1', 'ConfigMap', 'node-local-dns']);
  expect(rest).toEqual({ data: { Corefile: corefile(DEFAULTS) } });
});
