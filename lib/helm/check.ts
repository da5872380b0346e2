/**
 * Values against their schema, in sentences that name the value, what it is, what is wanted, and for an unknown name the
 * one that was meant. Helm checks the same schema in words of its own. Knows nothing of DNS.
 */
import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv';
import { nearest } from './nearest';
import type { Schema } from './values';

/** What a pattern means, in words after "wanted": `an IPv4 or IPv6 address`. */
export type PatternWords = Readonly<Record<string, string>>;

const compiled = new WeakMap<Schema, ValidateFunction>();

function validator(schema: Schema): ValidateFunction {
  const known =
    compiled.get(schema) ?? new Ajv({ allErrors: true, allowUnionTypes: true, verbose: true }).compile(schema);
  compiled.set(schema, known);
  return known;
}

/**
 * Every way in which values do not fit.
 * @param words of the schema's patterns; one that is not there is shown as it is
 * @returns one line each, `zones.cluster.cache.sucess is not known: did you mean success?`; empty when they fit
 */
export function misfits(schema: Schema, values: unknown, words: PatternWords = {}): string[] {
  const check = validator(schema);
  if (check(values)) return [];
  // The names of an object are checked twice, once with a list for Helm's message; a wrong one is named once here.
  const errors = (check.errors ?? []).filter(({ schemaPath }) => !schemaPath.endsWith('/propertyNames/enum'));
  const lines = errors
    .filter(({ keyword }) => !['propertyNames', 'if'].includes(keyword))
    .map((error) => line(error, words));
  return [...new Set(lines)];
}

function line(error: ErrorObject, words: PatternWords): string {
  const { keyword, params, instancePath, propertyName } = error;
  const path = pathOf(instancePath);
  if (keyword === 'additionalProperties') return unknownName(path, params.additionalProperty, error);
  if (keyword === 'false schema') return `${path} may not be set`;
  if (keyword === 'required')
    return `${joined(path, params.missingProperty)} is missing: it needs a value, and null takes its default away`;
  if (propertyName !== undefined)
    return `${joined(path, propertyName)} cannot be a name there: wanted ${wanted(error, words)}`;
  const said = String(JSON.stringify(error.data)); // Undefined, too, which only TypeScript can give.
  const shown = said.length > 60 ? `${said.slice(0, 57)}...` : said;
  return `${path} is ${shown}: wanted ${wanted(error, words)}`;
}

function unknownName(path: string, name: string, { parentSchema }: ErrorObject): string {
  const names = Object.keys((parentSchema?.properties as object | undefined) ?? {});
  const meant = nearest(name, names);
  const said = meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`;
  return `${joined(path, name)} is not known: ${said}`;
}

/** What the schema asks for, by the keyword that failed. */
function wanted({ keyword, params, parentSchema, data }: ErrorObject, words: PatternWords): string {
  const { minimum, maximum } = (parentSchema ?? {}) as Readonly<Record<string, unknown>>;
  switch (keyword) {
    case 'type':
      return minimum === undefined ? article(String(params.type)) : `an integer, ${minimum} to ${maximum}`;
    case 'minimum':
    case 'maximum':
      return `${minimum} to ${maximum}`;
    case 'pattern':
      return patternWords(params.pattern, String(data), words);
    case 'maxLength':
      return `at most ${params.limit} letters, and it has ${String(data).length}`;
    case 'enum': {
      const options = params.allowedValues as unknown[];
      const meant = typeof data === 'string' ? nearest(data, options.map(String)) : undefined;
      return options.map((option) => JSON.stringify(option)).join(' or ') + (meant ? ` (did you mean ${meant}?)` : '');
    }
    case 'minItems':
      return `${params.limit} or more of them`;
    case 'maxItems':
      return `${params.limit} or fewer of them`;
    case 'uniqueItems':
      return 'each of them once';
    default:
      return JSON.stringify(params);
  }
}

function patternWords(pattern: string, data: string, words: PatternWords): string {
  const bare = data.replace(/\s/g, '');
  const isBlankOnly = bare !== data && new RegExp(pattern).test(bare);
  return (words[pattern] ?? `text that fits ${pattern}`) + (isBlankOnly ? ', without blanks' : '');
}

function article(type: string): string {
  if (type === 'integer') return 'an integer';
  return `${/^[aeio]/.test(type) ? 'an' : 'a'} ${type}`;
}

/** `/localIPs/0` as people write it: `localIPs[0]`. */
function pathOf(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => (/^[0-9]+$/.test(part) ? `${path}[${part}]` : joined(path, part)), '');
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
