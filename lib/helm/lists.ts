/** Questions about lists, each said twice as in functions.ts. */
import { CLOSE, isExpression, OPEN, operand, standIn } from './token';

/** Whether `list` has `element`. */
export function includes(list: readonly string[], element: string): boolean {
  if (!isExpression(list)) return list.includes(element);
  return standIn(`has ${operand(element)} ${operand(list)}`, 'scalar');
}

/** Whether a text has a line twice; each line has its end. */
export function hasTwice(lines: string): boolean {
  if (!isExpression(lines)) {
    const each = lines.split('\n');
    return new Set(each).size < each.length;
  }
  const each = `(splitList "\\n" ${operand(lines)})`;
  return standIn(`lt (len (${each} | uniq)) (len ${each})`, 'scalar');
}

/**
 * The lines of a file of the chart, as a text.
 * @param path below the chart's folder, not in templates/ and not ignored by .helmignore
 */
export function fileLines(path: string): string {
  return `${OPEN}- .Files.Get ${operand(path)} | trim | nindent@${CLOSE}\n`;
}
