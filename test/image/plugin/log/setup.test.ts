import { COMBINED_FORMAT, COMMON_FORMAT, type LogOptions } from '../../../../image/plugin/log/setup';
import { tables } from '../../../support/coredns-tables';
import { bodyRefusal, optionsOf } from '../../../support/corefile';
import { needs } from '../../../support/needs';

const rules = (body: string) => optionsOf<LogOptions>('log', body).rules;

test.each([
  ['log', [{ zone: '.', format: COMMON_FORMAT, classes: ['all'] }]],
  [
    'log A b {\nclass denial error denial\n}',
    ['a.', 'b.'].map((zone) => ({ zone, format: COMMON_FORMAT, classes: ['denial', 'error'] })),
  ],
  ['log {x}', [{ zone: '{x}.', format: COMMON_FORMAT, classes: ['all'] }]], // One argument is a name, whatever it looks like.
  ['log . "{combined} {>id}"', [{ zone: '.', format: `${COMBINED_FORMAT} {>id}`, classes: ['all'] }]],
  [
    'log a\nlog b {name}',
    [
      { zone: 'a.', format: COMMON_FORMAT, classes: ['all'] },
      { zone: 'b.', format: '{name}', classes: ['all'] },
    ],
  ],
])('%j', (body, expected) => {
  expect(rules(body)).toEqual(expected);
});

test.each([
  ['log {\nclass foo\n}', 'invalid Class: foo'],
  ['log {\nclass\n}', "Cf:3 - Error during parsing: Wrong argument count or unexpected line ending after 'class'"],
  ['log {\nfoo\n}', "Cf:3 - Error during parsing: Wrong argument count or unexpected line ending after 'foo'"],
])('%j is refused', (body, message) => {
  expect(bodyRefusal(body)).toBe(`plugin/log: ${message}`);
});

interface ExpectedRule {
  readonly NameScope: string;
  readonly Format: string | { $id?: string; $src?: string };
  readonly Class: { k: { $id: string } }[];
}

/** A format of the table: text, a constant's name, or constants and texts added up. */
function format(value: ExpectedRule['Format']): string {
  if (typeof value === 'string') return value;
  const constants: Record<string, string> = {
    DefaultLogFormat: COMMON_FORMAT,
    CommonLogFormat: COMMON_FORMAT,
    CombinedLogFormat: COMBINED_FORMAT,
  };
  const parts = (value.$id ?? value.$src ?? '').split(' + ');
  return parts.map((part) => constants[part] ?? part.replace(/^"|"$/g, '')).join('');
}

needs('tables').describe('CoreDNS’s table', () => {
  test.each(tables('coredns-v1.13.2', 'TestLogParse'))('%j', (row) => {
    const body = row.inputLogRules as string;
    if (row.shouldErr) expect(bodyRefusal(body)).toMatch(/^plugin\/log: /);
    else {
      const expected = (row.expectedLogRules as ExpectedRule[]).map((rule) => ({
        zone: rule.NameScope,
        format: format(rule.Format),
        classes: rule.Class.map(({ k }) => k.$id.replace('response.', '').toLowerCase()),
      }));
      expect(rules(body)).toEqual(expected);
    }
  });
});
