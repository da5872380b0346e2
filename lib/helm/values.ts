/**
 * Values of a chart, declared once: name, type, default, constraint, sentence. From the declaration come the TypeScript
 * type, the defaults, the expressions, and (values-files.ts) values.yaml, values.schema.json and a README table.
 * Knows nothing of DNS.
 */
import { Expression, type ExpressionKind, isExpression } from './token';

/** A JSON schema fragment, draft 07. */
export type Schema = Readonly<Record<string, unknown>>;

/** One declared value, or a group of them. */
export interface Field<T> {
  readonly initial: T;
  /** What it does, in sentences; unit and range where they matter. */
  readonly sentence: string;
  readonly schema: Schema;
  readonly kind: ExpressionKind;
  /** Present in groups. */
  readonly fields?: Fields;
}

/** Named fields. */
export type Fields = { readonly [name: string]: Field<unknown> };

/** The TypeScript type of what is declared. */
export type ValuesOf<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/** Some of the values, at any depth; lists are replaced as a whole. */
export type Partially<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: Partially<T[K]> }
    : T;

/** A text; `pattern` in the common subset of ECMAScript and Go (RE2), because Helm checks with Go's. */
export function text(
  initial: string,
  sentence: string,
  limits: { pattern?: string; enum?: string[] } = {},
): Field<string> {
  return { initial, sentence, kind: 'string', schema: { type: 'string', ...limits } };
}

/** An integer. Go prints a million as 1e+06, so that larger ones are converted in the template. */
export function integer(
  initial: number,
  sentence: string,
  limits: { minimum: number; maximum: number },
): Field<number> {
  const kind = limits.maximum < 1e6 ? 'scalar' : 'integer';
  return { initial, sentence, kind, schema: { type: 'integer', ...limits } };
}

/** A switch. */
export function flag(initial: boolean, sentence: string): Field<boolean> {
  return { initial, sentence, kind: 'scalar', schema: { type: 'boolean' } };
}

/** A list; `items` is the schema of an element. */
export function list<T>(initial: T[], sentence: string, items: Schema, limits: Schema = {}): Field<T[]> {
  return { initial, sentence, kind: 'tree', schema: { type: 'array', items, ...limits } };
}

/** A map whose keys the user chooses, or an object of Kubernetes that the API server checks. May be null: empty. */
export function map<T extends object>(initial: T, sentence: string, limits: Schema = {}): Field<T> {
  return { initial, sentence, kind: 'tree', schema: { type: 'object', ...limits } };
}

/** Values under a common name. Typos are refused: no names but these. */
export function group<F extends Fields>(sentence: string, fields: F): Field<ValuesOf<F>> {
  const entries = Object.entries(fields);
  const initial = Object.fromEntries(entries.map(([name, field]) => [name, field.initial])) as ValuesOf<F>;
  const properties = Object.fromEntries(
    entries.map(([name, field]) => [name, { description: field.sentence, ...field.schema }]),
  );
  // Helm deletes what a user sets to null before it checks. Only a map may vanish that way: null is how to empty one.
  const required = entries.filter(([, field]) => field.fields || field.schema.type !== 'object').map(([name]) => name);
  const schema = { type: 'object', additionalProperties: false, required, properties };
  return { initial, sentence, kind: 'tree', fields, schema };
}

/** Every leaf as the expression that Helm evaluates: `.Values.image.tag`, and the same type as the plain value. */
export function expressions<F extends Fields>(fields: F, path = '.Values'): ValuesOf<F> {
  const entries = Object.entries(fields).map(([name, field]) => {
    const below = `${path}.${name}`;
    return [name, field.fields ? expressions(field.fields, below) : new Expression(below, field.kind)];
  });
  return Object.fromEntries(entries) as ValuesOf<F>;
}

/**
 * What Helm makes of a chart's values and a user's: maps merge key by key, everything else replaces, null deletes.
 * @returns a new object; `base` and `over` stay as they are
 */
export function merge<T>(base: T, over: Partially<T> | undefined): T {
  if (!isPlainMap(base) || !isPlainMap(over)) return (over === undefined ? base : over) as T;
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value as never);
  }
  return result as T;
}

function isPlainMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isExpression(value);
}
