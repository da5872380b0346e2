/**
 * Values of a chart, declared once: name, type, default, constraint, sentence. From the declaration come the TypeScript
 * type, the defaults, the expressions, and (values-files.ts) values.yaml, values.schema.json and a README table.
 * Knows nothing of DNS.
 */
import { Expression, type ExpressionKind, isExpression, isTemplated, operand, wholeAs } from './token';

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
  /** Present in lists and maps of objects: what each holds. */
  readonly items?: Fields;
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
  limits: { pattern?: string; maxLength?: number; enum?: string[] } = {},
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
  return { initial, sentence, kind: 'tree', fields, schema: closed(properties, required) };
}

/** An object with these properties only. `propertyNames` adds nothing but words: it makes Helm name those there are. */
function closed(properties: Readonly<Record<string, Schema>>, required: readonly string[]): Schema {
  const propertyNames = { enum: Object.keys(properties) };
  return { type: 'object', additionalProperties: false, propertyNames, required, properties };
}

/** What the objects of a list or map are like. */
export interface Shape<F extends Fields, R extends keyof F> {
  readonly fields: F;
  /** Names that every object has. */
  readonly required: readonly R[];
}

/** An object as a user writes it: what is not required may be left out. */
export type ItemOf<F extends Fields, R extends keyof F> = Pick<ValuesOf<F>, R> & Partial<Omit<ValuesOf<F>, R>>;

/**
 * Declares objects.
 * @throws Error for a default that a template cannot fill in: there a 0, '' or false counts as left out
 */
export function shape<F extends Fields, R extends keyof F & string>(fields: F, required: R[]): Shape<F, R> {
  for (const [name, { initial, fields: inner, schema }] of Object.entries(fields)) {
    const isLost = Boolean(initial) && !Array.isArray(initial) && takesEmpty(schema);
    if (inner || isLost) throw new Error(`Give '${name}' no group, and no default where 0, '' or false is allowed`);
  }
  return { fields, required };
}

function takesEmpty({ type, minimum, enum: words }: Schema): boolean {
  if (type === 'integer') return (minimum as number) <= 0;
  if (type === 'string') return !Array.isArray(words) || words.includes('');
  return true;
}

function itemSchema<F extends Fields, R extends keyof F & string>({ fields, required }: Shape<F, R>): Schema {
  const properties = Object.entries(fields).map(([name, { sentence, schema }]) => [
    name,
    { description: sentence, ...schema },
  ]);
  return closed(Object.fromEntries(properties) as Record<string, Schema>, required);
}

/** A list of objects. */
export function objects<F extends Fields, R extends keyof F & string>(
  sentence: string,
  shape: Shape<F, R>,
  limits: Schema = {},
): Field<ItemOf<F, R>[]> {
  const schema = { type: 'array', items: itemSchema(shape), ...limits };
  return { initial: [], sentence, kind: 'tree', items: shape.fields, schema };
}

/** Objects by names that the user chooses; `keys` is the schema of a name. May be null: empty. */
export function entries<F extends Fields, R extends keyof F & string>(
  sentence: string,
  shape: Shape<F, R>,
  keys: Schema,
): Field<Record<string, ItemOf<F, R>>> {
  const schema = { type: 'object', propertyNames: keys, additionalProperties: itemSchema(shape) };
  return { initial: {}, sentence, kind: 'tree', items: shape.fields, schema };
}

/** An object with defaults for what it leaves out. */
export function completed<F extends Fields, R extends keyof F>({ fields }: Shape<F, R>, item: object): ValuesOf<F> {
  const initial = Object.entries(fields).map(([name, field]) => [name, field.initial]);
  return { ...Object.fromEntries(initial), ...item } as ValuesOf<F>;
}

/** The fields of an object in a template: `$stub.ttlSeconds | default 30`. */
export function itemExpressions<F extends Fields, R extends keyof F>(
  { fields, required }: Shape<F, R>,
  path: string,
): ValuesOf<F> {
  const expressions = Object.entries(fields).map(([name, { initial, kind }]) => {
    const code = `${path}.${name}`;
    const isThere = (required as readonly string[]).includes(name);
    return [name, new Expression(isThere ? code : `${code} | default ${operand(initial)}`, kind)];
  });
  return Object.fromEntries(expressions) as ValuesOf<F>;
}

/** The schema of some of the fields: as in a group, and nothing is required at any depth. */
export function partialSchema(fields: Fields): Schema {
  const properties = Object.entries(fields).map(([name, { fields: inner, schema }]) => [
    name,
    inner ? partialSchema(inner) : schema,
  ]);
  const { required: _, ...schema } = closed(Object.fromEntries(properties) as Record<string, Schema>, []);
  return schema;
}

/** Every leaf as the expression that Helm evaluates: `.Values.image.tag`, and the same type as the plain value. */
export function expressions<F extends Fields>(fields: F, path = '.Values'): ValuesOf<F> {
  const entries = Object.entries(fields).map(([name, field]) => {
    const below = `${path}.${name}`;
    return [name, field.fields ? expressions(field.fields, below) : new Expression(below, field.kind)];
  });
  return wholeAs(Object.fromEntries(entries) as ValuesOf<F>, path);
}

/** A group as {@link expressions} makes it, for a group that has a name of its own in a template: `$zone`. */
export function groupExpressions<T>({ fields = {} }: Field<T>, path: string): T {
  return expressions(fields, path) as T;
}

/**
 * What Helm makes of a chart's values and a user's: maps merge key by key, everything else replaces, null deletes what
 * the chart has and is null elsewhere. What is undefined is not given.
 * @returns a new object; `base` and `over` stay as they are
 */
export function merge<T>(base: T, over: Partially<T> | undefined): T {
  if (!isPlainMap(base) || !isPlainMap(over) || isTemplated(over)) return (over === undefined ? base : over) as T;
  const result = new Map(Object.entries(base)); // No object: there the key __proto__ is no key.
  for (const [key, value] of Object.entries(over)) {
    if (value === null && result.has(key)) result.delete(key);
    else if (value !== undefined) result.set(key, merge(result.get(key), value as never));
  }
  return Object.fromEntries(result) as T;
}

function isPlainMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isExpression(value);
}
