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
{{- else }}:{{ .Values.image.tag | default .Chart.AppVersion }}
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
