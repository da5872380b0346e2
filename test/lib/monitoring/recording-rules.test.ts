import { recordingRules } from '../../../lib/monitoring/recording-rules';

const scope = { job: 'job="dns"', daemonSets: 'dns', namespace: 'namespace="kube-system"' };

describe('recording rules', () => {
  const rules = recordingRules(scope);

  test('are named level:metric:operations, each once', () => {
    for (const { record } of rules) expect(record).toMatch(/^(instance|job):nodelocaldns_[a-z_]+:[a-z0-9_]+$/);
    expect(new Set(rules.map(({ record }) => record)).size).toBe(rules.length);
  });

  test('say the same of one cache and of all', () => {
    const operations = (level: string) =>
      rules.filter(({ record }) => record.startsWith(`${level}:`)).map(({ record }) => record.slice(level.length));
    expect(operations('instance')).toEqual(operations('job'));
  });

  test.each(rules)('$record keeps the labels of its level', ({ record, expr }) => {
    const wanted = record.startsWith('job:')
      ? 'sum by (cluster, job'
      : 'sum by (cluster, namespace, node, pod, instance';
    const sums = expr.match(/sum by/g) ?? [];
    expect(expr.split(wanted).length - 1).toBe(sums.length);
  });
});
