/**
 * Expressions in record texts, worked out as Go's text/template (1.26) works them out: expressions.json holds what it made
 * of each with the data below: `text` what came out, `run` the error when it was worked out, `parse` the error at load.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CorefileError } from '../../../../image/corefile/errors';
import { TEMPLATE_STEPS_MAX } from '../../../../image/limits';
import { evaluate, type TemplateData, TemplateError } from '../../../../image/plugin/template/evaluate';
import type { Value } from '../../../../image/plugin/template/functions';
import { parseTemplateText } from '../../../../image/plugin/template/text';

const ROWS: readonly [source: string, outcome: 'text' | 'run' | 'parse', text: string][] = JSON.parse(
  readFileSync(path.join(__dirname, 'expressions.json'), 'utf8'),
);

const MATCH = ['www.sub', 'www', '', 'sub'];
const QUESTION: TemplateData = { Name: 'Www.sub.Example.org.', Qtype: 16n, Qclass: 1n };
const group: Record<string, Value> = Object.create(null);
for (const [index, text] of MATCH.entries()) group[index] = text;
group.first = 'www';
const DATA: TemplateData = {
  ...{ Zone: 'example.org.', Name: 'www.sub.example.org.', Regex: '^(?P<first>[a-z]+)[.](x)?(sub)' },
  ...{ Match: MATCH, Group: group, Class: 'IN', Type: 'TXT', Remote: '192.0.2.7', Question: QUESTION },
  Message: { Id: 4711n, RecursionDesired: true, Opcode: 0n, Question: [QUESTION] },
  Meta: (...given) => (given.length === 1 && typeof given[0] === 'string' ? '' : undefined),
};

/** Go takes them; we refuse them at load, with their place, because no record needs them. */
const REFUSED: ReadonlySet<string> = new Set([
  ...['{{ printf "%U" 65 }}', '{{ printf "%*d" 5 1 }}', '{{ printf "%[1]d" 5 }}', '{{ printf "%e" 5 }}'],
  ...['{{ range .Match }}{{ break }}{{ end }}', '{{ template "x" }}', '{{ define "x" }}a{{ end }}b'],
  '{{ range .Match }}{{ if eq . "www" }}{{ continue }}{{ end }}{{ . }},{{ end }}',
  ...['{{ block "x" . }}a{{ end }}', '{{ true }} {{ nil }}', '{{ nil }}', '{{ printf "%s" nil }}'],
  ...['{{ html "<a>" }}', '{{ js "a\'b" }} {{ urlquery "a b" }}', '{{ call .Meta "x" }}'],
  ...['{{ "\\x41\\u00e9" }}', "{{ 'a' }}", '{{ 1.5 }}'],
  '{{ 0x1F }} {{ 017 }} {{ 1_000 }} {{ 0b11 }} {{ -5 }} {{ +5 }}',
]);
/** Go says the same in other words, or its words are about Go's types. */
const OTHER_WORDS: ReadonlySet<string> = new Set([
  ...['{{ .Meta }}', '{{ .Meta 1 }}', '{{ .Foo }}', '{{ if .Foo }}x{{ end }}', '{{ .Question.Foo }}', '{{ .Message }}'],
  ...['{{ parseInt 12 10 8 }}', '{{ printf 5 }}', '{{ 5 "a" }}'],
  ...['{{ . }}', '{{ $ }}'], // Go prints addresses of memory.
]);
/** Go finds out when it works it out, we at load. */
const EARLIER: ReadonlySet<string> = new Set(['{{ $x = 1 }}']);

function outcomeOf(source: string): ['text' | 'run' | 'parse' | 'refused', string] {
  try {
    return ['text', evaluate('answer', parseTemplateText('answer', source), DATA)];
  } catch (error) {
    if (error instanceof TemplateError) return ['run', error.message];
    if (!(error instanceof CorefileError)) throw error;
    return [/is not supported/.test(error.message) ? 'refused' : 'parse', error.message];
  }
}

test.each(ROWS)('%j', (source, outcome, text) => {
  const [ours, said] = outcomeOf(source);
  if (REFUSED.has(source)) expect(ours).toBe('refused');
  else if (outcome === 'parse' || EARLIER.has(source)) expect(['parse', 'refused']).toContain(ours);
  else if (OTHER_WORDS.has(source)) expect(ours).toBe(outcome);
  else expect([ours, said]).toEqual([outcome, text]);
});

describe('what would never end', () => {
  test.each([
    ['steps', '{{ range 1000000 }}{{ end }}', 'too many steps'],
    ['steps in loops of loops', '{{ range 1000 }}{{ range 1000 }}{{ end }}{{ end }}', 'too many steps'],
    ['text', `{{ range 4000 }}${'x'.repeat(200)}{{ end }}`, 'the text is too long'],
  ])('ends: %s', (_, source, message) => {
    const [outcome, said] = outcomeOf(source);
    expect(outcome).toBe('run');
    expect(said).toContain(message);
  });

  test('blocks in one another and parentheses have a bound', () => {
    const deep = (count: number) => '{{ if true }}'.repeat(count) + '{{ end }}'.repeat(count);
    expect(outcomeOf(deep(32))).toEqual(['text', '']);
    expect(outcomeOf(deep(33))[0]).toBe('refused');
    expect(outcomeOf(`{{ ${'('.repeat(17)}1${')'.repeat(17)} }}`)[0]).toBe('refused');
    expect(TEMPLATE_STEPS_MAX).toBeGreaterThan(1000);
  });
});
