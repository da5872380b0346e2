/** Words of PromQL that alerts, recording rules and dashboard share. */

/** Labels that tell one cache from another; those that a target does not have are no harm. */
export const PER_CACHE = 'cluster, namespace, node, pod, instance';

/** `sum by (…) (…)`: a series per cache, and per each of the labels in `more`. */
export function sumPerCache(inner: string, more = ''): string {
  return `sum by (${PER_CACHE}${more && `, ${more}`}) (${inner})`;
}

/**
 * A quantile of a histogram of seconds, in milliseconds.
 * @param quantile 0.99 for the time that one in a hundred exceeds
 * @param buckets series by le: `rate(…_bucket[5m])`
 * @param by labels to keep, le aside
 */
export function quantileMs(quantile: number, buckets: string, by: string): string {
  return `1000 * histogram_quantile(${quantile}, sum by (${by}, le) (${buckets}))`;
}

/** `part` in percent of `whole`; nothing where the whole has no series. */
export function percentOf(part: string, whole: string): string {
  return `100 * ${part}\n  / ${whole}`;
}
