import { evaluate } from '../../../../image/plugin/template/evaluate';
import { parseTemplateText } from '../../../../image/plugin/template/text';

const written = (source: string) =>
  evaluate('answer', parseTemplateText('answer', source), { Name: 'NAME', Zone: 'ZONE' });

test.each([
  ['', ''],
  ['a 60 IN A 1.2.3.4', 'a 60 IN A 1.2.3.4'],
  ['{{ .Name }} A', 'NAME A'],
  ['a {{/* }} nothing */}} b', 'a  b'],
  ['a \n{{- .Name -}}\t b', 'aNAMEb'],
  ['a {{- /* nothing */ -}} b', 'ab'],
  ['a \n{{- .Name }} b', 'aNAME b'],
  ['a {{ .Name -}} \n b{{ .Name }}', 'a NAMEbNAME'],
  ['{{ .Name -}}  {{- .Name }}', 'NAMENAME'],
  ['a } }} { b', 'a } }} { b'],
  ['{{ "}}" }}', '}}'],
  ['{{ `}}` }}', '}}'],
  ['{{ if eq .Zone "ZONE" -}}  in  {{- else -}}  out  {{- end }}!', 'in!'],
])('%j', (source, expected) => {
  expect(written(source)).toBe(expected);
});

test.each([
  ['{{', 'template: answer:1: unclosed action'],
  ['a {{ .Name } b', 'template: answer:1: unclosed action'],
  ['{{-.Name-}}', 'action "{{-.Name-}}" at character 1'], // Hyphens trim only next to a blank.
  ['{{ "}}', 'template: answer:1: unclosed action'],
  ['{{/* }}', 'template: answer:1: unclosed action'],
  ['{{}}', 'action "{{}}" at character 1'],
  ['ab {{ html .Name }}', 'action "{{ html .Name }}" at character 4 is not supported'],
  ['{{ if .Name }}', 'template: answer:1: unexpected EOF'],
])('%j is refused', (source, message) => {
  expect(() => parseTemplateText('answer', source)).toThrow(message);
});

test.each(['{{ .constructor }}', '{{ .Name.__proto__ }}', '{{ .toString }}'])('%s finds nothing of ours', (source) => {
  expect(() => written(source)).toThrow("can't evaluate field");
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
    `{{ ${'1 '.repeat(50_000)}}}`,
    `{{ ${'.A'.repeat(50_000)} "`,
  ]) {
    expect(() => parseTemplateText('answer', source)).toThrow();
  }
  expect(Date.now() - started).toBeLessThan(2000);
});
