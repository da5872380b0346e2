/** Plain values decide at once; expressions leave a node. How nodes are written is serialize.test.ts's matter. */
import * as control from '../../../lib/helm/control';
import { standIn } from '../../../lib/helm/token';

const on = standIn<boolean>('.Values.on', 'scalar');
const list = standIn<string[]>('.Values.list', 'tree');
const map = standIn<Record<string, string>>('.Values.map', 'tree');
const words = standIn<string>('.Values.words', 'string');

describe('with plain values', () => {
  test.each<[string, unknown, unknown]>([
    ['when holds', control.when(true, 'a', 'b'), 'a'],
    ['when does not', control.when('', 'a', 'b'), 'b'],
    ['optional of nothing', control.optional({}), undefined],
    ['optional of something', control.optional(['a']), ['a']],
    ['each', control.each(['a', 'b'], (name) => ({ name })), [{ name: 'a' }, { name: 'b' }]],
    ['elements', control.elements([{ a: 1 }]), [{ a: 1 }]],
    ['keysOf', control.keysOf({ a: 'b' }), { a: 'b' }],
    ['keysOf a map emptied with null', control.keysOf(undefined as never), {}],
    ['keysWhen holds', control.keysWhen(true, { a: 'b' }), { a: 'b' }],
    ['keysWhen does not', control.keysWhen(false, { a: 'b' }), {}],
    ['verbatim', control.verbatim('\n a\n b\n', 'none'), 'a\n b'],
    ['verbatim of blanks', control.verbatim(' \n', 'none'), 'none'],
  ])('%s', (_, result, wanted) => {
    expect(result).toEqual(wanted);
  });

  test('a text is its lines, whatever their nesting', () => {
    expect(control.text('a', ['b', ['c']], undefined, control.when(false, 'd'))).toBe('a\nb\nc\n');
  });
});

describe('with expressions', () => {
  test('a condition is a node that cdk8s can copy and resolve', () => {
    expect({ ...control.when(on, { a: 1 }) }).toMatchObject({ '⟦control⟧': 'if', code: '.Values.on', body: { a: 1 } });
    expect(control.isControl(control.optional(map))).toBe(true);
    expect(control.isControl({ code: 'x' })).toBe(false);
  });

  test('a list has one item per element', () => {
    expect(control.each(list, (name) => ({ name }))).toHaveLength(1);
    expect(control.elements(list as never)).toHaveLength(1);
  });

  test('two maps and a named template go into one map without meeting', () => {
    const merged = { ...control.keysFrom('t'), ...control.keysOf(map), ...control.keysWhen(on, { a: 'b' }) };
    expect(Object.keys(merged)).toEqual(['⟦include "t" .⟧', '⟦.Values.map⟧', '⟦.Values.on⟧']);
  });

  test('conditions in a text are lines at the column of what they guard', () => {
    const guarded = control.when<control.Lines>(on, ['  a', '  b'], '  c');
    expect(control.text('{', guarded, '}')).toBe('{\n  ⟦- if .Values.on⟧\n  a\n  b\n  ⟦- else⟧\n  c\n  ⟦- end⟧\n}\n');
  });

  test('a text from the values takes its column when it is written', () => {
    expect(control.text(control.verbatim(words))).toBe('⟦- with trim .Values.words⟧\n⟦- . | nindent⟧\n⟦- end⟧\n');
  });
});
