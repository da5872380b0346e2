import { checkRegexp } from '../../../image/plugin/regexp';

test.each(['', '.*', '(?i)^a$', '(?P<x>[0-9]+)[.]', '[[:alpha:]]\\z', 'x{1000}'])('%j is RE2', (pattern) => {
  expect(checkRegexp(pattern)).toBe(pattern);
});

test.each([
  ['(', 'error parsing regexp: missing closing ): `(`'],
  ['())', 'error parsing regexp: unexpected ): `())`'],
  ['[a', 'error parsing regexp: missing closing ]: `[a`'],
  ['*', 'error parsing regexp: missing argument to repetition operator: `*`'],
  ['(?=a)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`'],
  ['\\1', 'error parsing regexp: invalid escape sequence: `\\1`'],
  ['x{1001}', 'error parsing regexp: invalid repeat count: `{1001}`'],
  ['x'.repeat(10_001), 'regex pattern too long: 10001 > 10000'],
])('%.20j is not: Go’s words say why', (pattern, message) => {
  expect(() => checkRegexp(pattern)).toThrow(message);
});
