import type { UserValues } from '../../lib/values';
import { direct, find } from '../support/helm';

const made = (values: UserValues) => direct(values).filter(({ kind }) => kind === 'VerticalPodAutoscaler');

describe('the autoscaler', () => {
  test('is for clusters that have its controller, so not there by default', () => {
    expect(made({})).toEqual([]);
  });

  test('moves requests of the cache between the bounds, never its limits', () => {
    const verticalPodAutoscaler = { enabled: true, updateMode: 'InPlaceOrRecreate', maxAllowed: { memory: '2Gi' } };
    expect(find(direct({ verticalPodAutoscaler }), 'VerticalPodAutoscaler')).toMatchObject({
      spec: {
        targetRef: { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'node-local-dns' },
        updatePolicy: { updateMode: 'InPlaceOrRecreate' },
        resourcePolicy: {
          containerPolicies: [
            {
              containerName: 'node-cache',
              controlledValues: 'RequestsOnly',
              minAllowed: { cpu: '10m', memory: '48Mi' },
              maxAllowed: { memory: '2Gi' },
            },
          ],
        },
      },
    });
  });

  test('is one per DaemonSet', () => {
    const nodePools = [{ name: 'gpu', nodeLabel: { key: 'pool', values: ['gpu'] } }];
    const names = made({ verticalPodAutoscaler: { enabled: true }, nodePools }).map(({ metadata }) => metadata.name);
    expect(names).toEqual(['node-local-dns', 'node-local-dns-gpu']);
  });
});
