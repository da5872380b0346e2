/** Questions about values, each said twice as in functions.ts: in TypeScript for plain values, in Go templates else. */
import { comparable, filled } from './functions';
import { isExpression, operand, standIn } from './token';

/** Whether `value` is one of `options`. */
export function oneOf(value: string, options: readonly string[]): boolean {
  if (!isExpression(value)) return options.includes(value);
  return standIn(`has ${operand(value)} ${operand(options)}`, 'scalar');
}

/** Whether it does not count as true; an empty text, list or map does not. */
export function not(value: unknown): boolean {
  if (!isExpression(value)) return !filled(value);
  return standIn(`not ${operand(value)}`, 'scalar');
}

/** Whether two strings or two integers differ. */
export function differs<T extends string | number>(left: T, right: T): boolean {
  if (!isExpression(left) && !isExpression(right)) return left !== right;
  return standIn(`ne ${comparable(left)} ${comparable(right)}`, 'scalar');
}

/** Whether `text` has `part` somewhere. */
export function contains(text: string, part: string): boolean {
  if (!isExpression(text)) return text.includes(part);
  return standIn(`contains ${operand(part)} ${operand(text)}`, 'scalar');
}

/** Whether `text` ends in `part`. */
export function endsWith(text: string, part: string): boolean {
  if (!isExpression(text)) return text.endsWith(part);
  return standIn(`hasSuffix ${operand(part)} ${operand(text)}`, 'scalar');
}

/** Whether any part of a text fits a pattern in the common subset of ECMAScript and Go. */
export function fits(text: string, pattern: string): boolean {
  if (!isExpression(text)) return new RegExp(pattern).test(text);
  return standIn(`regexMatch ${operand(pattern)} ${operand(text)}`, 'scalar');
}

/**
 * Whether what is at `keys` in a map fits a pattern, written as JSON: for objects of Kubernetes, whose fields are no values.
 * @param pattern in the common subset of ECMAScript and Go; what is missing is `""` to it, and null is `null`
 */
export function fitsAt(map: object, keys: readonly string[], pattern: string): boolean {
  if (!isExpression(map)) {
    const found = keys.reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], map);
    return new RegExp(pattern).test(JSON.stringify(found === undefined ? '' : found));
  }
  const code = keys.reduce((at, key) => `get (${at} | default dict) ${operand(key)}`, map.code);
  return standIn(`regexMatch ${operand(pattern)} (${code} | toJson)`, 'scalar');
}

/** Whether `left` is less than `times` times `right`, all integers. */
export function isBelow(left: number, right: number, times = 1): boolean {
  if (!isExpression(left) && !isExpression(right)) return left < times * right;
  return standIn(`lt (int64 ${operand(left)}) (mul ${times} ${operand(right)})`, 'scalar');
}
