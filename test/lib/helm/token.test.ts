import { Expression, type ExpressionKind, isExpression, operand, standIn } from '../../../lib/helm/token';

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
  ])('%p is %s', (value, code) => {
    expect(operand(value)).toBe(code);
  });
});
