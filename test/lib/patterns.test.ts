import { isIP } from 'node:net';
import Ajv from 'ajv';
import type { Schema } from '../../lib/helm/values';
import { merge } from '../../lib/helm/values';
import { refuseMisfits } from '../../lib/misfits';
import * as patterns from '../../lib/patterns';
import { DEFAULTS, type Values } from '../../lib/values';
import fc from '../support/property';

const PATTERNS: [string, string, string[], string[]][] = [
  [
    'IP',
    patterns.IP,
    [
      '0.0.0.0',
      '169.254.20.10',
      '255.255.255.255',
      '::',
      '::1',
      'fd00::10',
      '1:2:3:4:5:6:7:8',
      '1::8',
      '1:2:3:4:5:6:7::',
    ],
    [
      '',
      '1.2.3',
      '1.2.3.256',
      '01.2.3.4',
      '1.2.3.4 ',
      '1.2.3.4,5.6.7.8',
      ':::',
      '1::2::3',
      '12345::',
      'fe80::1%eth0',
      '::ffff:1.2.3.4',
    ],
  ],
  [
    'UPSTREAM',
    patterns.UPSTREAM,
    ['9.9.9.9', '9.9.9.9:5353', 'fd00::1', '[fd00::1]:53', 'tls://9.9.9.9', 'dns://[fd00::1]:53', '/etc/resolv.conf'],
    [
      '',
      'dns.quad9.net',
      '9.9.9.9:0',
      '9.9.9.9:65536',
      '[fd00::1]',
      'https://9.9.9.9',
      '/etc/resolv.conf }',
      '9.9.9.9 8.8.8.8',
    ],
  ],
  [
    'DOMAIN',
    patterns.DOMAIN,
    ['cluster.local', 'a', 'k8s-1.example', '_msdcs.ad.example'],
    ['', '.', 'cluster.local.', 'Cluster.local', '-a', 'a..b', 'a b'],
  ],
  ['OBJECT_NAME', patterns.OBJECT_NAME, ['kube-dns', 'a', 'a1'], ['', '1a', 'a-', 'A', 'a.b', 'a'.repeat(64)]],
  ['NAMESPACE_OR_EMPTY', patterns.NAMESPACE_OR_EMPTY, ['', 'kube-system', '1a'], ['-', 'a.b', 'A']],
  [
    'INTERFACE',
    patterns.INTERFACE,
    ['nodelocaldns', 'dns.0', 'a'.repeat(15)],
    ['', 'a'.repeat(16), 'a/b', 'a b', '-a'],
  ],
  [
    'DURATION_OR_EMPTY',
    patterns.DURATION_OR_EMPTY,
    ['', '30s', '1m30s', '500ms', '1h', '1d12h', '2w'],
    ['30', 's', '30 s', '1.5s', '-1s', '30s1m', '5m5m'],
  ],
  [
    'GO_DURATION_OR_EMPTY',
    patterns.GO_DURATION_OR_EMPTY,
    ['', '30s', '30s1m', '500ms'],
    ['30', '1d', '2w', '1.5s', '-1s', ' 1s'],
  ],
  [
    'IMAGE_REGISTRY',
    patterns.IMAGE_REGISTRY,
    ['', 'registry.example', 'localhost:5000', '[fd00::1]:5000', 'a-b.Example'],
    ['a/b', 'http://a', 'a b', '-a', 'a-', 'a..b', '.', ':5000', 'fd00::1'],
  ],
  [
    'IMAGE_REPOSITORY',
    patterns.IMAGE_REPOSITORY,
    ['a', 'dns/k8s-dns-node-cache', 'a.b/c_d/e__f/g---h'],
    ['', '/a', 'a/', 'A', 'a:1', 'a b', 'a//b', 'a..b', 'a___b', 'a/-b', 'a.-b'],
  ],
  ['SAMPLE_LABEL', patterns.SAMPLE_LABEL, ['team', '_a1'], ['', '1a', 'a-b', 'a.b', 'a/b']],
  ['IMAGE_TAG', patterns.IMAGE_TAG, ['', '1.26.8', 'v1_x'], ['.1', 'a b', 'a:b', 'a'.repeat(129)]],
  [
    'IMAGE_DIGEST',
    patterns.IMAGE_DIGEST,
    ['', `sha256:${'0a'.repeat(32)}`],
    ['sha256:', `sha256:${'0A'.repeat(32)}`, 'sha512:00'],
  ],
  ['JOB_OR_EMPTY', patterns.JOB_OR_EMPTY, ['', 'node-local-dns', 'kube-system/dns'], ['a"b', "a'b", 'a b', 'a\\b']],
  [
    'COREFILE',
    patterns.COREFILE,
    ['', '.:53 {\n\twhoami\n}\n', '# ünïcode {{ }}'],
    ['a\r\n', '\u0000', 'a\u001bb', '\u007f'],
  ],
];

describe.each(PATTERNS)('%s', (_, pattern, good, bad) => {
  const expression = new RegExp(pattern);

  test.each(good)('takes %j', (text) => {
    expect(expression.test(text)).toBe(true);
  });

  test.each(bad)('refuses %j', (text) => {
    expect(expression.test(text)).toBe(false);
  });

  test('is written in what Go reads, too: no look-around, no back-references, no \\u', () => {
    expect(pattern).not.toMatch(/\(\?[=!<]|\\[1-9]|\\u/);
  });
});

test('IP agrees with the runtime on anything like an address', () => {
  const piece = fc.constantFrom(':', '::', '.', '0', '1', 'ff', 'abcd', '255', '256', '12345');
  const like = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.array(piece, { maxLength: 16 }).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(like, (text) => {
      fc.pre(!(text.includes(':') && text.includes('.'))); // Embedded IPv4 is refused on purpose.
      expect(new RegExp(patterns.IP).test(text)).toBe(isIP(text) !== 0);
    }),
    { numRuns: 3000 },
  );
});

describe('Kubernetes takes what the schema takes', () => {
  /** Its rules, in the words of its functions: a cut, a length and a set of letters at a time. */
  const isLabel = (text: string): boolean => text.length <= 63 && /^[a-z0-9-]+$/.test(text) && !/^-|-$/.test(text);
  const isSubdomain = (text: string): boolean =>
    text.length <= 253 && text.split('.').every((part) => /^[a-z0-9-]+$/.test(part) && !/^-|-$/.test(part));
  const isName = (text: string): boolean =>
    text.length <= 63 && /^[A-Za-z0-9._-]+$/.test(text) && /^[A-Za-z0-9].*$/.test(text) && /[A-Za-z0-9]$/.test(text);
  const isQualified = (text: string): boolean => {
    const [name, prefix, ...more] = text.split('/').reverse();
    return isName(name) && (prefix === undefined || isSubdomain(prefix)) && more.length === 0;
  };
  const isPort = (text: string): boolean =>
    text.length <= 15 && /^[a-z0-9-]+$/.test(text) && /[a-z]/.test(text) && !/--|^-|-$/.test(text);

  const RULES: [string, Schema, (text: string) => boolean, string[], string[]][] = [
    ['IsDNS1123Label', { pattern: patterns.LABEL_NAME }, isLabel, ['a', '1a', 'a--b'], ['a_b', 'a.b', 'A']],
    [
      'IsDNS1035Label',
      { pattern: patterns.OBJECT_NAME },
      (text) => isLabel(text) && /^[a-z]/.test(text),
      ['a', 'a--1', 'a'.repeat(63)],
      ['1a', 'a.b'],
    ],
    [
      'IsDNS1123Subdomain',
      { pattern: patterns.SUBDOMAIN, maxLength: patterns.NAME_MAX },
      isSubdomain,
      ['a', 'a.b-1', 'a'.repeat(64), `${'a'.repeat(126)}.${'b'.repeat(126)}`],
      ['a..b', '.a', 'a.', 'a.-b', 'a'.repeat(254)],
    ],
    [
      'IsQualifiedName',
      { pattern: patterns.LABEL_KEY, maxLength: patterns.LABEL_KEY_MAX },
      isQualified,
      ['a', 'A_b.c-D', 'kubernetes.io/os', `${'a'.repeat(253)}/${'b'.repeat(63)}`],
      ['', '/a', 'a/', 'a/b/c', 'A/b', 'a b', '_a', 'b'.repeat(64)],
    ],
    [
      'ValidateAnnotations',
      { pattern: patterns.ANNOTATION_KEY, maxLength: patterns.LABEL_KEY_MAX },
      (text) => isQualified(text.toLowerCase()),
      ['a', 'Example.com/A'],
      ['', 'a/b/c', 'ü'],
    ],
    [
      'IsValidLabelValue',
      { pattern: patterns.LABEL_VALUE },
      (text) => text === '' || isName(text),
      ['', '1', 'true', 'A_b.c-D', 'a'.repeat(63)],
      ['a b', '-a', 'a.', 'a/b', 'a'.repeat(64)],
    ],
    [
      'IsValidPortName',
      { pattern: patterns.PORT_NAME, maxLength: patterns.PORT_NAME_MAX },
      isPort,
      ['dns', 'dns-tcp', 'udp-53', '53-udp', '5a3', 'a'.repeat(15)],
      ['', '53', 'a--b', '-a', 'a-', 'DNS', 'a.b', 'a'.repeat(16)],
    ],
    [
      'resource.Quantity',
      { pattern: patterns.QUANTITY },
      (text) => /^(\d{1,18}(\.\d{0,9})?|\.\d{1,9})(([KMGTPE]i|[numkMGTPE])?|[eE][+-]?\d{1,2})$/.test(text),
      ['0', '100m', '64Mi', '1.5Gi', '.5', '1e3', '2E', '1.'],
      ['', '64MB', '64mb', '64K', '1 Gi', '-1', '1Gi.', 'Mi', '1e', '1,5'],
    ],
  ];

  test.each(RULES)('%s', (_, schema, rule, good, bad) => {
    const check = new Ajv().compile({ type: 'string', ...schema });
    for (const text of good) expect([text, check(text), rule(text)]).toEqual([text, true, true]);
    for (const text of bad) expect([text, check(text), rule(text)]).toEqual([text, false, false]);
    const piece = fc.constantFrom(
      'a',
      'Z',
      '0',
      '5',
      '-',
      '--',
      '.',
      '_',
      '/',
      'Mi',
      'm',
      'e',
      '+',
      ' ',
      'a'.repeat(31),
    );
    const like = fc.oneof(
      fc.stringMatching(new RegExp(schema.pattern as string)),
      fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join('')),
    );
    const agrees = fc.property(like, (text) => expect([text, check(text)]).toEqual([text, rule(text)]));
    fc.assert(agrees, { numRuns: 2000 });
  });

  test('and says in words what it wanted', () => {
    const values = (portNames: object) => merge<Values>(DEFAULTS, { cilium: { localRedirectPolicy: { portNames } } });
    const refuse = (portNames: object) => () => refuseMisfits(values(portNames));
    expect(refuse({ udp: 'dns--udp' })).toThrow('portNames.udp is "dns--udp": wanted a name of a port');
    expect(refuse({ udp: 'a'.repeat(16) })).toThrow('wanted at most 15 letters, and it has 16');
    const labels = (commonLabels: object) => () => refuseMisfits(merge<Values>(DEFAULTS, { commonLabels } as never));
    expect(labels({ team: 'a b' })).toThrow('commonLabels.team is "a b": wanted a value of a label');
    expect(labels({ 'a b': 'c' })).toThrow('commonLabels.a b cannot be a name there: wanted a key as labels have');
    expect(labels({ 'k8s-app': 'c' })).toThrow('commonLabels.k8s-app may not be set');
  });
});
