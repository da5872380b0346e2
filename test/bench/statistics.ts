/** What several rounds come to. Machines are noisy, so a figure is a median and never comes without its range. */

/** Figures of several rounds. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Median, least and greatest.
 * @throws RangeError without values: a figure of nothing must not look like one
 */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('spread() needs at least one value');
  const sorted = [...values].sort((left, right) => left - right);
  const half = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  return { median, min: sorted[0], max: sorted[sorted.length - 1] };
}

/**
 * The value that `share` of all values do not exceed (nearest rank).
 * @param sorted ascending, at least one
 * @param share 0.5 for the median, 0.99 for what one in a hundred exceeds
 */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) throw new RangeError('percentile() needs at least one value');
  const rank = Math.ceil(sorted.length * share);
  return sorted[Math.min(Math.max(rank, 1), sorted.length) - 1];
}

/** `2.1 (1.9–2.4)`: median and range, both with so many digits behind the point; a dash when nothing was measured. */
export function spreadText(values: readonly number[], digits: number): string {
  if (values.length === 0) return '–';
  const { median, min, max } = spread(values);
  const text = (value: number): string => value.toFixed(digits);
  if (values.length === 1) return text(median);
  return `${text(median)} (${text(min)}–${text(max)})`;
}
