/** Each function twice: what it makes of plain values, and the code it writes. */
import * as functions from '../../../lib/helm/functions';
import { type Expression, standIn } from '../../../lib/helm/token';

const text = standIn<string>('.Values.text', 'string');
const port = standIn<number>('.Values.port', 'scalar');
const list = standIn<string[]>('.Values.list', 'tree');
const on = standIn<boolean>('.Values.on', 'scalar');

const CODE: [string, unknown, string][] = [
  ['both', functions.both(text, on), 'and .Values.text .Values.on'],
  ['either', functions.either(on, list), 'or .Values.on .Values.list'],
  ['equals of texts', functions.equals(text, 'a'), 'eq .Values.text "a"'],
  ['equals of integers', functions.equals(port, 53), 'eq (int .Values.port) 53'],
  [
    'anyOf',
    functions.anyOf([on, text, functions.equals(port, 53)]),
    'or .Values.on .Values.text (eq (int .Values.port) 53)',
  ],
  ['choose', functions.choose(on, 'a', text), 'ternary "a" .Values.text .Values.on'],
  [
    'sharesElement',
    functions.sharesElement(list, ['a']),
    'lt (len (concat .Values.list (list "a") | uniq)) (add (len (uniq .Values.list)) (len (uniq (list "a"))) | int)',
  ],
  ['hasKey', functions.hasKey({ a: 1 }, text), 'hasKey (dict "a" 1) .Values.text'],
  ['hasKey of a map', functions.hasKey(list, 'a'), 'hasKey (.Values.list | default dict) "a"'],
  ['join', functions.join(list, ','), 'join "," .Values.list'],
  ['union', functions.union(list, ['a']), 'concat .Values.list (list "a") | uniq'],
  ['first', functions.first(list), 'first .Values.list'],
  ['fallback', functions.fallback(functions.join(list, ' '), 'x'), 'join " " .Values.list | default "x"'],
  ['trimmed', functions.trimmed(text), 'trim .Values.text'],
  ['asText', functions.asText(port), '.Values.port'],
];

const PLAIN: [string, unknown, unknown][] = [
  ['both, one empty', functions.both('', true), false],
  ['both', functions.both('a', ['b']), true],
  ['either, both empty', functions.either([], {}), false],
  ['either', functions.either(false, { a: 'b' }), true],
  ['equals', functions.equals(53, 53), true],
  ['equals not', functions.equals('a', 'b'), false],
  ['anyOf', functions.anyOf([false, '', 'a']), true],
  ['anyOf nothing', functions.anyOf([false, '', []]), false],
  ['choose', functions.choose(false, 1, 2), 2],
  ['sharesElement does', functions.sharesElement(['a', 'b'], ['c', 'a']), true],
  ['sharesElement does not', functions.sharesElement(['a', 'a'], ['b']), false],
  ['hasKey does', functions.hasKey({ a: 1 }, 'a'), true],
  ['hasKey of a map emptied with null', functions.hasKey(undefined as never, 'a'), false],
  ['inline', `a${functions.inline(true, ' b')}${functions.inline('', ' c')}`, 'a b'],
  ['inline of an expression', functions.inline(on, ` ${port}`), '⟦if .Values.on⟧ ⟦.Values.port⟧⟦end⟧'],
  ['join', functions.join(['a', 'b'], ', '), 'a, b'],
  ['union keeps order and drops what is there', functions.union(['b', 'a'], ['a', 'c']), ['b', 'a', 'c']],
  ['sharesKey does', functions.sharesKey({ a: 1, b: 2 }, { b: 3 }), true],
  ['sharesKey does not', functions.sharesKey({ a: 1 }, { b: 1 }), false],
  ['sharesKey with a map emptied with null', functions.sharesKey({ a: 1 }, undefined as never), false],
  ['first', functions.first(['a', 'b']), 'a'],
  ['fallback of something', functions.fallback('a', 'b'), 'a'],
  ['fallback of nothing', functions.fallback('', 'b'), 'b'],
  ['trimmed of the space Go knows', functions.trimmed('\u0085\t a b\u00a0\n'), 'a b'],
  ['trimmed leaves the byte order mark, as Go does', functions.trimmed('\ufeffa'), '\ufeffa'],
  ['asText', functions.asText(53), '53'],
];

test.each(CODE)('%s of expressions', (_, expression, code) => {
  expect((expression as Expression).code).toBe(code);
});

test.each(PLAIN)('%s of plain values', (_, result, wanted) => {
  expect(result).toEqual(wanted);
});

test.each<[unknown, boolean]>([
  [undefined, false],
  [null, false],
  ['', false],
  [0, false],
  [false, false],
  [[], false],
  [{}, false],
  ['0', true],
  [1, true],
  [[''], true],
  [{ a: undefined }, true],
])('a template takes %j for %s', (value, wanted) => {
  expect(functions.filled(value)).toBe(wanted);
});
