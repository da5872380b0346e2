import type { TemplateOptions } from '../../../../image/plugin/template/setup';
import { tables } from '../../../support/coredns-tables';
import { bodyRefusal, optionsOf } from '../../../support/corefile';
import { needs } from '../../../support/needs';

const rules = (body: string) => optionsOf<TemplateOptions>('template', body).rules;
const source = (texts: readonly { source: string }[]) => texts.map((text) => text.source);

test('template has CoreDNS’s defaults', () => {
  expect(rules('template ANY ANY')).toEqual([
    {
      class: 255,
      type: 255,
      zones: ['example.org.'],
      match: ['.*'],
      answer: [],
      additional: [],
      authority: [],
      rcode: 0,
      extendedError: -1,
      extendedErrorText: '',
      fallthrough: [],
    },
  ]);
});

test('every option', () => {
  const [rule] = rules(`template IN A a B {
    match ^x "^y (?P<n>.)$"
    match z
    answer "{{ .Name }} A 1.2.3.4" "b A 1.2.3.4"
    answer c
    additional d
    authority e
    rcode NXDOMAIN
    upstream anything
    ederror 21 "not supported"
    fallthrough a
  }`);
  expect(rule).toMatchObject({ class: 1, type: 1, zones: ['a.', 'b.'], rcode: 3, fallthrough: ['a.'] });
  expect([rule.extendedError, rule.extendedErrorText]).toEqual([21, 'not supported']);
  expect(rule.match).toEqual(['^x', '^y (?P<n>.)$', 'z']);
  expect(source(rule.answer)).toEqual(['{{ .Name }} A 1.2.3.4', 'b A 1.2.3.4', 'c']);
  expect([source(rule.additional), source(rule.authority)]).toEqual([['d'], ['e']]);
});

test('several keep the file’s order', () => {
  expect(rules('template IN A\ntemplate CH TXT').map((rule) => [rule.class, rule.type])).toEqual([
    [1, 1],
    [3, 16],
  ]);
});

test.each([
  ['template', "Wrong argument count or unexpected line ending after 'template'"],
  ['template in A', 'invalid query class in'],
  ['template IN FOO', 'invalid RR class FOO'],
  ['template IN a', 'invalid RR class a'],
])('%j is refused', (body, message) => {
  expect(bodyRefusal(body)).toBe(`plugin/template: Cf:2 - Error during parsing: ${message}`);
});

test.each([
  ['match', "Wrong argument count or unexpected line ending after 'match'"],
  ['match a (', 'could not parse regex: (, error parsing regexp: missing closing ): `(`'],
  ['answer', "Wrong argument count or unexpected line ending after 'answer'"],
  ['answer "{{"', 'could not compile template: {{, template: answer:1: unclosed action'],
  [
    'authority "x {{ html .Name }}"',
    'could not compile template: x {{ html .Name }}, action "{{ html .Name }}" at character 3 is not supported',
  ],
  ['rcode', "Wrong argument count or unexpected line ending after 'rcode'"],
  ['rcode FOO', 'unknown rcode FOO'],
  ['foo', "Wrong argument count or unexpected line ending after 'foo'"],
  ['ederror', "Wrong argument count or unexpected line ending after 'ederror'"],
  ['ederror 1 2 3', "Wrong argument count or unexpected line ending after '3'"],
  ['ederror x', 'error parsing extended DNS error code x, strconv.ParseUint: parsing "x": invalid syntax'],
  ['ederror 65536', 'error parsing extended DNS error code 65536, strconv.ParseUint: parsing "65536": value out of'],
])('`%s` in the block is refused', (line, message) => {
  expect(bodyRefusal(`template ANY ANY {\n${line}\n}`)).toContain(
    `plugin/template: Cf:3 - Error during parsing: ${message}`,
  );
});

needs('tables').describe('CoreDNS’s table', () => {
  test.each(tables('coredns-v1.13.2', 'TestSetupParse', 'plugin/template/'))('%j', (row) => {
    const message = bodyRefusal(row.inputFileRules as string);
    if (row.shouldErr) expect(message).toMatch(/^plugin\/template: Cf:/);
    else expect(message).toBeUndefined();
  });
});
