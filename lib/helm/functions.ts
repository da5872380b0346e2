/**
 * Functions over values, each said twice: in TypeScript for plain values, in Go templates for expressions. That both
 * mean the same is what test/chart/equivalence.test.ts checks with the real Helm.
 */
import { CLOSE, isExpression, OPEN, operand, standIn } from './token';

/** Whether both; a text, list or map counts as true when it is not empty. */
export function both(left: unknown, right: unknown): boolean {
  if (isExpression(left) || isExpression(right)) return standIn(`and ${operand(left)} ${operand(right)}`, 'scalar');
  return filled(left) && filled(right);
}

/** Whether either; a text, list or map counts as true when it is not empty. */
export function either(left: unknown, right: unknown): boolean {
  if (isExpression(left) || isExpression(right)) return standIn(`or ${operand(left)} ${operand(right)}`, 'scalar');
  return filled(left) || filled(right);
}

/**
 * Whether equal, of two strings or two integers. Integers are converted in the template: one from --set is an int64,
 * one from a file a float64, and Go's `eq` refuses to compare the two.
 */
export function equals<T extends string | number>(left: T, right: T): boolean {
  if (!isExpression(left) && !isExpression(right)) return left === right;
  return standIn(`eq ${comparable(left)} ${comparable(right)}`, 'scalar');
}

/** An operand of `eq` and `ne`: an integer from --set is an int64, one from a file a float64. */
export function comparable(value: unknown): string {
  return isExpression(value) && value.kind !== 'string' ? `(int ${operand(value)})` : operand(value);
}

/** Whether any of them counts as true. */
export function anyOf(conditions: readonly unknown[]): boolean {
  if (!conditions.some(isExpression)) return conditions.some(filled);
  return standIn(`or ${conditions.map(operand).join(' ')}`, 'scalar');
}

/** One of two values or groups. The condition must be a switch: Helm's `ternary` takes nothing else. */
export function choose<T>(condition: boolean, yes: T, no: T): T {
  if (!isExpression(condition)) return condition ? yes : no;
  return standIn(`ternary ${operand(yes)} ${operand(no)} ${operand(condition)}`, 'tree');
}

/** `words` inside a longer text, where the condition holds. */
export function inline(condition: unknown, words: string): string {
  if (!isExpression(condition)) return filled(condition) ? words : '';
  return `${OPEN}if ${condition.code}${CLOSE}${words}${OPEN}end${CLOSE}`;
}

/** Whether two lists have an element in common. */
export function sharesElement(left: readonly string[], right: readonly string[]): boolean {
  if (!isExpression(left) && !isExpression(right)) return left.some((element) => right.includes(element));
  const [one, two] = [left, right].map(operand);
  // As sets, together they are shorter than side by side.
  return standIn(
    `lt (len (concat ${one} ${two} | uniq)) (add (len (uniq ${one})) (len (uniq ${two})) | int)`,
    'scalar',
  );
}

/** Whether `map` has the key; a map emptied with null has none. */
export function hasKey(map: object, key: string): boolean {
  if (!isExpression(map) && !isExpression(key)) return key in (map ?? {});
  const code = isExpression(map) ? `(${map.code} | default dict)` : operand(map);
  return standIn(`hasKey ${code} ${operand(key)}`, 'scalar');
}

/** Elements in one string. */
export function join(list: readonly string[], separator: string): string {
  if (!isExpression(list)) return list.join(separator);
  return standIn(`join ${operand(separator)} ${operand(list)}`, 'string');
}

/** Two lists one after the other, each element once. */
export function union(left: readonly string[], right: readonly string[]): string[] {
  if (!isExpression(left) && !isExpression(right)) return [...new Set([...left, ...right])];
  return standIn(`concat ${operand(left)} ${operand(right)} | uniq`, 'tree');
}

/** A list with one more element at its head. */
export function prepend(list: readonly string[], element: string): string[] {
  if (!isExpression(list) && !isExpression(element)) return [element, ...list];
  return standIn(`prepend ${operand(list)} ${operand(element)}`, 'tree');
}

/** Whether two maps have a key in common; a map emptied with null has none. */
export function sharesKey(left: object, right: object): boolean {
  if (!isExpression(left) && !isExpression(right)) return Object.keys(left ?? {}).some((key) => key in (right ?? {}));
  const [one, two] = [left, right].map((map) => (isExpression(map) ? `(${map.code} | default dict)` : operand(map)));
  // Merged they are shorter than side by side.
  return standIn(`lt (len (merge dict ${one} ${two})) (add (len ${one}) (len ${two}) | int)`, 'scalar');
}

/** The first element; the schema sees to it that there is one. */
export function first(list: readonly string[]): string {
  return isExpression(list) ? standIn(`first ${operand(list)}`, 'string') : list[0];
}

/** `value`, or `otherwise` when it is empty. */
export function fallback(value: string, otherwise: string): string {
  if (!isExpression(value)) return value === '' ? otherwise : value;
  return standIn(`${value.code} | default ${operand(otherwise)}`, 'string');
}

/** Whether a plain value counts as true in a Go template. */
export function filled(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  if (typeof value === 'object') return Object.keys(value).length > 0;
  return Boolean(value);
}

// The spaces Go's strings.TrimSpace removes; JavaScript's trim() differs in U+0085 and U+FEFF.
const SPACE = '[\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const SPACE_AROUND = new RegExp(`^${SPACE}+|${SPACE}+$`, 'g');

/** Text without the white space around it. @source Go strings.TrimSpace */
export function trimmed(text: string): string {
  return isExpression(text) ? standIn(`trim ${operand(text)}`, 'string') : text.replace(SPACE_AROUND, '');
}

/** A number as text, where Kubernetes wants a string: annotations. */
export function asText(value: number): string {
  return isExpression(value) ? standIn(value.code, 'string') : String(value);
}
