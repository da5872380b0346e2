/** Values while a migration collects them, and what the operator must be told about them. */
import { isDeepStrictEqual } from 'node:util';
import type { Fields } from '../helm/values';
import { DEFAULTS, FIELDS, type UserValues } from '../values';

/** Values of the chart that differ from its defaults, and remarks. */
export class Draft {
  private readonly collected: Record<string, unknown> = {};
  private readonly remarks: string[] = [];

  /**
   * Take a value over.
   * @param path names with dots between them, `image.tag` for instance
   * @throws RangeError when the chart has no such value: a mistake in this folder
   */
  set(path: string, value: unknown): void {
    if (!hasValue(path)) throw new RangeError(`The chart has no value '${path}'`);
    if (value === undefined || isDeepStrictEqual(value, at(DEFAULTS, path.split('.')))) return;
    const names = path.split('.');
    const last = names.pop()!;
    let target = this.collected;
    for (const name of names) {
      target[name] ??= {};
      target = target[name] as Record<string, unknown>;
    }
    target[last] = value;
  }

  /** Say what is not as it was: what, why, and what to do about it. The same is said once. */
  note(what: string, why: string): void {
    const line = `${what}: ${why}`;
    if (!this.remarks.includes(line)) this.remarks.push(line);
  }

  /** What was taken over, as in values.yaml. */
  get values(): UserValues {
    return this.collected as UserValues;
  }

  /** What was said, in that order. */
  get notes(): readonly string[] {
    return this.remarks;
  }
}

/** Whether the chart declares a value at this path. */
export function hasValue(path: string): boolean {
  return at(DEFAULTS, path.split('.')) !== undefined;
}

/** Whether values stand below this path by names of the chart, and not by names of the user. */
export function isGroup(path: string): boolean {
  const field = path.split('.').reduce<Fields | undefined>((fields, name) => fields?.[name]?.fields, FIELDS);
  return field !== undefined;
}

/** Turn a monitor on. @param given names of values to values; what is empty or no value of the chart is left alone */
export function setMonitor(
  draft: Draft,
  monitor: 'serviceMonitor' | 'podMonitor',
  given: Readonly<Record<string, unknown>>,
): void {
  draft.set(`${monitor}.enabled`, true);
  const names = ['namespace', 'labels', 'interval', 'scrapeTimeout', 'honorLabels', 'relabelings', 'metricRelabelings'];
  for (const name of names) {
    const value = given[name];
    if (value && (typeof value !== 'object' || Object.keys(value).length > 0)) draft.set(`${monitor}.${name}`, value);
  }
}

function at(tree: unknown, names: readonly string[]): unknown {
  return names.reduce<unknown>((below, name) => (below as Record<string, unknown> | undefined)?.[name], tree);
}
