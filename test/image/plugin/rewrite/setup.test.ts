import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REGEXP_CHARACTERS_MAX } from '../../../../image/limits';
import type { RewriteOptions } from '../../../../image/plugin/rewrite/setup';
import { type Row, tables } from '../../../support/coredns-tables';
import { bodyRefusal, optionsOf } from '../../../support/corefile';
import { needs } from '../../../support/needs';

const rulesOf = (body: string) => optionsOf<RewriteOptions>('rewrite', body).rules;
const RECORDED: readonly (readonly [string, string | null])[] = JSON.parse(
  readFileSync(join(__dirname, '../forwarded/said/rewrite-setup.json'), 'utf8'),
);

test.each(RECORDED)('%j is taken or refused as k8s-dns-node-cache 1.26.8 does', (body, message) => {
  expect(bodyRefusal(body)).toBe(message ?? undefined);
});

test.each([
  [
    'name a.Example b.example',
    { kind: 'name', match: { kind: 'exact', from: 'a.example.' }, to: 'b.example.', auto: true },
  ],
  ['name PREFIX foo bar', { match: { kind: 'prefix', from: 'foo.' }, to: 'bar.', auto: false, answers: [] }],
  ['name regex A(.) {1}.B', { match: { kind: 'regex', from: 'A(.)' }, to: '{1}.b.' }],
  [
    'name suffix a b answer auto answer value X y',
    { auto: true, answers: [{ part: 'value', pattern: 'X', to: 'y.' }] },
  ],
  ['type mx TXT', { kind: 'type', from: 15, to: 16 }],
  ['class ch in', { kind: 'class', from: 3, to: 1 }],
  ['ttl a 10-', { kind: 'ttl', match: { kind: 'exact', from: 'a.' }, minSeconds: 10, maxSeconds: 2147483647 }],
  ['ttl suffix a -10', { match: { kind: 'suffix', from: 'a.' }, minSeconds: 0, maxSeconds: 10 }],
  ['rcode regex ^a 2 nxdomain', { kind: 'rcode', match: { kind: 'regex', from: '^a' }, from: 2, to: 3 }],
  ['cname A.example. B.example', { kind: 'cname', match: { kind: 'exact', from: 'a.example.' }, to: 'b.example' }],
  ['edns0 local set 0xffee 0xABcd', { kind: 'edns0', action: 'set', code: 65518, data: [0xab, 0xcd], revert: false }],
  ['edns0 local append 017 text revert', { action: 'append', code: 15, data: [...Buffer.from('text')], revert: true }],
  ['edns0 local set 1 {qname}', { data: '{qname}' }],
  ['edns0 subnet replace 24 56', { option: 'subnet', action: 'replace', bits4: 24, bits6: 56 }],
  ['edns0 nsid unset', { option: 'nsid', action: 'unset' }],
])('%s', (rule, expected) => {
  expect(rulesOf(`rewrite ${rule}`)).toMatchObject([{ ...expected, continues: false }]);
});

test('rules keep their order, and continue belongs to one rule', () => {
  const rules = rulesOf('rewrite continue type A AAAA\nrewrite stop {\nname a b\n}\nrewrite {\ncontinue\nttl a\n5\n}');
  expect(rules.map(({ kind, continues }) => [kind, continues])).toEqual([
    ['type', true],
    ['name', false],
    ['ttl', true],
  ]);
});

test.each(['name regex PATTERN b', 'ttl regex PATTERN 5', 'rcode regex PATTERN 0 1', 'cname regex PATTERN b.'])(
  'an expression beyond the limit is refused with its length: %s',
  (rule) => {
    const refused = bodyRefusal(`rewrite ${rule.replace('PATTERN', 'x'.repeat(REGEXP_CHARACTERS_MAX + 1))}`);
    expect(refused).toContain(`regex pattern too long: ${REGEXP_CHARACTERS_MAX + 1} > ${REGEXP_CHARACTERS_MAX}`);
  },
);

needs('tables').describe('rows of CoreDNS 1.13.2', () => {
  const words = (row: Row, field: string) => row[field] as string[];
  const verdicts: [string, boolean][] = [
    ...tables('coredns-v1.13.2', 'TestNewRule').map((row): [string, boolean] => [
      words(row, 'args').join(' '),
      row.shouldError === true,
    ]),
    ...(['name', 'rcode', 'ttl'] as const).flatMap((kind) =>
      tables(
        'coredns-v1.13.2',
        { name: 'TestNewNameRule', rcode: 'TestNewRCodeRule', ttl: 'TestNewTTLRule' }[kind],
      ).map((row): [string, boolean] => [
        `${row.next} ${kind} ${words(row, 'args').join(' ')}`,
        row.expectedFail === true,
      ]),
    ),
  ];

  test.each(verdicts)('%s: refused %s', (line, isRefused) => {
    expect(bodyRefusal(`rewrite ${line}`) !== undefined).toBe(isRefused);
  });

  test.each(tables('coredns-v1.13.2', 'TestParse', 'plugin/rewrite/'))('%j', (row) => {
    const refused = bodyRefusal(String(row.inputFileRules));
    expect(refused !== undefined).toBe(row.shouldErr);
    if (row.errContains !== '') expect(refused).toContain(row.errContains);
  });
});
