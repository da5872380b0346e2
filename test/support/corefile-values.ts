/** Values of the Corefile, made up: what a random text would hardly ever be (a directive, a server) comes from lists. */
import type { Field, Schema } from '../../lib/helm/values';
import * as patterns from '../../lib/patterns';
import type { UserValues } from '../../lib/values';
import fc from './property';

/** Lines of a server block, with the blanks and braces that templates trip over. */
const DIRECTIVES = [
  'loadbalance',
  'bufsize 1232',
  '  # {{ not code }} }',
  '',
  ' \t ',
  '\tdns64 # {',
  'template IN TXT a.example {\n    answer "{{ .Name }} 60 IN TXT \\"# } {\\""\n}\n',
];
const plugins = fc.shuffledSubarray(DIRECTIVES).map((lines) => lines.join('\n'));

const BLOCKS = [
  'example.org:53 {\n    errors\n}',
  '\n# {{ not code }}\n',
  'a.example, b.example:5353 {\n\n  template IN A { # {\n    answer "{{ .Name }} 60 IN A 192.0.2.1"\n  }\n\twhoami\n}\n',
  '(mine) {\n    loadbalance\n}\nc.example {\n    import mine\n}   ',
];
const blocks = fc.shuffledSubarray(BLOCKS).map((lines) => lines.join('\n'));
/** Texts that a node would not read: refused by both sides alike. */
const broken = fc.constantFrom('a {', '}', 'a {\n  kubernetes\n}', 'a {\n  log {\n}', 'a {\n  log }\n}');

/** Texts by the name of their value. */
const TEXTS: Record<string, fc.Arbitrary<string>> = {
  extraPlugins: fc.oneof(
    { weight: 100, arbitrary: plugins },
    { weight: 1, arbitrary: fc.constantFrom('redy', '}', 'log {') },
  ),
  extraServerBlocks: fc.oneof({ weight: 20, arbitrary: blocks }, { weight: 1, arbitrary: broken }),
  corefile: fc.oneof({ weight: 20, arbitrary: blocks }, { weight: 1, arbitrary: broken }),
  pattern: fc.constantFrom('i/o timeout$', '^.*[#]+ {2}\\.$', 'a|b', '%s \\d'),
  format: fc.constantFrom('', '{name}', '{combined}', "it's {type} # {>id} %", '{{name}}'),
};

/** Short texts of a pattern whose longest are no names any more. */
const SHORT: readonly string[] = [patterns.DOMAIN, patterns.DOMAIN_OR_EMPTY, patterns.DOMAIN_OR_ROOT];
const SERVERS = [
  ...['192.0.2.53', '192.0.2.53:5353', '2001:db8::53', '[2001:db8::53]:5353', 'tls://192.0.2.53', 'dns://192.0.2.54'],
  ...['/etc/resolv.conf', '__PILLAR__CLUSTER__DNS__', '__PILLAR__UPSTREAM__SERVERS__'],
];

/** What stands for a text of the Corefile, by the name of its value or by its pattern; undefined for others. */
export function corefileText(name: string, { pattern }: Schema): fc.Arbitrary<unknown> | undefined {
  if (pattern === patterns.UPSTREAM) return fc.constantFrom(...SERVERS);
  if (SHORT.includes(pattern as string)) {
    return fc.stringMatching(new RegExp(pattern as string)).filter((text) => text.length <= 100);
  }
  return Object.hasOwn(TEXTS, name) ? TEXTS[name] : undefined;
}

/**
 * Objects in a list or by name.
 * @param leaf makes one field of them
 */
export function objectsOf(
  { items = {}, schema }: Field<unknown>,
  leaf: (name: string, field: Field<unknown>) => fc.Arbitrary<unknown>,
): fc.Arbitrary<unknown> {
  const shape = (schema.items ?? schema.additionalProperties) as { required: string[] };
  const fields = Object.fromEntries(Object.entries(items).map(([name, field]) => [name, leaf(name, field)]));
  const object = fc.record(fields, { requiredKeys: shape.required, noNullPrototype: true });
  if (schema.type === 'array') return fc.array(object, { maxLength: 3 });
  const key = corefileText('', schema.propertyNames as Schema) as fc.Arbitrary<string>;
  return fc.dictionary(key, object, { maxKeys: 3, noNullPrototype: true });
}

const TOKENS = [
  ...[
    'a',
    'b,',
    '(s)',
    '{',
    '{',
    '}',
    '}',
    '}\n',
    '{\n',
    '\n',
    '\n',
    '\n',
    'errors',
    'errors\n',
    'log',
    'redy',
    'import s\n',
  ],
  ...[
    'import',
    '"{"',
    '"}"',
    '"a b"',
    '"\n"',
    '"',
    '\\"',
    '#',
    '# {\n',
    'a#',
    'x#}',
    '{$X}',
    '\u00a0',
    '\t',
    'a { \n errors\n }\n',
  ],
];
/** Texts out of the pieces of a Corefile; few of them are one. */
export const corefileTokens = fc
  .array(fc.tuple(fc.constantFrom(...TOKENS), fc.constantFrom(' ', ' ', '', '\n')), { maxLength: 16 })
  .map((pieces) => pieces.flat().join(''));

type Zones = NonNullable<UserValues['zones']>;

/** What random values of the Corefile contradict nearly always, made to go together; those of pools, too. */
export function corefileTogether(values: UserValues): UserValues {
  const isOld = values.image?.flavor === 'k8s-dns-node-cache';
  const replaced = values.corefile ? { extraServerBlocks: '', stubDomains: {}, rewrites: {}, hosts: [] } : {};
  const grace = { daemonSet: { ...values.daemonSet, terminationGracePeriodSeconds: 200 } };
  const nodePools = values.nodePools?.map((pool) => {
    const { daemonSet, zones } = pool.values ?? {};
    const inTime = daemonSet && { ...daemonSet, terminationGracePeriodSeconds: 200 };
    return {
      ...pool,
      values: { ...pool.values, ...zonesTogether(zones, isOld), ...(inTime && { daemonSet: inTime }) },
    };
  });
  return {
    ...values,
    ...zonesTogether(values.zones, isOld),
    ...replaced,
    ...(values.lameduckSeconds ? { ...grace, lameduckSeconds: 5 } : {}),
    ...(nodePools && { nodePools }),
  };
}

/** @param isOld whether the image has no options of CoreDNS 1.14 */
function zonesTogether(given: UserValues['zones'], isOld: boolean): { zones?: Zones } {
  const older = { verifyTimeoutMs: 1800, ttlSeconds: 30, recheckSeconds: 0 };
  const zones = Object.entries(given ?? {}).map(([name, zone]) => {
    const { forward, cache } = zone ?? {};
    const young = forward && { ...forward, maxAgeSeconds: 0, ...(isOld ? { readTimeoutMs: 2000 } : {}) };
    const serveStale = cache?.serveStale && { ...cache.serveStale, ...(isOld ? older : {}) };
    const kept = cache && { ...cache, ...(serveStale && { serveStale }) };
    return [name, { ...zone, ...(young && { forward: young }), ...(kept && { cache: kept }) }];
  });
  return given ? { zones: Object.fromEntries(zones) as Zones } : {};
}
