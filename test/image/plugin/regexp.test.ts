/**
 * Expressions mean what they mean in Go's regexp package: regexp.json holds what Go 1.26 finds in each text (the whole match
 * and its groups) or why it refuses the expression.
 */
import type { RE2JS } from 're2js';
import { checkRegexp, compileRegexp } from '../../../image/plugin/regexp';
import ROWS from './regexp.json';

const TEXTS = [...new Set(ROWS.flatMap(({ finds = {} }) => Object.keys(finds)))];

/** What we find in a text as Go's FindStringSubmatch gives it; undefined for nothing. */
function find(compiled: RE2JS, text: string): string[] | undefined {
  const matcher = compiled.matcher(text);
  if (!matcher.find()) return undefined;
  return Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? '');
}

const refusalOf = (pattern: string): string | undefined => {
  try {
    checkRegexp(pattern);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

test.each(ROWS.map(({ pattern, error, finds }) => [pattern, error, finds] as const))('%j', (pattern, error, finds) => {
  expect(refusalOf(pattern)).toBe(error);
  if (error !== undefined) return;
  const compiled = compileRegexp(pattern);
  const found = TEXTS.flatMap((text) => {
    const groups = find(compiled, text);
    return groups === undefined ? [] : [[text, groups]];
  });
  expect(Object.fromEntries(found)).toEqual(finds ?? {});
});

test('an expression is not longer than 10,000 characters', () => {
  expect(refusalOf('x'.repeat(10_001))).toBe('regex pattern too long: 10001 > 10000');
});

test.each(['(a+)+$', '(a|aa)+$', '(a*)*b', '(?:a?){50}a{50}'])('%s takes time in proportion to the text', (pattern) => {
  const compiled = compileRegexp(pattern);
  const started = Date.now();
  compiled.test(`${'a'.repeat(20_000)}!`);
  expect(Date.now() - started).toBeLessThan(5000); // An engine that goes back would not end today.
});

test.each([
  ['(?P<a>x)(?P<a>y)', { a: 2 }],
  ['(?P<a>.)(?<b>.)(?P<a>.)(?P<b>.)(?<a>.)', { b: 4, a: 5 }],
  ['(?P<a>x(?P<a>y))', { a: 2 }],
  ['(?:(?P<a>x)|(?P<a>y)|[(?P<a>])', { a: 2 }],
  [String.raw`\(?P<a>x\Q(?P<a>\E(?P<a>y)`, { a: 1 }],
  [String.raw`\\(?P<a>x)[](?P<a>[:alpha:]](?P<a>y)`, { a: 2 }],
])('of groups of one name the last one counts, as in Go: %s', (pattern, names) => {
  expect({ ...compileRegexp(pattern).namedGroups() }).toEqual(names);
});
