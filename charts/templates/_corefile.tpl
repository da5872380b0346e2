{{/* Options of forward that differ from what holds without them. */}}
{{- define "nodelocaldns.forwardOptions" -}}
{{- $forward := .forward -}}
{{- if $forward.protocol }}
{{ $forward.protocol }}
{{- end }}
{{- if ne $forward.policy "random" }}
policy {{ $forward.policy }}
{{- end }}
{{- if $forward.except }}
except {{ join " " $forward.except }}
{{- end }}
{{- if $forward.tlsServerName }}
tls_servername {{ $forward.tlsServerName }}
{{- end }}
{{- if ne (int $forward.expireSeconds) 10 }}
expire {{ $forward.expireSeconds }}s
{{- end }}
{{- if $forward.maxAgeSeconds }}
max_age {{ $forward.maxAgeSeconds }}s
{{- end }}
{{- if ne (int $forward.readTimeoutMs) 2000 }}
read_timeout {{ $forward.readTimeoutMs }}ms
{{- end }}
{{- if $forward.maxConcurrent }}
max_concurrent {{ $forward.maxConcurrent }}
{{- end }}
{{- if ne (int $forward.maxFails) 2 }}
max_fails {{ $forward.maxFails }}
{{- end }}
{{- if $forward.maxConnectAttempts }}
max_connect_attempts {{ $forward.maxConnectAttempts }}
{{- end }}
{{- if or (ne (int $forward.healthCheck.intervalMs) 500) $forward.healthCheck.noRecursion (ne $forward.healthCheck.domain ".") }}
health_check {{ $forward.healthCheck.intervalMs }}ms{{ if $forward.healthCheck.noRecursion }} no_rec{{ end }}{{ if ne $forward.healthCheck.domain "." }} domain {{ $forward.healthCheck.domain }}{{ end }}
{{- end }}
{{- if $forward.failover }}
failover {{ join " " $forward.failover }}
{{- end }}
{{- if $forward.failFast }}
failfast_all_unhealthy_upstreams
{{- end }}
{{- end }}

{{/* A server block: the values of a zone, in the order of the manifest of Kubernetes. */}}
{{- define "nodelocaldns.serverBlock" -}}
{{- $names := .names }}
{{- $zone := .zone }}
{{- $upstream := .upstream }}
{{- $isOwnImage := .isOwnImage }}
{{- $metrics := .metrics }}
{{- $hosts := .hosts }}
{{- $rewrite := .rewrite }}
{{- $overrides := .overrides }}
{{- $health := .health }}
{{- $lameduckSeconds := .lameduckSeconds -}}
{{ $names }} {
    {{- if $zone.errors.consolidate }}
    errors {
            {{- range $counted := $zone.errors.consolidate }}
            consolidate {{ $counted.seconds | default 300 }}s "{{ $counted.pattern }}" {{ $counted.level | default "error" }}
            {{- end }}
    }
    {{- else }}
    errors
    {{- end }}
    {{- if $zone.log.enabled }}
    {{- if $zone.log.classes }}
    log{{ if $zone.log.format }} . "{{ $zone.log.format }}"{{ end }} {
            class {{ join " " $zone.log.classes }}
    }
    {{- else }}
    log{{ if $zone.log.format }} . "{{ $zone.log.format }}"{{ end }}
    {{- end }}
    {{- end }}
    {{- if $zone.cache.enabled }}
    cache {
            success {{ $zone.cache.success.capacity }} {{ $zone.cache.success.ttlSeconds }}{{ if ne (int $zone.cache.success.minTtlSeconds) 5 }} {{ $zone.cache.success.minTtlSeconds }}{{ end }}
            denial {{ $zone.cache.denial.capacity }} {{ $zone.cache.denial.ttlSeconds }}{{ if ne (int $zone.cache.denial.minTtlSeconds) 5 }} {{ $zone.cache.denial.minTtlSeconds }}{{ end }}
            {{- if $zone.cache.success.except }}
            disable success {{ join " " $zone.cache.success.except }}
            {{- end }}
            {{- if $zone.cache.denial.except }}
            disable denial {{ join " " $zone.cache.denial.except }}
            {{- end }}
            {{- if $zone.cache.prefetch.amount }}
            prefetch {{ $zone.cache.prefetch.amount }} {{ $zone.cache.prefetch.durationSeconds }}s {{ $zone.cache.prefetch.percentage }}%
            {{- end }}
            {{- if $zone.cache.serveStale.enabled }}
            serve_stale {{ $zone.cache.serveStale.durationSeconds }}s {{ $zone.cache.serveStale.refresh }}{{ if $isOwnImage }}{{ if eq $zone.cache.serveStale.refresh "verify" }} {{ $zone.cache.serveStale.verifyTimeoutMs }}ms{{ end }} {{ $zone.cache.serveStale.ttlSeconds }}s {{ $zone.cache.serveStale.recheckSeconds }}s{{ end }}
            {{- end }}
            {{- if ne (int $zone.cache.servfailSeconds) 5 }}
            servfail {{ $zone.cache.servfailSeconds }}s
            {{- end }}
            {{- if $zone.cache.keepTtl }}
            keepttl
            {{- end }}
    }
    {{- end }}
    reload
    loop
    bind __PILLAR__LOCAL__DNS__
    {{- if $rewrite }}
    rewrite {{ $rewrite }}
    {{- end }}
    {{- if $zone.suppressAAAA }}
    template IN AAAA {
            rcode NOERROR
    }
    {{- end }}
    {{- if $hosts }}
    import hosts
    {{- end }}
    {{- with include "nodelocaldns.forwardOptions" (dict "forward" $zone.forward) | trim }}
    forward . {{ join " " $zone.forward.to | default $upstream }} {
            {{- . | nindent 12 }}
    }
    {{- else }}
    forward . {{ join " " $zone.forward.to | default $upstream }}
    {{- end }}
    prometheus {{ $metrics }}
    {{- if $health }}
    {{- if $lameduckSeconds }}
    health {{ $health }} {
            lameduck {{ $lameduckSeconds }}s
    }
    {{- else }}
    health {{ $health }}
    {{- end }}
    {{- end }}
    {{- with trim $zone.extraPlugins }}
    {{- regexReplaceAll "(?m)[ \t]+$" (nindent 4 .) "" }}
    {{- end }}
    {{- if $overrides }}
    import {{ $overrides }}
    {{- end }}
}
{{- end }}

{{/* What is wrong with Corefile text: braces that do not match, directives that the image does not have. */}}
{{- define "nodelocaldns.lint" -}}
{{- $line := 1 }}
{{- $least := .depth }}
{{- $depth := .depth }}
{{- $directives := (list "bind" "bufsize" "cache" "debug" "dns64" "dnstap" "errors" "forward" "health" "hosts" "loadbalance" "log" "loop" "metadata" "pprof" "prometheus" "reload" "rewrite" "template" "timeouts" "trace" "whoami") }}
{{- if .isOwnImage }}
  {{- $directives = (list "acl" "any" "bind" "bufsize" "cache" "cancel" "chaos" "debug" "dns64" "dnstap" "errors" "forward" "header" "health" "hosts" "loadbalance" "local" "log" "loop" "metadata" "minimal" "nsid" "pprof" "prometheus" "ready" "reload" "rewrite" "template" "timeouts" "trace" "whoami") }}
{{- end }}
{{- $wrong := "" }}
{{- $isOver := false }}
{{- $isFirst := true }}
{{- $hasKeys := false }}
{{- $isOpen := false }}
{{- $isSnippet := false }}
{{- $isImport := false }}
{{- range $token := regexFindAll "\"(?:\\\\(?:.|\\n)|[^\"\\\\])*\"?|#[^\\n]*|[^\\t\\v\\f\\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\\n#][^\\t\\v\\f\\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\\n#]*(?:#[^\\t\\v\\f\\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\\n]*)?|\\n" .text -1 }}
{{- $word := first (splitList "#" $token) }}
{{- if hasPrefix "\"" $token }}
  {{- $word = trimPrefix "\"" $token | trimSuffix "\"" }}
{{- end }}
{{- $hasVariable := or (contains "{$" $word) (contains "{%" $word) }}
{{- if or $isOver $wrong (hasPrefix "#" $token) (eq $token "\"") }}
{{- else if eq $token "\n" }}
  {{- $line = add1 $line }}
  {{- $isOver = and (eq (int $depth) 0) $hasKeys (not $isOpen) }}
  {{- $isFirst = true }}
  {{- $isImport = false }}
{{- else if $isImport }}
{{- else }}
  {{- $line = sub (add $line (len (splitList "\n" $token))) 1 }}
  {{- if and $isFirst (eq $word "import") }}
    {{- $isImport = true }}
  {{- else if eq (int $depth) 0 }}
    {{- if eq $word "}" }}
      {{- $wrong = "Unexpected '}' because no matching opening brace" }}
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
      {{- $wrong = "Unexpected '}' because no matching opening brace" }}
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
        {{- $wrong = "Unexpected '}' because no matching opening brace" }}
      {{- else }}
        {{- $depth = sub $depth 1 }}
      {{- end }}
      {{- $isSnippet = and $isSnippet (gt (int $depth) 0) }}
    {{- end }}
  {{- end }}
{{- end }}
{{- end }}
{{- if and (not $wrong) (not $isOver) (gt (int $depth) (int $least)) }}
  {{- $wrong = "Unexpected EOF: a '}' is missing" }}
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
{{- join "\n" $wrong }}
{{- end }}
