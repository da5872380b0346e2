/**
 * Values with one thing changed, at any depth: most are wrong then, some are not (the edge of a range, a text that fits
 * all the same). Nothing here says which; that is what the schema, the constructs and Helm have to agree upon.
 */
import { misfits } from '../../lib/helm/check';
import { merge, type Schema } from '../../lib/helm/values';
import { DECLARATION, DEFAULTS, type UserValues, type Values } from '../../lib/values';
import fc from '../support/property';
import { anyValues } from '../support/values';

type Path = readonly string[];
type Map = Readonly<Record<string, unknown>>;

/** A value and what is declared of it. */
interface Place {
  readonly path: Path;
  readonly schema: Schema;
  /** After defaults. */
  readonly value: unknown;
  /** As the user gave it. */
  readonly given: unknown;
}

/** A new value, and the name that it makes wrong, if that is a name in the value. */
interface Change {
  readonly to: unknown;
  readonly name?: string;
}

/** Values with a change. */
export interface Mutated {
  readonly kind: string;
  /** The names that lead to what was changed. */
  readonly path: Path;
  readonly values: UserValues;
}

const isMap = (value: unknown): value is Map => typeof value === 'object' && value !== null && !Array.isArray(value);
const at = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Map)[name] : undefined;

/** Every place that the schema knows, and the objects in lists and maps that are there. */
function places({ schema, value, given, path }: Place): Place[] {
  const { properties = {}, additionalProperties, items } = schema as Readonly<Record<string, Schema | undefined>>;
  const below = (name: string, inner: Schema): Place[] =>
    places({ path: [...path, name], schema: inner, value: at(value, name), given: at(given, name) });
  const declared = Object.entries(properties as Readonly<Record<string, Schema | false>>);
  const known = declared.flatMap(([name, inner]) => (inner ? below(name, inner) : []));
  const names = value === null || value === undefined || typeof value !== 'object' ? [] : Object.keys(value);
  const inner = Array.isArray(value) ? items : additionalProperties;
  const others = isMap(inner)
    ? names.filter((name) => !(name in properties)).flatMap((name) => below(name, inner))
    : [];
  return [{ path, schema, value, given }, ...known, ...others];
}

/** A name that is nearly this one. */
const misspelt = (name: string): string => name.slice(0, 1) + name.slice(2, 3) + name.slice(1, 2) + name.slice(3) + 's';
/** Names that nobody declared; some are those of every object in JavaScript. */
const UNKNOWN = ['zzz', 'constructor', '__proto__', 'toString', '', 'a b', 'a/b~c', 'Mode', 'length'];
const OTHERS: readonly unknown[] = ['text', 7, 1.5, true, [], ['a'], {}, { a: 'b' }];

const texts = (value: unknown): string[] => {
  const text = typeof value === 'string' ? value : 'a';
  const half = text.length >> 1;
  return [
    ...[
      ` ${text}`,
      `${text} `,
      `${text.slice(0, half)} ${text.slice(half)}`,
      `${text}\n`,
      `\t${text}`,
      `${text}\u0000`,
    ],
    ...[
      '',
      ' ',
      '\n',
      `${text}"`,
      `${text}\\`,
      `${text}.`,
      `.${text}`,
      `-${text}`,
      `${text}-`,
      `${text}/`,
      `${text}:1`,
    ],
    ...[text.toUpperCase(), `${text}ü`, `${text}\u2028`, `${text}😀`, `${text}a`, text.slice(1), text.repeat(70)],
    ...['0', '01', '1.2.3.4', '::', '::ffff:1.2.3.4', 'fe80::1%eth0', '1m', 'a.b', 'a_b', 'a--b', '{{ .Values.mode }}'],
  ];
};

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const filled = (value: unknown, { items }: Schema): unknown[] =>
  list(value).length > 0 ? list(value) : [(items as Schema | undefined)?.type === 'object' ? { name: 'a' } : 'a'];
const set = (given: unknown, name: string, to: unknown): Change => ({ to: { ...(given as Map), [name]: to }, name });
const values = (...all: unknown[]): Change[] => all.map((to) => ({ to }));

/** What may be done at a place, by kind of change; nothing where the kind has no meaning. */
const CHANGES: Readonly<Record<string, (place: Place) => Change[]>> = {
  'a name that is unknown': ({ schema, given }) =>
    schema.additionalProperties === false ? UNKNOWN.map((name) => set(given, name, 1)) : [],
  'a name that is unknown, with nothing': ({ schema, given }) =>
    schema.additionalProperties === false ? UNKNOWN.map((name) => set(given, name, null)) : [],
  'a name misspelt': ({ schema, given, value }) =>
    Object.keys((schema.properties as Map | undefined) ?? {}).map((name) =>
      set(given, misspelt(name), at(value, name) ?? 1),
    ),
  'a name that is left out': ({ schema, value, path }) =>
    isMap(value) && path.some((name) => /^[0-9]+$/.test(name) || name === 'stubDomains' || name === 'rewrites')
      ? list(schema.required).map((name) => {
          const { [name as string]: _, ...rest } = value;
          return { to: rest, name: name as string };
        })
      : [],
  'a name that may not be one': ({ schema, given }) =>
    (schema.propertyNames as Schema | undefined)?.pattern
      ? ['A', 'a b', 'a.', '', 'a.b', '*', 'constructor', '__proto__'].map((name) => set(given, name, { to: ['b'] }))
      : [],
  'a label that is taken': ({ schema, given }) =>
    Object.entries((schema.properties as Map | undefined) ?? {}).flatMap(([name, inner]) =>
      inner === false ? [set(given, name, 'a')] : [],
    ),
  'no text in a map of texts': ({ schema, given }) =>
    (schema.additionalProperties as Schema | undefined)?.type === 'string'
      ? [1, true, null, [], {}, 'text'].map((to) => set(given, 'mine', to))
      : [],
  'another type': ({ schema }) => values(...OTHERS.filter((other) => typeof other !== schema.type)),
  'a number as text': ({ schema, value }) => (schema.type === 'integer' ? values(String(value), '1e3', '') : []),
  'text that YAML reads as another thing': ({ schema }) =>
    schema.type === 'string' ? values(1.26, true, 8080, 0) : [],
  'a fraction': ({ schema, value }) =>
    schema.type === 'integer' ? values(Number(value) + 0.5, 1e-9, Number(value) + 1e-12) : [],
  'a number out of range': ({ schema: { type, minimum, maximum } }) =>
    type === 'integer'
      ? values(Number(minimum) - 1, Number(maximum) + 1, -(2 ** 31), 2 ** 53, 1e21, Number.MAX_VALUE)
      : [],
  'a number at the edge': ({ schema: { type, minimum, maximum } }) =>
    type === 'integer' ? values(minimum, maximum) : [],
  'another text': ({ schema, value }) => (schema.type === 'string' && !schema.enum ? values(...texts(value)) : []),
  'a word that is no choice': ({ schema }) =>
    schema.enum && schema.type === 'string'
      ? values(...texts((schema.enum as string[]).at(-1)), misspelt((schema.enum as string[]).at(-1) as string))
      : [],
  nothing: () => values(null),
  'a list in place of an object': ({ schema }) => (schema.type === 'object' ? values([], [{}], ['a']) : []),
  'an object in place of a list': ({ schema }) => (schema.type === 'array' ? values({}, { 0: 'a' }, { a: [] }) : []),
  'an empty list': ({ schema }) => (schema.type === 'array' ? values([]) : []),
  'a list that is long': ({ schema, value }) =>
    schema.maxItems
      ? values(
          Array.from(
            { length: Number(schema.maxItems) + 1 },
            (_, index) => filled(value, schema)[index] ?? `a${index}`,
          ),
        )
      : [],
  'an item twice': ({ schema, value }) =>
    schema.type === 'array' ? values([...filled(value, schema), filled(value, schema)[0]]) : [],
  'an item that is nothing': ({ schema, value }) => (schema.type === 'array' ? values([...list(value), null]) : []),
  'an item of another type': ({ schema, value }) =>
    schema.type === 'array' ? values(...OTHERS.map((other) => [...list(value), other])) : [],
};

/** Every kind of change. */
export const KINDS = Object.keys(CHANGES);

/** The user's values with another value at a path; of a list the whole is given, as Helm wants it. */
function changed(given: unknown, value: unknown, [name, ...rest]: Path, to: unknown): unknown {
  if (name === undefined) return to;
  const inner = changed(at(given, name), at(value, name), rest, to);
  if (!Array.isArray(value)) return { ...(isMap(given) ? given : {}), [name]: inner };
  return (Array.isArray(given) ? given : value).map((item, index) => (String(index) === name ? inner : item));
}

interface Choice {
  readonly place: Place;
  readonly change: Change;
}

/** The choices of one kind, by the first name of their path: alerts are many and would drown the others. */
function choices(kind: string, given: UserValues): Choice[][] {
  const found: Record<string, Choice[]> = {};
  const value = merge<Values>(DEFAULTS, given);
  for (const place of places({ path: [], schema: DECLARATION.schema, value, given })) {
    for (const change of CHANGES[kind](place)) {
      if (place.path.length === 0 && change.name === undefined) continue; // Values are a map; Helm takes no others.
      const name = place.path[0] ?? '';
      found[name] ??= [];
      found[name].push({ place, change });
    }
  }
  return Object.values(found);
}

/** Values of every list and map of objects, so that there is something to change in each. */
const FULL: UserValues = {
  image: { pullSecrets: ['a'] },
  clusterDNS: { ips: ['10.96.0.10'] },
  hosts: [{ ip: '192.0.2.1', names: ['a'] }],
  stubDomains: { 'a.example': { to: ['192.0.2.1'], protocol: 'force_tcp', ttlSeconds: 5 } },
  rewrites: { 'b.example': { to: 'c.example', exact: true } },
  extraClusterDomains: ['old.example'],
  zones: { external: { errors: { consolidate: [{ pattern: 'a', seconds: 5 }] }, log: { classes: ['error'] } } },
  networkPolicy: { enabled: true, namespaces: ['shop'] },
  daemonSet: { env: [{ name: 'A' }], updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } } },
  extraManifests: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }],
  nodePools: [
    {
      name: 'gpu',
      nodeLabel: { key: 'pool', values: ['gpu'] },
      values: { localIPs: ['169.254.20.11'], hosts: [{ ip: '192.0.2.1', names: ['a'] }] },
    },
  ],
};

/** Whether they fit before they are changed. */
const fits = (given: UserValues): boolean => misfits(DECLARATION.schema, merge<Values>(DEFAULTS, given)).length === 0;

/** Any values with one change. @param kinds which are made */
export function mutated(kinds: readonly string[] = KINDS): fc.Arbitrary<Mutated> {
  const base = fc.oneof(anyValues, fc.constantFrom<UserValues>({}, FULL));
  const natural = fc.nat({ max: 2 ** 20 });
  return fc.tuple(base, fc.constantFrom(...kinds), natural, natural).map(([any, kind, one, other]) => {
    const own = fits(any) ? choices(kind, any) : [];
    const [given, found] = own.length > 0 ? [any, own] : [FULL, choices(kind, FULL)];
    const group = found[one % found.length];
    const { place, change } = group[other % group.length];
    const path = change.name === undefined ? place.path : [...place.path, change.name];
    const values = changed(given, merge(DEFAULTS, given), place.path, change.to) as UserValues;
    return { kind, path, values };
  });
}
