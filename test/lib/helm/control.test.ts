/** Plain values decide at once; expressions leave a node. How nodes are written is serialize.test.ts's matter. */
import * as control from '../../../lib/helm/control';
import { standIn } from '../../../lib/helm/token';
import { integer, list as listOf, shape, text as textOf } from '../../../lib/helm/values';

const on = standIn<boolean>('.Values.on', 'scalar');
const list = standIn<string[]>('.Values.list', 'tree');
const map = standIn<Record<string, string>>('.Values.map', 'tree');
const words = standIn<string>('.Values.words', 'string');

/** A server by its name. */
const SERVER = shape(
  {
    to: listOf<string>([], 'Addresses.', { type: 'string' }),
    ttlSeconds: integer(30, 'Time.', { minimum: 1, maximum: 60 }),
    note: textOf('', 'Note.'),
  },
  ['to'],
);
type Servers = Record<string, { to: string[]; ttlSeconds?: number; note?: string }>;
const serverLines = (servers: Servers): control.Lines =>
  control.eachEntry(servers, SERVER, ['$name', '$server'], (name, { to, ttlSeconds }) => [
    `${name} ${to.join()} ${ttlSeconds}`,
  ]);

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
    ['verbatim', control.verbatim('\n a\n b\n', 'none'), ['a', ' b']],
    [
      'verbatim at a column, without the space at the ends of lines',
      control.verbatim('a \n\t\nb', '', 2),
      ['  a', '', '  b'],
    ],
    ['verbatim of blanks', control.verbatim(' \n', 'none'), 'none'],
  ])('%s', (_, result, wanted) => {
    expect(result).toEqual(wanted);
  });

  test('entries come in the order of their names, with defaults for what they leave out', () => {
    expect(control.text(serverLines({ b: { to: ['2'] }, a: { to: ['1'], ttlSeconds: 5 } }))).toBe('a 1 5\nb 2 30\n');
    expect(serverLines(null as never)).toEqual([]);
  });

  test('objects of a list keep their order', () => {
    const servers = [{ to: ['2'], note: 'x' }, { to: ['1'] }];
    expect(control.eachObject(servers, SERVER, '$server', ({ to, note }) => to[0] + note)).toEqual(['2x', '1']);
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

  test('an entry has names for its key and value, and defaults for what it leaves out', () => {
    const servers = standIn<Servers>('.Values.servers', 'tree');
    const lines = control.eachEntry(servers, SERVER, ['$name', '$server'], (name, { ttlSeconds, note }) => [
      `  ${name} ${ttlSeconds} ${note}`,
    ]);
    expect(control.text(lines)).toBe(
      '  ⟦- range $name, $server := .Values.servers⟧\n' +
        '  ⟦$name⟧ ⟦$server.ttlSeconds | default 30⟧ ⟦$server.note | default ""⟧\n  ⟦- end⟧\n',
    );
  });

  test('an object of a list has a name, too', () => {
    const servers = standIn<{ to: string[] }[]>('.Values.servers', 'tree');
    expect(control.eachObject(servers, SERVER, '$server', ({ to }) => to)).toMatchObject([
      { '⟦control⟧': 'range', code: '$server := .Values.servers', body: { code: '$server.to' } },
    ]);
  });

  test('in a text, too, the root has another name below `with`', () => {
    const lines = { ...(control.verbatim(words) as object), body: `${on}`, otherwise: `${on}` } as control.Lines;
    expect(control.text(lines)).toBe('⟦- with trim .Values.words⟧\n⟦$.Values.on⟧\n⟦- else⟧\n⟦.Values.on⟧\n⟦- end⟧\n');
  });

  test('a text from the values takes its column when it is written', () => {
    expect(control.text(control.verbatim(words))).toBe(
      '⟦- with trim .Values.words⟧\n⟦- regexReplaceAll "(?m)[ \\t]+$" (nindent@ .) ""⟧\n⟦- end⟧\n',
    );
  });
});
