import { parseTemplateText, type TemplatePiece } from '../../../../image/plugin/template/text';

const pieces = (source: string) => parseTemplateText('answer', source).pieces;
const text = (value: string): TemplatePiece => ({ kind: 'text', text: value });
const name: TemplatePiece = { kind: 'field', field: 'name' };

test.each([
  ['', []],
  ['a 60 IN A 1.2.3.4', [text('a 60 IN A 1.2.3.4')]],
  ['{{ .Name }} A', [name, text(' A')]],
  [
    '{{.Name}}{{.Zone}}{{.Class}}{{.Type}}{{.Remote}}{{.Regex}}',
    ['name', 'zone', 'class', 'type', 'remote', 'regex'].map((field) => ({ kind: 'field', field })),
  ],
  ['10.{{ .Group.b }}', [text('10.'), { kind: 'group', name: 'b' }]],
  ['{{ index .Group "b-1" }}', [{ kind: 'group', name: 'b-1' }]],
  ['{{ index .Match 1 }}.{{ .Match 0 }}', [{ kind: 'match', index: 1 }, text('.'), { kind: 'match', index: 0 }]],
  ['a {{/* }} nothing */}} b', [text('a '), text(' b')]],
  ['a \n{{- .Name -}}\t b', [text('a'), name, text('b')]],
  ['a {{- /* nothing */ -}} b', [text('a'), text('b')]],
  ['a \n{{- .Name }} b', [text('a'), name, text(' b')]],
  ['a {{ .Name -}} \n b{{ .Name }}', [text('a '), name, text('b'), name]],
  ['{{ .Name -}}  {{- .Name }}', [name, name]],
  ['a } }} { b', [text('a } }} { b')]],
])('%j', (source, expected) => {
  expect(pieces(source)).toEqual(expected);
});

test.each([
  ['{{', 'template: answer:1: unclosed action'],
  ['a {{ .Name } b', 'template: answer:1: unclosed action'],
  ['ab {{ parseInt .Group.b 16 8 }}', 'action "{{ parseInt .Group.b 16 8 }}" at character 4 is not supported'],
  ['{{ .Message }}', 'action "{{ .Message }}" at character 1 is not supported'],
  ['{{ .Group }}', 'action "{{ .Group }}" at character 1'],
  ['{{ if .Name }}x{{ end }}', 'action "{{ if .Name }}" at character 1'],
  ['{{ .constructor }}', 'action "{{ .constructor }}"'],
  ['{{ .Constructor }}', 'action "{{ .Constructor }}"'],
  ['{{ "}}" }}', 'action "{{ \\"}}\\" }}" at character 1'],
  ['{{-.Name-}}', 'action "{{-.Name-}}" at character 1'], // Hyphens trim only next to a blank.
  ['{{ "}}', 'template: answer:1: unclosed action'],
  ['{{/* }}', 'template: answer:1: unclosed action'],
  ['{{}}', 'action "{{}}" at character 1'],
])('%j is refused', (source, message) => {
  expect(() => pieces(source)).toThrow(message);
});

test('the text as written is kept for the counters’ label', () => {
  expect(parseTemplateText('answer', '{{ .Name }} A').source).toBe('{{ .Name }} A');
});

test('no text makes it slow', () => {
  const started = Date.now();
  for (const source of [
    `{{ ${'"'.repeat(50_001)}`,
    `{{ ${'/*/'.repeat(20_000)}`,
    '{{'.repeat(50_000),
    `{{ .Name${' '.repeat(50_000)}`,
  ]) {
    expect(() => pieces(source)).toThrow();
  }
  expect(Date.now() - started).toBeLessThan(2000);
});
