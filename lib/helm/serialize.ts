/**
 * Manifest JSON with expressions and control nodes to the text of a Helm template, laid out as people write charts:
 * two spaces, lists indented, control lines at the column of what they guard.
 */
import { stringify } from 'yaml';
import { type ControlNode, isControl } from './control';
import { CODE, CONTROL, OPEN, rooted } from './token';

/** In code, a place where the line is broken. */
export const SOFT_BREAK = '\v';

type Json = Record<string, unknown>;

/**
 * One manifest as template text.
 * @param manifest JSON from ApiObject.toJson(); key order is kept
 * @param guards conditions under which the whole manifest is there, outermost first
 * @throws Error when a list item begins with a control line, which has no place for its dash
 */
export function toTemplate(manifest: Json, guards: readonly string[] = []): string {
  const opening = guards.map((code) => `{{- if ${code} }}`);
  const closing = guards.map(() => '{{- end }}');
  return [...opening, ...mapLines(manifest, 0, false), ...closing].join('\n') + '\n';
}

/** @param rebound whether `.` is an element of `with` or `range` here, and not the root */
function mapLines(map: Json, column: number, rebound: boolean): string[] {
  return Object.entries(map).flatMap(([key, value]) => {
    if (key.startsWith(OPEN)) return spliceLines(value, column, rebound);
    return controlled(value, column, rebound, (plain, inside) => fieldLines(key, plain, column, inside));
  });
}

/** Keys put into the map around them (control.ts keysOf, keysWhen, keysFrom). */
function spliceLines(value: unknown, column: number, rebound: boolean): string[] {
  return controlled(value, column, rebound, (plain, inside) =>
    isControl(plain) ? [blockLine(plain.code, column, inside)] : mapLines(plain as Json, column, inside),
  );
}

function fieldLines(key: string, value: unknown, column: number, rebound: boolean): string[] {
  const head = ' '.repeat(column) + scalar(key, rebound) + ':';
  if (isControl(value)) return [head, blockLine(toYaml(value), column + 2, rebound)];
  if (typeof value === 'string' && value.includes('\n')) {
    return [`${head} |`, ...blockLines(value, column + 2, rebound)];
  }
  if (Array.isArray(value) && value.length > 0) return [head, ...listLines(value, column + 2, rebound)];
  if (isMap(value) && Object.keys(value).length > 0) return [head, ...mapLines(value, column + 2, rebound)];
  return [`${head} ${scalar(value, rebound)}`];
}

function listLines(list: readonly unknown[], column: number, rebound: boolean): string[] {
  return list.flatMap((item) => controlled(item, column, rebound, (plain, inside) => itemLines(plain, column, inside)));
}

function itemLines(item: unknown, column: number, rebound: boolean): string[] {
  const dash = `${' '.repeat(column)}- `;
  if (isControl(item)) return [blockLine(toYaml(item), column, rebound)];
  if (!isMap(item)) return [dash + scalar(item, rebound)];
  const lines = mapLines(item, column + 2, rebound);
  if (lines.length === 0 || lines[0].trimStart().startsWith('{{-')) {
    throw new Error(
      `A list item must begin with an unconditional key, not with '${lines[0] ?? '{}'}': put another first`,
    );
  }
  return [dash + lines[0].trimStart(), ...lines.slice(1)];
}

/** What `write` makes of the value, between the control lines if it has any. */
function controlled(
  value: unknown,
  column: number,
  rebound: boolean,
  write: (plain: unknown, rebound: boolean) => string[],
): string[] {
  if (!isControl(value) || value[CONTROL] === 'tree' || value[CONTROL] === 'splice') return write(value, rebound);
  const { [CONTROL]: verb, code, body, otherwise } = value;
  const pad = ' '.repeat(column);
  const inside = rebound || verb !== 'if';
  return [
    `${pad}{{- ${verb} ${rebased(code, rebound)} }}`,
    ...controlled(body, column, inside, write),
    ...(otherwise === undefined ? [] : [`${pad}{{- else }}`, ...controlled(otherwise, column, rebound, write)]),
    `${pad}{{- end }}`,
  ];
}

/**
 * Lines of a text as template lines. Code that begins with a dash stands alone on its line and takes its newline away;
 * `nindent@` in it becomes the column it stands at.
 * @param value text that ends in a newline
 * @param column where its lines begin
 */
export function blockLines(value: string, column: number, rebound = false): string[] {
  if (!value.endsWith('\n')) throw new Error(`A text of several lines must end in a newline: '${value}'`);
  return value
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      const indent = column + line.length - line.trimStart().length;
      if (line === '') return '';
      const placed = line.replaceAll('nindent@', `nindent ${indent}`);
      return ' '.repeat(column) + interpolated(placed, rebound).replaceAll(SOFT_BREAK, `\n${' '.repeat(indent + 6)}`);
    });
}

function blockLine(code: string, column: number, rebound: boolean): string {
  return `${' '.repeat(column)}{{- ${rebased(code, rebound)} | nindent ${column} }}`;
}

function toYaml(node: ControlNode): string {
  if (node[CONTROL] !== 'tree') throw new Error(`'${node[CONTROL]} ${node.code}' cannot stand where a value is wanted`);
  return `toYaml ${/ /.test(node.code) ? `(${node.code})` : node.code}`;
}

function isMap(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A scalar as YAML 1.1 reads it, because Helm's parser does: there `y` and `on` are booleans. */
function scalar(value: unknown, rebound: boolean): string {
  if (typeof value !== 'string' || !value.includes(OPEN)) {
    const text = stringify(value, { version: '1.1', lineWidth: 0, defaultStringType: 'PLAIN' }).trimEnd();
    return interpolated(text, rebound);
  }
  const code = interpolated(value, rebound);
  const words = value.replace(CODE, '');
  if (words === '' && [...value.matchAll(CODE)].length === 1) return code;
  // Single quotes read better around PromQL. The values inside are held to patterns without quotes of either kind.
  return /["\\]/.test(words) ? `'${interpolated(value.replaceAll("'", "''"), rebound)}'` : `"${code}"`;
}

/** Expressions between braces; braces of the text itself (alert annotations have them) as raw strings. */
function interpolated(line: string, rebound: boolean): string {
  return line
    .replace(/\{\{[^`]*?\}\}/g, (literal) => '{{`' + literal + '`}}')
    .replace(CODE, (_, code: string) =>
      code.startsWith('- ') ? `{{- ${rebased(code.slice(2), rebound)} }}` : `{{ ${rebased(code, rebound)} }}`,
    );
}

function rebased(code: string, rebound: boolean): string {
  return rebound ? rooted(code) : code;
}
