import { PER_CACHE, percentOf, quantileMs, sumPerCache } from '../../../lib/monitoring/promql';

describe('words of PromQL', () => {
  test.each([
    [sumPerCache('rate(a[5m])'), `sum by (${PER_CACHE}) (rate(a[5m]))`],
    [sumPerCache('rate(a[5m])', 'to'), `sum by (${PER_CACHE}, to) (rate(a[5m]))`],
    [
      quantileMs(0.99, 'rate(a_bucket[5m])', 'to'),
      '1000 * histogram_quantile(0.99, sum by (to, le) (rate(a_bucket[5m])))',
    ],
    [percentOf('a', 'b'), '100 * a\n  / b'],
  ])('%s', (made, wanted) => {
    expect(made).toBe(wanted);
  });
});
