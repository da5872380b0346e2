import { checkPattern, Expression, groupCount, placeholderCount } from '../../../../image/plugin/rewrite/expression';

test.each([
  // Good rows.
  ['(.*)[.]a[.]$', '{1}.b.', 'x.a.', 'x.b.'],
  ['a', 'z.', 'xax.', 'z.'], // Of all of it, not of what was found.
  ['(a)|(b)', '{1}-{2}', 'b', '-b'],
  ['(a)(b)', '{2}{1}{0}{2}', 'ab', 'baabb'],
  ['(a)', '{2}', 'a', '{2}'],
  ['([{]0})', '{1}', '{0}', '{0}'], // A group's text that looks like a placeholder comes too late for its own.
  ['(.*)', '$1{1}', 'q', '$1q'],
  // Bad rows.
  ['^b', 'z.', 'ab', undefined],
])('%s → %s makes %s %s', (pattern, to, source, expected) => {
  const expression = new Expression(pattern, to);
  expect(expression.replace(source)).toBe(expected);
  expect(expression.isIn(source)).toBe(expected !== undefined);
});

test.each([
  ['a', 0],
  ['{0}', 1],
  ['{0}{0}{100}{101}', 2],
])('%s has %i placeholders', (to, count) => {
  expect(placeholderCount(to)).toBe(count);
});

test('groups are counted, and what is no expression is refused in the words given', () => {
  expect(groupCount('(a)(?:b)(?P<c>c)')).toBe(2);
  expect(checkPattern('(a)', 'no')).toBe('(a)');
  expect(() => checkPattern('(', 'no: (')).toThrow('no: (');
  expect(() => checkPattern('(?=a)', 'no look-ahead')).toThrow('no look-ahead');
});

test('an expression that would take ages elsewhere takes no time', () => {
  const started = performance.now();
  expect(new Expression('(a+)+(a+)+$', 'x').isIn(`${'a'.repeat(240)}!`)).toBe(false);
  expect(performance.now() - started).toBeLessThan(1000);
});
