/** What a picture shows: the panels of the dashboard with the numbers that Prometheus had for them. */
import { type DashboardPanel, filledIn, PANELS } from './expressions';
import type { PrometheusApi } from './prometheus';

/** A line of a panel. */
export interface Line {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** One per time of the picture; null where there is none. */
  readonly values: readonly (number | null)[];
}

/** A panel with its lines; rows have none. */
export interface Drawn {
  readonly panel: DashboardPanel;
  readonly lines: readonly Line[];
}

/** A stretch of time in numbers. */
export interface PictureData {
  /** Seconds since 1970, evenly apart. */
  readonly times: readonly number[];
  readonly drawn: readonly Drawn[];
  /** Caches in the picture. */
  readonly instances: readonly string[];
}

/** A legend with the labels of a series in its braces. */
export function named(legend: string, labels: Readonly<Record<string, string>>): string {
  return legend.replace(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '');
}

/** Buckets of a histogram in order, each without the ones below it: Prometheus counts them in. */
export function apart(lines: readonly Line[]): Line[] {
  const bound = ({ labels }: Line): number => (labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le));
  const sorted = [...lines].sort((left, right) => bound(left) - bound(right));
  return sorted.map((line, index) => ({
    ...line,
    values: line.values.map((value, at) => (value ?? 0) - (index === 0 ? 0 : (sorted[index - 1].values[at] ?? 0))),
  }));
}

/**
 * The rows of the dashboard whose titles are given, moved to the top.
 * @param titles of rows as they stand in the dashboard
 */
export function part(data: PictureData, titles: readonly string[]): PictureData {
  let isIn = false;
  const drawn = data.drawn.filter(({ panel }) => {
    if (panel.type === 'row') isIn = titles.includes(panel.title);
    return isIn;
  });
  const top = Math.min(...drawn.map(({ panel }) => panel.gridPos.y));
  const moved = drawn.map(({ panel, lines }) => ({
    panel: { ...panel, gridPos: { ...panel.gridPos, y: panel.gridPos.y - top } },
    lines,
  }));
  return { ...data, drawn: moved };
}

/** Ask for all panels. @param interval in place of $__rate_interval */
export async function pictureData(
  prometheus: PrometheusApi,
  times: readonly number[],
  interval: string,
): Promise<PictureData> {
  const drawn: Drawn[] = [];
  const [start, step, end] = [times[0], times[1] - times[0], times[times.length - 1]];
  for (const panel of PANELS) {
    const lines: Line[] = [];
    for (const { expr, legendFormat } of panel.targets ?? []) {
      for (const { metric, values } of await prometheus.between(filledIn(expr, interval), start, end, step)) {
        const found = new Map(values.map(([time, value]) => [Math.round((time - start) / step), value]));
        const at = times.map((_, index) => found.get(index) ?? null);
        lines.push({
          name: named(legendFormat, metric),
          labels: metric,
          values: at.map((value) => (value === null || Number.isFinite(value) ? value : null)),
        });
      }
    }
    drawn.push({ panel, lines: panel.type === 'heatmap' ? apart(lines) : lines });
  }
  const instances = (await prometheus.now('up')).map(({ metric }) => metric.instance).sort();
  return { times, drawn, instances };
}
