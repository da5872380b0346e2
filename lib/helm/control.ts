/**
 * Fields, list items and lines that are there under a condition or once per element. With plain values each of these
 * decides at once and leaves nothing behind; with expressions it returns a node that serialize.ts turns into
 * `{{- if }}`, `{{- with }}` or `{{- range }}`.
 *
 * Nodes are plain objects, not instances: cdk8s copies maps with `{...map}`, and goes on resolving inside them.
 */
import { filled, trimmed } from './functions';
import { CLOSE, CODE, CONTROL, Expression, isExpression, OPEN, operand, rooted, standIn } from './token';
import { completed, type Fields, type ItemOf, itemExpressions, type Shape, type ValuesOf } from './values';

/** A node in manifest JSON. `tree` writes its code as YAML, `splice` puts `body`'s keys into the map around it. */
export interface ControlNode {
  readonly [CONTROL]: 'if' | 'with' | 'range' | 'tree' | 'splice';
  readonly code: string;
  readonly body?: unknown;
  readonly otherwise?: unknown;
}

/** Whether `value` is a control node. */
export function isControl(value: unknown): value is ControlNode {
  return typeof value === 'object' && value !== null && CONTROL in value;
}

/** `body` where the condition holds, else `otherwise` or nothing: a field's value, a list item, lines of a text. */
export function when<T>(condition: unknown, body: T, otherwise?: T): T {
  if (!isExpression(condition)) return (filled(condition) ? body : otherwise) as T;
  return { [CONTROL]: 'if', code: condition.code, body, otherwise } as unknown as T;
}

/** A text, list or map as a field's value; the field is left out when it is empty. */
export function optional<T>(value: T): T {
  if (!isExpression(value)) return (filled(value) ? value : undefined) as T;
  return { [CONTROL]: 'with', code: value.code, body: new Expression('.', value.kind) } as unknown as T;
}

/** One list item per element, in place: `[...each(values.extraArgs, (argument) => argument)]`. */
export function each<T>(list: readonly string[], item: (element: string) => T): T[] {
  if (!isExpression(list)) return list.map(item);
  return [{ [CONTROL]: 'range', code: list.code, body: item(standIn('.', 'string')) } as unknown as T];
}

/**
 * Items or lines per object of a list, in place: `...eachObject(values.hosts, HOST, '$host', ({ ip }) => ip)`.
 * @param shape what the objects are like; what one leaves out has its default
 * @param variable its name in the template
 */
export function eachObject<F extends Fields, R extends keyof F, T>(
  list: readonly ItemOf<F, R>[],
  shape: Shape<F, R>,
  variable: string,
  item: (object: ValuesOf<F>) => T,
): T[] {
  if (!isExpression(list)) return (list ?? []).map((object) => item(completed(shape, object)));
  const body = item(itemExpressions(shape, variable));
  return [{ [CONTROL]: 'range', code: `${variable} := ${list.code}`, body } as unknown as T];
}

/**
 * Items or lines per entry of a map, in the order of its keys.
 * @param shape what the values are like; what one leaves out has its default
 * @param variables names of key and value in the template
 */
export function eachEntry<F extends Fields, R extends keyof F, T>(
  map: Readonly<Record<string, ItemOf<F, R>>>,
  shape: Shape<F, R>,
  [key, value]: readonly [string, string],
  item: (key: string, value: ValuesOf<F>) => T,
): T[] {
  if (!isExpression(map)) {
    // Go sorts keys by bytes; sort() by UTF-16 units, which is the same below U+D800.
    const keys = Object.keys(map ?? {}).sort();
    return keys.map((name) => item(name, completed(shape, map[name])));
  }
  const body = item(standIn(key, 'string'), itemExpressions(shape, value));
  return [{ [CONTROL]: 'range', code: `${key}, ${value} := ${map.code}`, body } as unknown as T];
}

/** All elements of a list of objects, in place: `[...elements(values.extraVolumes)]`. */
export function elements<T>(list: readonly T[]): T[] {
  if (!isExpression(list)) return [...list];
  const items = { [CONTROL]: 'tree', code: '.' };
  return [{ [CONTROL]: 'with', code: list.code, body: items } as unknown as T];
}

/** Items that are there together, under a condition: `[...itemsWhen(condition, [a, b])]`. */
export function itemsWhen<T>(condition: boolean, items: readonly T[]): T[] {
  if (!isExpression(condition)) return condition ? [...items] : [];
  const { code } = condition;
  return items.map((body) => ({ [CONTROL]: 'if', code, body }) as unknown as T);
}

/** Keys of a map value, put into the map around it: `{...keysOf(values.podLabels), more: 'x'}`. */
export function keysOf(map: Readonly<Record<string, string>>): Record<string, string> {
  if (!isExpression(map)) return { ...map };
  return splice({ [CONTROL]: 'with', code: map.code, body: { [CONTROL]: 'splice', code: 'toYaml .' } });
}

/** `map`'s keys, put into the map around it where the condition holds. */
export function keysWhen(condition: boolean, map: Record<string, string>): Record<string, string> {
  if (!isExpression(condition)) return condition ? map : {};
  return splice({ [CONTROL]: 'if', code: condition.code, body: map });
}

/** Keys written by a named template, put into the map around it. */
export function keysFrom(template: string): Record<string, string> {
  return splice({ [CONTROL]: 'splice', code: `include ${operand(template)} .` });
}

/** A key that no field has carries the node through cdk8s, which sees one more entry of a map of strings. */
function splice(node: ControlNode): Record<string, string> {
  return { [`${OPEN}${node.code}${CLOSE}`]: node as unknown as string };
}

/** Lines of a text: one, several, none, or controlled. */
export type Lines = string | readonly Lines[] | ControlNode | undefined;

/** A text of lines, some of them conditional, ending in a newline. */
export function text(...lines: readonly Lines[]): string {
  return flat(lines).join('\n') + '\n';
}

/**
 * A text from the values, on lines of its own, without the space around it and at the ends of its lines: a text with
 * such space is shown by kubectl as one long line.
 * @param otherwise the lines where it is empty
 * @param column blanks before each line
 */
export function verbatim(value: string, otherwise?: Lines, column = 0): Lines {
  const words = trimmed(value);
  const pad = ' '.repeat(column);
  if (!isExpression(words)) {
    if (words === '') return otherwise;
    return words.split('\n').map((line) => (/^[ \t]*$/.test(line) ? '' : pad + line.replace(/[ \t]+$/, '')));
  }
  const body = `${pad}${OPEN}- regexReplaceAll "(?m)[ \\t]+$" (nindent@ .) ""${CLOSE}`;
  return { [CONTROL]: 'with', code: words.code, body, otherwise };
}

/**
 * Lines one below the other. Conditions become lines of their own: `⟦- if code⟧`, `⟦- else⟧`, `⟦- end⟧`.
 * @returns no line breaks in them
 */
export function flat(lines: Lines): string[] {
  if (lines === undefined) return [];
  if (Array.isArray(lines)) return lines.flatMap(flat);
  if (!isControl(lines)) return [String(lines)];
  const { [CONTROL]: verb, code, body, otherwise } = lines;
  const plain = flat(body as Lines);
  const inside = verb === 'if' ? plain : plain.map((line) => line.replace(CODE, (_, it) => OPEN + rooted(it) + CLOSE));
  // Conditions stand at the column of what they guard.
  const pad = ' '.repeat(inside[0].length - inside[0].trimStart().length);
  const control = (words: string): string => `${pad}${OPEN}- ${words}${CLOSE}`;
  const alternative = otherwise === undefined ? [] : [control('else'), ...flat(otherwise as Lines)];
  return [control(`${verb} ${code}`), ...inside, ...alternative, control('end')];
}
