/**
 * Prometheus text format 0.0.4 from the counters of all threads.
 *
 *   thread 0: series → slots ┐
 *   thread 1: series → slots ├─▶ one line per distinct metric and label values: summed, or the largest (Metric.merge)
 *   main:     series → slots ┘
 *
 * As with CoreDNS: metrics by name, series by label values; a metric without labels exists from the start at 0, one with
 * labels after its first use. Counting goes on while we read; a scrape may see a query in one metric and not yet in
 * another, but `_count` and the buckets of one histogram line always agree, because `_count` is their sum.
 * @source https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import type { Series } from './counters';
import { ABSENT_AT_ZERO, METRIC_NAMES, METRICS, type MetricDefinition, type MetricName } from './metrics';

/** The counters of one thread and what they mean. */
export interface CounterSource {
  readonly values: Float64Array;
  /** Every series this thread announced. */
  readonly series: readonly Series[];
}

/** Content type of what {@link exposeText} makes. */
export const EXPOSITION_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Equal series of all threads as one. */
export interface MergedSeries {
  /** Values in the order of the metric's labels. */
  readonly labels: readonly string[];
  /** One number, or a histogram's slots: a count per bucket, +Inf, sum. */
  readonly values: number[];
}

/** Names in the order they are printed. */
const NAMES_SORTED = [...METRIC_NAMES].sort();

/**
 * The page a scraper reads.
 * @param sources the threads, in any order
 * @returns text with one trailing newline
 */
export function exposeText(sources: readonly CounterSource[]): string {
  const merged = mergeSources(sources);
  let text = '';
  for (const name of NAMES_SORTED) {
    const definition = METRICS[name];
    let rows = [...(merged.get(name)?.values() ?? [])].filter(({ values }) => !Number.isNaN(values[0])); // Forgotten.
    if (ABSENT_AT_ZERO.has(name)) rows = rows.filter(({ values }) => values[0] !== 0);
    if (rows.length === 0) {
      if (definition.labels.length > 0) continue;
      rows.push(emptySeries(definition, []));
    }
    rows.sort((a, b) => compareLabels(a.labels, b.labels));
    text += `# HELP ${name} ${escapeHelp(definition.help)}\n# TYPE ${name} ${definition.type}\n`;
    for (const row of rows) text += seriesLines(name, definition, row);
  }
  return text;
}

/** The series of one metric. */
export function mergedSeries(sources: readonly CounterSource[], metric: MetricName): MergedSeries[] {
  const chosen = sources.map(({ values, series }) => ({
    values,
    series: series.filter((one) => one.metric === metric),
  }));
  return [...(mergeSources(chosen).get(metric)?.values() ?? [])];
}

/** Slots of one series in the order of {@link Series.slot}. */
function slotCount(definition: MetricDefinition): number {
  return definition.type === 'histogram' ? definition.buckets.length + 2 : 1;
}

function mergeSources(sources: readonly CounterSource[]): Map<MetricName, Map<string, MergedSeries>> {
  const merged = new Map<MetricName, Map<string, MergedSeries>>();
  for (const source of sources) {
    for (const series of source.series) {
      const definition = METRICS[series.metric];
      const rows = getOrMake(merged, series.metric, () => new Map<string, MergedSeries>());
      const row = getOrMake(rows, series.labels.join('\0'), () => emptySeries(definition, series.labels));
      const largest = definition.type !== 'histogram' && definition.merge === 'largest';
      for (let index = 0; index < row.values.length; index++) {
        const value = source.values[series.slot + index];
        row.values[index] = largest ? Math.max(row.values[index], value) : row.values[index] + value;
      }
    }
  }
  return merged;
}

function emptySeries(definition: MetricDefinition, labels: readonly string[]): MergedSeries {
  return { labels, values: new Array<number>(slotCount(definition)).fill(0) };
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function seriesLines(name: string, definition: MetricDefinition, row: MergedSeries): string {
  const pairs = definition.labels.map((label, index) => `${label}="${escapeLabel(row.labels[index])}"`);
  const braces = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
  if (definition.type !== 'histogram') return `${name}${braces} ${formatValue(row.values[0])}\n`;
  let text = '';
  let count = 0;
  for (let bucket = 0; bucket <= definition.buckets.length; bucket++) {
    count += row.values[bucket];
    const bound = bucket < definition.buckets.length ? formatValue(definition.buckets[bucket]) : '+Inf';
    text += `${name}_bucket{${[...pairs, `le="${bound}"`].join(',')}} ${formatValue(count)}\n`;
  }
  const sum = row.values[definition.buckets.length + 1];
  return `${text}${name}_sum${braces} ${formatValue(sum)}\n${name}_count${braces} ${formatValue(count)}\n`;
}

/** Backslash and line feed; a help text keeps its quotes. */
export function escapeHelp(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
}

/** Backslash, line feed and quote. */
export function escapeLabel(text: string): string {
  return escapeHelp(text).replace(/"/g, '\\"');
}

/** A float64 as the format wants it: shortest decimal, `+Inf`, `-Inf`, `NaN`. */
export function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

function compareLabels(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < a.length; index++) {
    if (a[index] !== b[index]) return a[index] < b[index] ? -1 : 1;
  }
  return 0;
}
