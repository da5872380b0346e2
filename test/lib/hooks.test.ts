import { hasHooks, hookAnnotations } from '../../lib/hooks';
import { HELM_RELEASE } from '../../lib/installation';

test('hooks are for Helm: without a chart there is nobody to wait for a moment', () => {
  const release = { name: 'cache', namespace: 'dns', service: 'cdk8s' };
  expect(hasHooks(release)).toBe(false);
  expect(hasHooks({ ...release, chart: 'nodelocaldns-0.1.0' })).toBe(true);
  expect(hasHooks(HELM_RELEASE)).toBe(true);
});

test('annotations are texts, the weight too', () => {
  expect(hookAnnotations('test', 3, ',hook-succeeded')).toEqual({
    'helm.sh/hook': 'test',
    'helm.sh/hook-weight': '3',
    'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
  });
});
