import type { ErrorsOptions } from '../../../../image/plugin/errors/setup';
import { tables } from '../../../support/coredns-tables';
import { bodyRefusal, optionsOf } from '../../../support/corefile';
import { needs } from '../../../support/needs';

const options = (body: string) => optionsOf<ErrorsOptions>('errors', body);

test('errors', () => {
  expect(options('errors')).toEqual({ stacktrace: false, consolidate: [] });
  expect(options('errors stdout {\nstacktrace\n}')).toEqual({ stacktrace: true, consolidate: [] });
});

test('consolidate carries the period in both forms', () => {
  const body = 'errors {\nconsolidate 5m ".* i/o timeout$" warning\nconsolidate 1500ms ^x\n}';
  expect(options(body).consolidate).toEqual([
    { pattern: '.* i/o timeout$', periodMs: 300_000, periodText: '5m0s', level: 'warning', showFirst: false },
    { pattern: '^x', periodMs: 1500, periodText: '1.5s', level: 'error', showFirst: false },
  ]);
});

test.each([
  ['errors x', 'Cf:2 - Error during parsing: invalid log file: x'],
  ['errors a b', "Cf:2 - Error during parsing: Wrong argument count or unexpected line ending after 'b'"],
  ['errors {\nlog\n}', "Cf:3 - Syntax error: Unexpected token 'log', expecting 'Unknown field log'"],
  [
    'errors {\nconsolidate 1m\n}',
    "Cf:3 - Error during parsing: Wrong argument count or unexpected line ending after '1m'",
  ],
  ['errors {\nconsolidate 1 x\n}', 'Cf:3 - Error during parsing: time: missing unit in duration "1"'],
  ['errors {\n\nconsolidate 1m (\n}', 'Cf:4 - Error during parsing: error parsing regexp: missing closing ): `(`'],
  [
    'errors {\nconsolidate 1m (?=x)\n}',
    'Cf:3 - Error during parsing: error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
  ],
  [
    'errors {\nconsolidate 1m x loud\n}',
    'Cf:3 - Error during parsing: unknown log level argument in consolidate: loud',
  ],
  [
    'errors {\nconsolidate 1m x error show_first more\n}',
    "Cf:3 - Error during parsing: Wrong argument count or unexpected line ending after 'more'",
  ],
  [
    'errors {\nconsolidate 1m x error info\n}',
    'Cf:3 - Error during parsing: multiple log levels specified in consolidate',
  ],
  [
    'errors {\nconsolidate 1m x show_first info\n}',
    'Cf:3 - Error during parsing: log level must come before show_first in consolidate',
  ],
  [
    `errors {\nconsolidate 1m ${'x'.repeat(10_001)}\n}`,
    'Cf:3 - Error during parsing: regex pattern too long: 10001 > 10000',
  ],
  ['errors\nerrors', 'this plugin can only be used once per Server Block'],
])('%j is refused', (body, message) => {
  expect(bodyRefusal(body)).toBe(`plugin/errors: ${message}`);
});

needs('tables').describe('CoreDNS’s tables', () => {
  test.each(tables('coredns-v1.13.2', 'TestErrorsParse'))('%j', (row) => {
    const body = row.inputErrorsRules as string;
    if (row.shouldErr) {
      expect(bodyRefusal(body)).toBeDefined();
      return;
    }
    const { stacktrace, consolidate } = options(body);
    expect([stacktrace, consolidate.length]).toEqual([row.stacktrace, row.optCount]);
  });

  test.each(tables('coredns-v1.13.2', 'TestProperLogCallbackIsSet'))('$name', (row) => {
    const [{ level }] = options(row.inputErrorsRules as string).consolidate;
    expect(`[${level.toUpperCase()}]`).toBe(row.wantLogLevel);
  });
});
