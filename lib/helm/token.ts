/**
 * A template expression standing in for a value of a type, so that one construct tree writes manifests and a chart.
 *
 * Glossary. *Plain*: an ordinary value. *Expression*: Go-template code in its place, cast to the type of the value it
 * stands for. *Control*: a field, list item or line that is there under a condition, or once per element.
 * Both survive cdk8s (JSON, projections, map keys, interpolation) because they are self-delimiting text: `⟦code⟧`.
 */

/** Opens template code inside a string. No name, Corefile or sentence has use for this character. */
export const OPEN = '⟦';
/** Closes template code inside a string. */
export const CLOSE = '⟧';
/** Key that marks a control node among plain objects. */
export const CONTROL = '⟦control⟧';

/** Template code inside a string; the first group is the code. */
export const CODE = new RegExp(`${OPEN}([^${CLOSE}]*)${CLOSE}`, 'g');

/**
 * How an expression is written: `string` quoted, `scalar` bare, `integer` bare and guarded against Go's `1e+06`,
 * `tree` as YAML below its key.
 */
export type ExpressionKind = 'string' | 'scalar' | 'integer' | 'tree';

/** Go-template code in place of a value. */
export class Expression {
  readonly code: string;
  readonly kind: ExpressionKind;

  /**
   * @param code a Go-template pipeline without braces, `.Values.image.tag` for instance
   * @param kind how the value is written where it stands alone
   */
  constructor(code: string, kind: ExpressionKind = 'scalar') {
    this.code = code;
    this.kind = kind;
  }

  /** Inside a longer string: the value as it is, unquoted. */
  toString(): string {
    return `${OPEN}${this.code}${this.kind === 'integer' ? ' | int64' : ''}${CLOSE}`;
  }

  /** @throws TypeError on arithmetic and comparison by size: the number is not known before Helm renders. */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'number') throw new TypeError(`Cannot calculate with template expression '${this.code}' at synth`);
    return this.toString();
  }

  /** cdk8s calls this for every value at synth. @source cdk8s ImplicitTokenResolver */
  resolve(): unknown {
    if (this.kind === 'tree') return { [CONTROL]: 'tree', code: this.code };
    return this.kind === 'string' ? `${OPEN}${this.code} | quote${CLOSE}` : this.toString();
  }
}

/** Whether `value` is an expression; the type of the value it stands for says nothing. */
export function isExpression(value: unknown): value is Expression {
  return value instanceof Expression;
}

/** Where a group of expressions remembers the code of the whole: `.Values.zones.cluster`. */
const WHOLE = Symbol('whole');

/** A group of expressions that can be passed on as a whole: {@link operand} writes `code` for it. */
export function wholeAs<T extends object>(group: T, code: string): T {
  return Object.defineProperty(group, WHOLE, { value: code });
}

/** Whether Helm is to decide about `value`: an expression, a group of them, or text with one in it. */
export function isTemplated(value: unknown): boolean {
  if (typeof value === 'string') return value.includes(OPEN);
  return isExpression(value) || (typeof value === 'object' && value !== null && WHOLE in value);
}

/**
 * A value or an expression as an operand of a larger expression: `.Values.a`, `(join "," .Values.b)`, `"text"`, `3`,
 * `(list "a")`, `(dict "a" "b")`, `(printf "%v:53" .Values.a)`.
 * @param value an expression, a group of them, a text with some in it, or plain JSON
 */
export function operand(value: unknown): string {
  if (isExpression(value)) return inParentheses(value.code);
  if (typeof value === 'string' && value.includes(OPEN)) return `(${formatted(value)})`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (WHOLE in value) return String(value[WHOLE]);
  const parts = Array.isArray(value)
    ? ['list', ...value.map(operand)]
    : ['dict', ...Object.entries(value).flat().map(operand)];
  return parts.length === 1 ? parts[0] : `(${parts.join(' ')})`;
}

function inParentheses(code: string): string {
  return / /.test(code) ? `(${code})` : code;
}

/** A text with expressions in it as one expression: `printf "%v:53" .Values.a`. */
export function formatted(text: string): string {
  const operands = [...text.matchAll(CODE)].map(([, code]) => inParentheses(code));
  const format = JSON.stringify(text.replaceAll('%', '%%').replace(CODE, '%v'));
  return ['printf', format, ...operands].join(' ');
}

/** `code` as it must be written below `with` and `range`, where `.` is an element: the root's name there is `$`. */
export function rooted(code: string): string {
  return code
    .replace(/(^|[\s(])\.(?=Values\b|Release\b|Chart\b|Capabilities\b)/g, '$1$.')
    .replace(/(\binclude "[^"]+") \.(?=$|[\s)])/g, '$1 $');
}

/** An expression wearing the type of the value it stands for: the one cast of this folder. */
export function standIn<T>(code: string, kind: ExpressionKind): T {
  return new Expression(code, kind) as unknown as T;
}
