import type { PodSpec } from 'kubernetes-types/core/v1';
import { direct } from '../support/helm';

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
