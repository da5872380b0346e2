import { contains, differs, endsWith, isBelow, not, oneOf } from '../../../lib/helm/conditions';
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
  [isBelow(number, number, 3), 'lt (int64 .Values.n) (mul 3 .Values.n)'],
])('expressions', (value, wanted) => {
  expect(code(value)).toBe(wanted);
});
