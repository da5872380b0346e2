/**
 * `UserValues` as editors show it: an interface with the sentence, default and limits of every value, where the compiler
 * by itself writes nested expressions of `group` without a word. Part of the npm package only.
 */
import type { Field, Fields, Schema } from '../helm/values';

/** How the type of a value is written: of the value at a path, `image.tag` for instance. */
export type TypeText = (path: string) => string;

/**
 * The declaration file.
 * @param fields every value
 * @param typeText TypeScript of a leaf
 */
export function userValuesFile(fields: Fields, typeText: TypeText): string {
  const head =
    '/** Values as a user gives them: only what differs from the defaults. */\nexport interface UserValues {';
  return [head, ...members(fields, typeText, '', 1), '}', ''].join('\n');
}

function members(fields: Fields, typeText: TypeText, prefix: string, depth: number): string[] {
  const pad = '  '.repeat(depth);
  return Object.entries(fields).flatMap(([name, field]) => {
    const path = prefix + name;
    if (field.fields) {
      const below = members(field.fields, typeText, `${path}.`, depth + 1);
      return [`${pad}/** ${safe(field.sentence)} */`, `${pad}readonly ${name}?: {`, ...below, `${pad}};`];
    }
    const head = `${pad}readonly ${name}?: `;
    if (field.items) return [...comment(field, pad), ...collection(field, field.items, head, depth)];
    return [...comment(field, pad), `${head}${unchanging(narrowed(field.schema) ?? typeText(path))};`];
  });
}

/** A list of objects, or objects by names; each has leaves only, which their schema describes. */
function collection({ schema }: Field<unknown>, items: Fields, head: string, depth: number): string[] {
  const isList = schema.type === 'array';
  const { required } = (isList ? schema.items : schema.additionalProperties) as { required: readonly string[] };
  const pad = '  '.repeat(depth);
  const below = Object.entries(items).flatMap(([name, field]) => [
    ...comment(field, `${pad}  `, required.includes(name)),
    `${pad}  readonly ${name}${required.includes(name) ? '' : '?'}: ${unchanging(schemaType(field.schema))};`,
  ]);
  return isList
    ? [`${head}readonly {`, ...below, `${pad}}[];`]
    : [`${head}Readonly<Record<string, {`, ...below, `${pad}}>>;`];
}

/** @throws Error for a type that no object in a list has so far */
function schemaType(schema: Schema): string {
  const { type, items } = schema as { type: string; items?: Schema };
  const known = { string: 'string', integer: 'number', boolean: 'boolean' } as Record<string, string>;
  const text = narrowed(schema) ?? (type === 'array' && items ? `${schemaType(items)}[]` : known[type]);
  if (text === undefined) throw new Error(`No TypeScript for ${JSON.stringify(schema)}`);
  return text;
}

/** Lists are read only: a user's may be constants. */
function unchanging(type: string): string {
  return type.endsWith('[]') ? `readonly ${type}` : type;
}

function comment({ sentence, schema, initial }: Field<unknown>, pad: string, isRequired = false): string[] {
  const said = [sentence, limits(schema)].filter(Boolean).join(' ');
  if (isRequired) return [`${pad}/** ${safe(said)} */`];
  return [`${pad}/**`, `${pad} * ${safe(said)}`, `${pad} * @default ${safe(JSON.stringify(initial))}`, `${pad} */`];
}

/** A comment must not end early. */
function safe(text: string): string {
  return text.replaceAll('*/', '*\\/').replaceAll('\n', ' ');
}

/** The texts that are allowed, where they are few. */
function narrowed({ enum: allowed }: Schema): string | undefined {
  return Array.isArray(allowed) ? allowed.map((value) => JSON.stringify(value)).join(' | ') : undefined;
}

function limits({ minimum, maximum, minItems, maxItems }: Schema): string {
  if (minimum !== undefined) return `From ${minimum} to ${maximum}.`;
  if (maxItems === undefined) return '';
  return minItems === undefined ? `At most ${maxItems}.` : `From ${minItems} to ${maxItems} of them.`;
}
