import type { PodSpec } from 'kubernetes-types/core/v1';
import { byName, direct, HELMS, type HelmName, synthesized, template, temporaryFolder } from '../support/helm';
import { needs } from '../support/needs';

test('every pod of the chart is for nodes of the caches, gets its image the same way, and has no token', () => {
  const nodeSelector = { pool: 'a' };
  const pods = direct({ image: { pullSecrets: ['one', 'two'] }, daemonSet: { nodeSelector } }).flatMap((manifest) => {
    const { spec } = manifest as unknown as { spec?: PodSpec & { template?: { spec: PodSpec } } };
    return spec?.containers ? [spec] : spec?.template ? [spec.template.spec] : [];
  });
  expect(pods).toHaveLength(4); // Cache, clean-up, wait, test.
  for (const pod of pods) {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      nodeSelector: { 'kubernetes.io/os': 'linux', pool: 'a' },
      imagePullSecrets: [{ name: 'one' }, { name: 'two' }],
    });
  }
});

describe.each<HelmName>([...HELMS])('%s', (name) => {
  needs(name).describe('and a pod that has to run', () => {
    const chart = synthesized(temporaryFolder());

    test('accepts the taints that the values name for the caches', () => {
      const daemonSet = {
        tolerations: [
          { operator: 'Exists', effect: 'NoExecute' },
          { key: '', operator: 'Exists' },
          { key: 5 as never, operator: 'Exists' }, // The API server says that it is no text.
          { key: 'node.kubernetes.io/not-ready', operator: 'Exists' },
          { key: 'dedicated', operator: 'Equal', value: 'dns', effect: 'NoSchedule' },
        ],
      };
      const objects = byName(template(name, chart, { daemonSet }));
      expect(objects).toEqual(byName(direct({ daemonSet })));
      const { spec } = objects['Pod kube-system/node-local-dns-test'] as unknown as { spec: PodSpec };
      expect(spec.tolerations?.slice(-3).map(({ key }) => key)).toEqual([
        'node-role.kubernetes.io/master',
        5,
        'dedicated',
      ]);
    });
  });
});
