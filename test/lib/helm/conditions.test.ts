import { contains, differs, endsWith, fits, fitsAt, isBelow, not, oneOf } from '../../../lib/helm/conditions';
import { standIn } from '../../../lib/helm/token';

const text = standIn<string>('.Values.a', 'string');
const number = standIn<number>('.Values.n', 'scalar');
const code = (value: unknown): string => (value as { code: string }).code;

test.each<[string, boolean, boolean]>([
  ['one of', oneOf('a', ['a', 'b']), oneOf('c', ['a', 'b'])],
  ['different', differs('a', 'b'), differs('a', 'a')],
  ['empty', not([]), not(['a'])],
  ['part of', contains('a:b', ':'), contains('ab', ':')],
  ['the end of', endsWith('a/b', '/b'), endsWith('a/b', '/a')],
  ['fit for a pattern', fits('a\nb\n', 'b\\n'), fits('ab', '[^a]{2}')],
  ['at a path', fitsAt({ a: { b: [1] } }, ['a', 'b'], '^\\[1'), fitsAt({ a: null }, ['a', 'b'], '1')],
  ['missing at a path', fitsAt({}, ['a', 'b'], '^""$'), fitsAt({ a: { b: 0 } }, ['a', 'b'], '^""$')],
  ['below', isBelow(299, 100, 3), isBelow(300, 100, 3)],
])('plain values: %s', (_, yes, no) => {
  expect([yes, no]).toEqual([true, false]);
});

test.each<[boolean, string]>([
  [oneOf(text, ['a', 'b']), 'has .Values.a (list "a" "b")'],
  [differs(text, 'b'), 'ne .Values.a "b"'],
  [not(text), 'not .Values.a'],
  [contains(text, ':'), 'contains ":" .Values.a'],
  [endsWith(text, '/b'), 'hasSuffix "/b" .Values.a'],
  [fits(text, '[^\\n]{2}'), 'regexMatch "[^\\\\n]{2}" .Values.a'],
  [
    fitsAt(standIn('.Values.m', 'tree'), ['b', 'c'], '^"x"$'),
    'regexMatch "^\\"x\\"$" (get (get (.Values.m | default dict) "b" | default dict) "c" | toJson)',
  ],
  [isBelow(number, number, 3), 'lt (int64 .Values.n) (mul 3 .Values.n)'],
])('expressions', (value, wanted) => {
  expect(code(value)).toBe(wanted);
});
