import type { PodSpec } from 'kubernetes-types/core/v1';
import type { UserValues } from '../../lib/values';
import { direct, find } from '../support/helm';

const accountOfPod = (values: UserValues): string | undefined => {
  const { spec } = find(direct(values), 'DaemonSet') as unknown as { spec: { template: { spec: PodSpec } } };
  return spec.template.spec.serviceAccountName;
};

describe('the account', () => {
  test('has no token and no rights: there is no role in the chart', () => {
    const objects = direct({});
    expect(find(objects, 'ServiceAccount')).toMatchObject({ automountServiceAccountToken: false });
    expect(objects.filter(({ kind }) => /Role/.test(kind))).toEqual([]);
  });

  test('takes annotations', () => {
    const account = find(direct({ serviceAccount: { annotations: { a: 'b' } } }), 'ServiceAccount');
    expect(account.metadata).toHaveProperty('annotations', { a: 'b' });
  });

  test.each<[string, UserValues['serviceAccount'], string]>([
    ['its own', {}, 'node-local-dns'],
    ['its own by another name', { name: 'dns' }, 'dns'],
    ['one that exists', { create: false, name: 'dns' }, 'dns'],
    ['the default of the namespace', { create: false }, 'default'],
  ])('of the pod is %s', (_, serviceAccount, wanted) => {
    expect(accountOfPod({ serviceAccount })).toBe(wanted);
  });
});
