{{/* Labels of the pods, k8s-app aside: none that changes with a version. */}}
{{- define "nodelocaldns.stableLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Labels of every other object, k8s-app aside. */}}
{{- define "nodelocaldns.labels" -}}
{{ include "nodelocaldns.stableLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* The image; a digest wins over the tag. */}}
{{- define "nodelocaldns.image" -}}
{{- with .Values.image.registry }}{{ . }}/{{ end }}
{{- .Values.image.repository }}
{{- if .Values.image.digest }}@{{ .Values.image.digest }}
{{- else }}:{{ .Values.image.tag | default (ternary .Chart.AppVersion "1.26.8" (eq .Values.image.flavor "nodelocaldns")) }}
{{- end }}
{{- end }}

{{/* The first local address as it stands before a port: IPv6 in brackets. */}}
{{- define "nodelocaldns.firstHost" -}}
{{- $address := first .Values.localIPs }}
{{- if contains ":" $address }}[{{ $address }}]{{ else }}{{ $address }}{{ end }}
{{- end }}

{{/* The account the pods run under. */}}
{{- define "nodelocaldns.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (ternary .Values.fullnameOverride "default" .Values.serviceAccount.create) }}
{{- end }}

{{/* Addresses of the cache; the kubelet fills in what stands in $(...). */}}
{{- define "nodelocaldns.localAddresses" -}}
{{- if eq .Values.mode "cilium-lrp" }}$(POD_IPS)
{{- else }}
{{- join "," (concat .Values.localIPs .Values.clusterDNS.ips | uniq) }}
{{- if and (eq .Values.mode "auto") (eq .Values.image.flavor "nodelocaldns") (not .Values.clusterDNS.ips) -}}
,$({{ .Values.clusterDNS.service | upper | replace "-" "_" }}_SERVICE_HOST)
{{- end }}
{{- end }}
{{- end }}

{{/* Host of /health before its port; none: all addresses of the pod. */}}
{{- define "nodelocaldns.healthHost" -}}
{{- if ne .Values.mode "cilium-lrp" }}{{ include "nodelocaldns.firstHost" . }}{{ end }}
{{- end }}

{{/* Host of /metrics before its port; none: all addresses. */}}
{{- define "nodelocaldns.metricsHost" -}}
{{- if ne .Values.mode "cilium-lrp" }}
{{- if eq .Values.nodeCache.bindMetricsTo "local" }}{{ include "nodelocaldns.firstHost" . }}{{ end }}
{{- if eq .Values.nodeCache.bindMetricsTo "hostIP" }}{{ contains ":" (first .Values.localIPs) | ternary "[{$HOST_IP}]" "{$HOST_IP}" }}{{ end }}
{{- end }}
{{- end }}

{{/* What the cache may do to its node: the rights its mode needs, unless the values name others. */}}
{{- define "nodelocaldns.securityContext" -}}
{{- $add := list "NET_BIND_SERVICE" }}
{{- if has .Values.mode (list "auto" "iptables" "ipvs") }}
{{- $add = list "NET_ADMIN" "NET_BIND_SERVICE" }}
{{- if or (eq .Values.image.flavor "k8s-dns-node-cache") (eq .Values.nodeCache.firewall "iptables") }}
{{- $add = append $add "NET_RAW" }}
{{- end }}
{{- end }}
{{- $given := deepCopy (.Values.daemonSet.securityContext | default dict) }}
{{- toYaml (merge $given (dict "capabilities" (dict "add" $add))) }}
{{- end }}

{{/* Name of the DaemonSet and the ConfigMap. */}}
{{- define "nodelocaldns.cacheName" -}}
{{- .Values.fullnameOverride }}{{ with .Pool }}-{{ .name }}{{ end }}
{{- end }}

{{/* Whose values a message speaks of. */}}
{{- define "nodelocaldns.ofPool" -}}
{{- with .Pool }}nodePools.{{ .name }}: {{ end }}
{{- end }}

{{/* The affinity of the values, and the nodes of the pool or of none. */}}
{{- define "nodelocaldns.affinity" -}}
{{- $wanted := list }}
{{- range (ternary .Before .Values.nodePools (hasKey . "Pool")) }}
{{- $wanted = append $wanted (dict "key" .nodeLabel.key "operator" "NotIn" "values" .nodeLabel.values) }}
{{- end }}
{{- with .Pool }}
{{- $wanted = append $wanted (dict "key" .nodeLabel.key "operator" "In" "values" .nodeLabel.values) }}
{{- end }}
{{- $affinity := deepCopy (.Values.daemonSet.affinity | default dict) }}
{{- if $wanted }}
{{- $nodes := get $affinity "nodeAffinity" | default dict }}
{{- $required := get $nodes "requiredDuringSchedulingIgnoredDuringExecution" | default dict }}
{{- $terms := list }}
{{- range (get $required "nodeSelectorTerms" | default (list dict)) }}
{{- $terms = append $terms (set . "matchExpressions" (concat (get . "matchExpressions" | default list) $wanted)) }}
{{- end }}
{{- $_ := set $required "nodeSelectorTerms" $terms }}
{{- $_ := set $nodes "requiredDuringSchedulingIgnoredDuringExecution" $required }}
{{- $_ := set $affinity "nodeAffinity" $nodes }}
{{- end }}
{{- toYaml $affinity }}
{{- end }}

{{/* A line per pool, its name and its longest one; and a line per value of a pool's label. */}}
{{- define "nodelocaldns.poolNames" -}}
{{- range .Values.nodePools }}{{ .name }}{{ "\n" }}{{ end }}
{{- end }}
{{- define "nodelocaldns.poolObjects" -}}
{{- range .Values.nodePools }}{{ $.Values.fullnameOverride }}-{{ .name }}-cleanup{{ "\n" }}{{ end }}
{{- end }}
{{- define "nodelocaldns.poolLabels" -}}
{{- range $pool := .Values.nodePools }}{{ range .nodeLabel.values }}{{ $pool.nodeLabel.key }}={{ . }}{{ "\n" }}{{ end }}{{ end }}
{{- end }}

{{/* Taints that one pod accepts: its own, and those that the values name for the caches. */}}
{{- define "nodelocaldns.tolerationsOfOne" -}}
{{- $all := .own }}
{{- range .caches }}
{{- if and .key (not (hasPrefix "node.kubernetes.io/" (toString .key))) }}
{{- $all = append $all . }}
{{- end }}
{{- end }}
{{- toYaml $all }}
{{- end }}

{{/* The job label of the targets. */}}
{{- define "nodelocaldns.job" -}}
{{ .Values.prometheusRule.job | default .Values.fullnameOverride }}
{{- end }}
