/** Families of a Prometheus text page: what is said of each, not what is counted. */

/** One metric. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  /** Names, sorted; without `le` and `quantile`. */
  readonly labels: readonly string[];
  /** Upper bounds as written, without `+Inf`; only of histograms. */
  readonly buckets?: readonly string[];
}

const SERIES = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? \S+$/;

/** Label names and values of one series. */
function labelsOf(text: string): [string, string][] {
  return [...text.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name, value]);
}

/** All families of a page in its order. Labels are those of the series that are there; a family without any is left out. */
export function familiesOf(page: string): Family[] {
  const helps = new Map([...page.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, name, help]) => [name, help]));
  const found = new Map<string, { type: string; labels: Set<string>; buckets: Set<string>; count: number }>();
  for (const [, name, type] of page.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    found.set(name, { type, labels: new Set(), buckets: new Set(), count: 0 });
  }
  for (const line of page.split('\n')) {
    const match = SERIES.exec(line);
    if (match === null) continue;
    const [, series, text = ''] = match;
    const family = found.get(series) ?? found.get(series.replace(/_(bucket|sum|count)$/, ''));
    if (family === undefined) throw new Error(`a series without its family: ${line}`);
    family.count++;
    for (const [name, value] of labelsOf(text)) {
      if (name === 'le' && value !== '+Inf') family.buckets.add(value);
      if (name !== 'le' && name !== 'quantile') family.labels.add(name);
    }
  }
  return [...found].flatMap(([name, { type, labels, buckets, count }]) => {
    if (count === 0) return [];
    const common = { name, type, help: helps.get(name) ?? '', labels: [...labels].sort() };
    return [type === 'histogram' ? { ...common, buckets: [...buckets] } : common];
  });
}
