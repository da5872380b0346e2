/** The named template that looks a Corefile text over, step for step as lint.ts does. */
import { operand } from '../helm/token';
import { DIRECTIVES, GO_DIRECTIVES } from './directives';
import { TOKEN, UNCLOSED, UNMATCHED } from './lint';

/** A text as Go writes it: what is not ASCII by its number, so that blanks can be told apart. */
function goString(text: string): string {
  const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(text).replace(/[\u0080-\uffff]/g, escaped);
}

/** `include` gives what is wrong with `.text`, or nothing. */
export const LINT_HELPER = `{{/* What is wrong with Corefile text: braces that do not match, directives that the image does not have. */}}
{{- define "nodelocaldns.lint" -}}
{{- $line := 1 }}
{{- $least := .depth }}
{{- $depth := .depth }}
{{- $directives := ${operand(GO_DIRECTIVES)} }}
{{- if .isOwnImage }}
  {{- $directives = ${operand(DIRECTIVES)} }}
{{- end }}
{{- $wrong := "" }}
{{- $isOver := false }}
{{- $isFirst := true }}
{{- $hasKeys := false }}
{{- $isOpen := false }}
{{- $isSnippet := false }}
{{- $isImport := false }}
{{- range $token := regexFindAll ${goString(TOKEN)} .text -1 }}
{{- $word := first (splitList "#" $token) }}
{{- if hasPrefix "\\"" $token }}
  {{- $word = trimPrefix "\\"" $token | trimSuffix "\\"" }}
{{- end }}
{{- $hasVariable := or (contains "{$" $word) (contains "{%" $word) }}
{{- if or $isOver $wrong (hasPrefix "#" $token) (eq $token "\\"") }}
{{- else if eq $token "\\n" }}
  {{- $line = add1 $line }}
  {{- $isOver = and (eq (int $depth) 0) $hasKeys (not $isOpen) }}
  {{- $isFirst = true }}
  {{- $isImport = false }}
{{- else if $isImport }}
{{- else }}
  {{- $line = sub (add $line (len (splitList "\\n" $token))) 1 }}
  {{- if and $isFirst (eq $word "import") }}
    {{- $isImport = true }}
  {{- else if eq (int $depth) 0 }}
    {{- if eq $word "}" }}
      {{- $wrong = ${goString(UNMATCHED)} }}
    {{- end }}
    {{- $isFirst = eq $word "{" }}
    {{- $hasKeys = not $isFirst }}
    {{- $isOpen = hasSuffix "," $word }}
    {{- if $isFirst }}
      {{- $depth = 1 }}
    {{- else if hasPrefix "(" $word }}
      {{- $isSnippet = true }}
    {{- else if not $hasVariable }}
      {{- $isSnippet = false }}
    {{- end }}
  {{- else if and (eq (int $depth) 1) $isFirst (not $isSnippet) (ne $word "{") }}
    {{- $isFirst = false }}
    {{- if and (eq $word "}") (eq (int $least) 1) }}
      {{- $wrong = ${goString(UNMATCHED)} }}
    {{- else if eq $word "}" }}
      {{- $depth = 0 }}
    {{- else if not (or (has $word $directives) $hasVariable) }}
      {{- $wrong = printf "Unknown directive '%s'" $word }}
    {{- end }}
  {{- else }}
    {{- $isFirst = false }}
    {{- if eq $word "{" }}
      {{- $depth = add1 $depth }}
    {{- else if eq $word "}" }}
      {{- if and (eq (int $depth) 1) (not $isSnippet) }}
        {{- $wrong = ${goString(UNMATCHED)} }}
      {{- else }}
        {{- $depth = sub $depth 1 }}
      {{- end }}
      {{- $isSnippet = and $isSnippet (gt (int $depth) 0) }}
    {{- end }}
  {{- end }}
{{- end }}
{{- end }}
{{- if and (not $wrong) (not $isOver) (gt (int $depth) (int $least)) }}
  {{- $wrong = ${goString(UNCLOSED)} }}
{{- end }}
{{- with $wrong }}
{{- printf "%s:%d - Error during parsing: %s" $.name (int $line) . }}
{{- end }}
{{- end }}

{{/* The same, of the lines that stub domains have of their own. */}}
{{- define "nodelocaldns.lintStubDomains" -}}
{{- $wrong := list }}
{{- range $domain, $stub := .stubDomains }}
{{- $name := printf "stubDomains.%s.extraPlugins" $domain }}
{{- $text := $stub.extraPlugins | default "" }}
{{- with include "nodelocaldns.lint" (dict "name" $name "text" $text "depth" 1 "isOwnImage" $.isOwnImage) }}
  {{- $wrong = append $wrong . }}
{{- end }}
{{- end }}
{{- join "\\n" $wrong }}
{{- end }}
`;
