import type { PodSpec } from 'kubernetes-types/core/v1';
import { direct } from '../support/helm';

test('every pod of the chart goes where the caches go, gets its image the same way, and has no token', () => {
  const tolerations = [{ key: 'a', operator: 'Exists' }];
  const pods = direct({ image: { pullSecrets: ['one', 'two'] }, daemonSet: { tolerations } }).flatMap((manifest) => {
    const { spec } = manifest as unknown as { spec?: PodSpec & { template?: { spec: PodSpec } } };
    return spec?.containers ? [spec] : spec?.template ? [spec.template.spec] : [];
  });
  expect(pods).toHaveLength(4); // Cache, clean-up, wait, test.
  for (const pod of pods) {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations,
      imagePullSecrets: [{ name: 'one' }, { name: 'two' }],
    });
  }
});
