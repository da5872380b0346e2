import { Chart, Testing } from 'cdk8s';
import { completeInstallation, NodeLocalDns } from '../../lib';
import { DEFAULTS } from '../../lib/values';

describe('a complete installation', () => {
  test('of nothing has every default', () => {
    expect(completeInstallation()).toEqual({
      values: DEFAULTS,
      release: { name: 'nodelocaldns', namespace: 'kube-system', service: 'cdk8s' },
    });
  });

  test('is the one that NodeLocalDns makes of the same', () => {
    const props = { values: { clusterDomain: 'a.example' }, release: { namespace: 'dns' } };
    const { values, release } = new NodeLocalDns(new Chart(Testing.app(), 'chart'), 'cache', props);
    expect(completeInstallation(props)).toEqual({ values, release });
    expect(values.clusterDomain).toBe('a.example');
  });

  test('is refused when values cannot work together', () => {
    const both = () => completeInstallation({ values: { ports: { health: 9253 } } });
    expect(both).toThrow(RangeError);
    expect(both).toThrow('ports.health and ports.metrics are both 9253');
  });
});
