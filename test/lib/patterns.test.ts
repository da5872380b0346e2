import { isIP } from 'node:net';
import * as patterns from '../../lib/patterns';
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
    ['cluster.local', 'a', 'k8s-1.example'],
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
    ['', '30s', '1m30s', '500ms', '1h'],
    ['30', 's', '30 s', '1.5s', '-1s'],
  ],
  ['IMAGE_REGISTRY', patterns.IMAGE_REGISTRY, ['', 'registry.example', 'localhost:5000'], ['a/b', 'http://a', 'a b']],
  ['IMAGE_REPOSITORY', patterns.IMAGE_REPOSITORY, ['a', 'dns/k8s-dns-node-cache'], ['', '/a', 'a/', 'A', 'a:1', 'a b']],
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
