import {
  Expression,
  type ExpressionKind,
  isExpression,
  isTemplated,
  operand,
  rooted,
  standIn,
  wholeAs,
} from '../../../lib/helm/token';

describe('an expression', () => {
  test('inside a longer text is its code between marks', () => {
    expect(`${new Expression('.Values.a')}:1`).toBe('⟦.Values.a⟧:1');
  });

  test.each<[ExpressionKind, unknown]>([
    ['string', '⟦.Values.a | quote⟧'],
    ['scalar', '⟦.Values.a⟧'],
    ['integer', '⟦.Values.a | int64⟧'],
    ['tree', { '⟦control⟧': 'tree', code: '.Values.a' }],
  ])('of kind %s stands alone as %j', (kind, resolved) => {
    expect(new Expression('.Values.a', kind).resolve()).toEqual(resolved);
  });

  test('cannot be calculated with: the number is not known yet', () => {
    const port = standIn<number>('.Values.port', 'scalar');
    expect(() => port * 2).toThrow("Cannot calculate with template expression '.Values.port' at synth");
    expect(() => port < 3).toThrow(TypeError);
  });

  test('is told from what looks like one', () => {
    expect(isExpression(standIn('.Values.a', 'tree'))).toBe(true);
    expect(isExpression('⟦.Values.a⟧')).toBe(false);
  });
});

test.each<[unknown, boolean]>([
  [standIn('.Values.a', 'string'), true],
  [wholeAs({ a: 1 }, '.Values.whole'), true],
  [`a${standIn('.Values.a', 'string')}`, true],
  ['a', false],
  [{ a: 1 }, false],
  [null, false],
])('Helm decides about %p: %p', (value, wanted) => {
  expect(isTemplated(value)).toBe(wanted);
});

test.each([
  ['.Values.a', '$.Values.a'],
  ['join "," .Values.a', 'join "," $.Values.a'],
  ['eq (.Values.a) $x.Values', 'eq ($.Values.a) $x.Values'],
  ['include "t" .', 'include "t" $'],
  ['or (include "t" .) .Release.Name', 'or (include "t" $) $.Release.Name'],
  ['. | quote', '. | quote'],
])('below `range` %s is %s', (code, wanted) => {
  expect(rooted(code)).toBe(wanted);
  expect(rooted(wanted)).toBe(wanted);
});

describe('an operand', () => {
  test.each<[unknown, string]>([
    [standIn('.Values.a', 'string'), '.Values.a'],
    [standIn('first .Values.a', 'string'), '(first .Values.a)'],
    ['a "b"', '"a \\"b\\""'],
    [3, '3'],
    [true, 'true'],
    [['a', 1], '(list "a" 1)'],
    [[], 'list'],
    [{ a: 'b', c: { d: 1 } }, '(dict "a" "b" "c" (dict "d" 1))'],
    [`100% of ${standIn('.Values.a', 'string')}`, '(printf "100%% of %v" .Values.a)'],
    [wholeAs({ a: 1 }, '.Values.whole'), '.Values.whole'],
  ])('%p is %s', (value, code) => {
    expect(operand(value)).toBe(code);
  });
});
