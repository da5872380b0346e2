/** Lines that a chart says once: where Helm decides they are a named template and its calls, else just lines. */
import { type Lines, text, when } from '../../../lib/helm/control';
import { braced, definition, include, type NamedLines } from '../../../lib/helm/named-lines';
import { toTemplate } from '../../../lib/helm/serialize';
import { standIn } from '../../../lib/helm/token';
import { expressions, flag, group, integer } from '../../../lib/helm/values';

interface Parameters {
  readonly names: string;
  readonly zone: { readonly ttl: number; readonly log: boolean };
  readonly health?: string;
}

const { fields } = group('Zone.', { ttl: integer(1, 'Time.', { minimum: 1, maximum: 9 }), log: flag(false, 'Log.') });

const BLOCK: NamedLines<Parameters> = {
  name: 'test.block',
  sentence: 'A block.',
  inside: {
    names: standIn('$names', 'string'),
    zone: expressions(fields as never, '$zone'),
    health: standIn('$health', 'string'),
  },
  lines: ({ names, zone, health }) => [
    `${names} {`,
    `    ttl ${zone.ttl}`,
    when<Lines>(zone.log, '    log'),
    when(health, `    health ${health}`),
    '}',
  ],
};

const OPTIONS: NamedLines<{ log: boolean }> = {
  name: 'test.options',
  sentence: 'Options.',
  inside: { log: standIn<boolean>('$log', 'scalar') },
  lines: ({ log }) => [when<Lines>(log, 'log')],
};

describe('with plain values', () => {
  test('the lines are there', () => {
    expect(text(include(BLOCK, { names: 'a', zone: { ttl: 1, log: true } }))).toBe('a {\n    ttl 1\n    log\n}\n');
  });

  test('braces are there when something is in them', () => {
    expect(text(braced('x', OPTIONS, { log: true }, 2))).toBe('  x {\n          log\n  }\n');
    expect(text(braced('x', OPTIONS, { log: false }, 2))).toBe('  x\n');
  });
});

describe('in a chart', () => {
  const zone = expressions(fields as never, '.Values.zone') as Parameters['zone'];
  const written = (lines: Lines): string => toTemplate({ a: text(lines) });

  test('they are a named template with a variable for each parameter', () => {
    expect(definition(BLOCK)).toBe(`{{/* A block. */}}
{{- define "test.block" -}}
{{- $names := .names }}
{{- $zone := .zone }}
{{- $health := .health -}}
{{ $names }} {
    ttl {{ $zone.ttl }}
    {{- if $zone.log }}
    log
    {{- end }}
    {{- if $health }}
    health {{ $health }}
    {{- end }}
}
{{- end }}
`);
  });

  test('they are included where they stand; what is not given is left out', () => {
    const names = `${standIn('.Values.domain', 'string')}:53`;
    expect(written(['x', include(BLOCK, { names, zone, health: undefined }), ''])).toBe(
      'a: |\n  x\n  {{- include "test.block" (dict "names" (printf "%v:53" .Values.domain) "zone" .Values.zone) | nindent 2 }}\n\n',
    );
  });

  test('braces are there when Helm finds something in them', () => {
    expect(written(braced('x', OPTIONS, { log: standIn<boolean>('.Values.log', 'scalar') }, 4))).toBe(`a: |
      {{- with include "test.options" (dict "log" .Values.log) | trim }}
      x {
              {{- . | nindent 14 }}
      }
      {{- else }}
      x
      {{- end }}
`);
  });
});
