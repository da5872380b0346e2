/**
 * Lines that a chart says once, under a name, and includes where they are wanted. With plain values they are a function
 * like any other; knows nothing of DNS.
 */
import { flat, type Lines, text } from './control';
import { blockLines, SOFT_BREAK } from './serialize';
import { CLOSE, CONTROL, isTemplated, OPEN, operand } from './token';

/** Lines with parameters. */
export interface NamedLines<P extends object> {
  /** Name in the chart: `nodelocaldns.serverBlock`. */
  readonly name: string;
  /** What they are, above them in the chart. */
  readonly sentence: string;
  /** The parameters as expressions over variables named like them: `$zone`, `$zone.cache.keepTtl`. */
  readonly inside: P;
  readonly lines: (parameters: P) => Lines;
}

/** The named template, for a file of helpers. */
export function definition<P extends object>({ name, sentence, inside, lines }: NamedLines<P>): string {
  const variables = Object.keys(inside).map((parameter) => `{{- $${parameter} := .${parameter} }}`);
  // The last one takes the line break away, so that the text begins with its first line.
  const head = variables.join('\n').replace(/ }}$/, ' -}}');
  const body = blockLines(text(lines(inside)), 0).join('\n');
  return `{{/* ${sentence} */}}\n{{- define "${name}" -}}\n${head}\n${body}\n{{- end }}\n`;
}

/** A call longer than this has a line for each parameter. */
const CALL_COLUMNS = 100;

/** The code that calls it, without braces. A parameter that is undefined is left out, and false in the template. */
function call<P extends object>({ name }: NamedLines<P>, parameters: P): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  const pairs = given.map(([key, value]) => `"${key}" ${operand(value)}`);
  const gap = pairs.join(' ').length > CALL_COLUMNS ? SOFT_BREAK : ' ';
  return `include "${name}" (dict${pairs.map((pair) => gap + pair).join('')})`;
}

const isPlain = (parameters: object): boolean => !Object.values(parameters).some(isTemplated);

/** The lines, at the column where they stand. */
export function include<P extends object>(named: NamedLines<P>, parameters: P): Lines {
  if (isPlain(parameters)) return named.lines(parameters);
  return `${OPEN}- ${call(named, parameters)} | nindent@${CLOSE}`;
}

/**
 * `head` with the lines in braces below it, or alone where there are none.
 * @param column blanks before head; the lines have eight more, as in the manifest of Kubernetes
 */
export function braced<P extends object>(head: string, named: NamedLines<P>, parameters: P, column: number): Lines {
  const pad = ' '.repeat(column);
  const deeper = `${pad}        `;
  if (isPlain(parameters)) {
    const inner = flat(named.lines(parameters));
    if (inner.length === 0) return pad + head;
    return [`${pad}${head} {`, ...inner.map((line) => deeper + line), `${pad}}`];
  }
  const body = [`${pad}${head} {`, `${deeper}${OPEN}- . | nindent@${CLOSE}`, `${pad}}`];
  return { [CONTROL]: 'with', code: `${call(named, parameters)} | trim`, body, otherwise: pad + head };
}
