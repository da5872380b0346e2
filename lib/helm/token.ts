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

/**
 * A value or an expression as an operand of a larger expression: `.Values.a`, `(join "," .Values.b)`, `"text"`, `3`,
 * `(list "a")`, `(dict "a" "b")`.
 * @param value an expression or plain JSON
 */
export function operand(value: unknown): string {
  if (isExpression(value)) return / /.test(value.code) ? `(${value.code})` : value.code;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const parts = Array.isArray(value)
    ? ['list', ...value.map(operand)]
    : ['dict', ...Object.entries(value).flat().map(operand)];
  return parts.length === 1 ? parts[0] : `(${parts.join(' ')})`;
}

/** An expression wearing the type of the value it stands for: the one cast of this folder. */
export function standIn<T>(code: string, kind: ExpressionKind): T {
  return new Expression(code, kind) as unknown as T;
}
