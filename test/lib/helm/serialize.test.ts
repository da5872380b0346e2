/** Manifest JSON to template text, a picture per case. */
import * as control from '../../../lib/helm/control';
import { toTemplate } from '../../../lib/helm/serialize';
import { CODE, Expression, standIn } from '../../../lib/helm/token';

const string = standIn<string>('.Values.name', 'string');
const port = standIn<number>('.Values.port', 'scalar');
const size = standIn<number>('.Values.size', 'integer');
const on = standIn<boolean>('.Values.on', 'scalar');
const map = standIn<Record<string, string>>('.Values.map', 'tree');
const list = standIn<string[]>('.Values.list', 'tree');

/** What cdk8s does before: expressions resolve themselves. */
function resolved(value: unknown): unknown {
  if (value instanceof Expression) return resolved(value.resolve());
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([key, inner]) => [key, resolved(inner)]));
}

const write = (manifest: object): string => toTemplate(resolved(manifest) as Record<string, unknown>);

const PICTURES: [string, object, string][] = [
  ['plain values are YAML', { a: 1, b: 'x', c: true, d: [], e: {} }, 'a: 1\nb: x\nc: true\nd: []\ne: {}\n'],
  ['what YAML 1.1 would misread is quoted', { n: 'y', b: '1', c: 'a: b' }, '"n": "y"\nb: "1"\nc: "a: b"\n'],
  ['a string is quoted by Helm', { a: string }, 'a: {{ .Values.name | quote }}\n'],
  ['a number is bare', { a: port }, 'a: {{ .Values.port }}\n'],
  ['a number that may be large stays an integer', { a: size }, 'a: {{ .Values.size | int64 }}\n'],
  ['a mixed text is quoted', { a: `x:${port}` }, 'a: "x:{{ .Values.port }}"\n'],
  ['a mixed text with quotes takes the others', { a: `x="${port}", it's` }, `a: 'x="{{ .Values.port }}", it''s'\n`],
  ['a tree stands below its key', { a: { b: map } }, 'a:\n  b:\n    {{- toYaml .Values.map | nindent 4 }}\n'],
  [
    'an optional field goes with its key',
    { a: { b: control.optional(map) } },
    'a:\n  {{- with .Values.map }}\n  b:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}\n',
  ],
  [
    'a condition guards the field',
    { a: control.when(on, { b: 1 }, { b: 2 }) },
    '{{- if .Values.on }}\na:\n  b: 1\n{{- else }}\na:\n  b: 2\n{{- end }}\n',
  ],
  [
    'an item per element; the root has another name inside',
    { a: ['x', ...control.each(list, (item) => ({ name: item, port }))] },
    'a:\n  - x\n  {{- range .Values.list }}\n  - name: {{ . | quote }}\n    port: {{ $.Values.port }}\n  {{- end }}\n',
  ],
  [
    'elements of a list go among the others',
    { a: ['x', ...control.elements(list as never[])] },
    'a:\n  - x\n  {{- with .Values.list }}\n  {{- toYaml . | nindent 2 }}\n  {{- end }}\n',
  ],
  [
    'keys of a named template and of a map go into the map around them',
    { a: { ...control.keysFrom('t'), ...control.keysOf(map), b: 'c' } },
    'a:\n  {{- include "t" . | nindent 2 }}\n' +
      '  {{- with .Values.map }}\n  {{- toYaml . | nindent 2 }}\n  {{- end }}\n  b: c\n',
  ],
  [
    'keys under a condition',
    { a: { ...control.keysWhen(on, { b: 'c' }), d: 'e' } },
    'a:\n  {{- if .Values.on }}\n  b: c\n  {{- end }}\n  d: e\n',
  ],
  ['braces of the text are not code', { a: 'up {{ $x }} {{ $y }}' }, 'a: up {{`{{ $x }}`}} {{`{{ $y }}`}}\n'],
  [
    'a text keeps its lines, its own indentation and its conditions',
    { a: control.text('{', '', control.when(on, `  port ${port}`), control.verbatim(string), '}') },
    'a: |\n  {\n\n    {{- if .Values.on }}\n    port {{ .Values.port }}\n    {{- end }}\n' +
      '  {{- with trim .Values.name }}\n  {{- regexReplaceAll "(?m)[ \\t]+$" (nindent 2 .) "" }}\n' +
      '  {{- end }}\n  }\n',
  ],
];

test.each(PICTURES)('%s', (_, manifest, picture) => {
  expect(write(manifest)).toBe(picture);
});

test('guards stand around the whole', () => {
  expect(toTemplate({ a: 1 }, ['.Values.x', '.Values.y'])).toBe(
    '{{- if .Values.x }}\n{{- if .Values.y }}\na: 1\n{{- end }}\n{{- end }}\n',
  );
});

describe('refuses', () => {
  test('a list item that begins with a condition: its dash has no place', () => {
    expect(() => write({ a: [{ b: control.optional(map), c: 1 }] })).toThrow('must begin with an unconditional key');
  });

  test('an empty list item', () => {
    expect(() => write({ a: [{}] })).toThrow('must begin with an unconditional key');
  });

  test('a text without its last newline, which a block would add', () => {
    expect(() => write({ a: 'b\nc' })).toThrow("must end in a newline: 'b\nc'");
  });
});

test('the mark of code is not in what is written', () => {
  for (const [, manifest] of PICTURES) expect(write(manifest)).not.toMatch(CODE);
});
