/**
 * What an object needs to know about its installation: the values, and the facts that Helm calls the release. Names and
 * labels that templates say by a named template stand here beside their plain twin.
 */

import { CHART } from './chart/facts';
import { keysFrom } from './helm/control';
import { first } from './helm/functions';
import { isExpression, standIn } from './helm/token';
import type { Values } from './values';
import type { NodePool } from './values-node-pools';

/** The facts around the values. */
export interface Release {
  /** Name of the release. */
  readonly name: string;
  /** Namespace of every object; the cluster DNS is found from kube-system. */
  readonly namespace: string;
  /** What manages the objects. */
  readonly service: string;
  /** Name and version of the chart, where there is one. @default none */
  readonly chart?: string;
}

/** One installation of the cache, plain or as expressions. */
export interface Installation {
  /** All values. */
  readonly values: Values;
  /** The facts around them. */
  readonly release: Release;
  /** The nodes it is for. @default those of no pool */
  readonly pool?: NodePool;
  /** Pools whose nodes it leaves alone. @default all of them */
  readonly before?: readonly NodePool[];
}

/** The release as Helm tells it. */
export const HELM_RELEASE: Release = {
  name: standIn('.Release.Name', 'string'),
  namespace: standIn('.Release.Namespace', 'string'),
  service: standIn('.Release.Service', 'string'),
};

/** Label by which the upstream manifest, and everything written for it, finds the pods. Immutable in a DaemonSet. */
export const SELECTOR = { 'k8s-app': 'node-local-dns' } as const;

/** Labels of the pods, k8s-app aside: none that changes with a version, or each upgrade would replace every pod. */
export function stableLabels({ values, release }: Installation): Record<string, string> {
  if (isExpression(release.name)) return keysFrom('nodelocaldns.stableLabels');
  return {
    'app.kubernetes.io/name': CHART.name,
    'app.kubernetes.io/instance': release.name,
    ...values.commonLabels,
  };
}

/** Labels of every other object, k8s-app aside. */
export function labels(installation: Installation): Record<string, string> {
  const { release } = installation;
  if (isExpression(release.name)) return keysFrom('nodelocaldns.labels');
  return {
    ...stableLabels(installation),
    'app.kubernetes.io/version': CHART.appVersion,
    'app.kubernetes.io/managed-by': release.service,
    ...(release.chart === undefined ? {} : { 'helm.sh/chart': release.chart }),
  };
}

/** registry/repository:tag, or registry/repository@digest. */
export function image({ flavor, registry, repository, tag, digest }: Values['image']): string {
  if (isExpression(repository)) return standIn('include "nodelocaldns.image" .', 'string');
  const name = registry === '' ? repository : `${registry}/${repository}`;
  return digest === ''
    ? `${name}:${tag || (flavor === 'nodelocaldns' ? CHART.appVersion : CHART.speaksVersion)}`
    : `${name}@${digest}`;
}

/** An address as it stands before a port: IPv6 in brackets. */
export function firstHost(localIPs: readonly string[]): string {
  const address = first(localIPs);
  if (isExpression(address)) return standIn('include "nodelocaldns.firstHost" .', 'scalar');
  return address.includes(':') ? `[${address}]` : address;
}

/** Name of the account the pods run under. */
export function accountName({ fullnameOverride, serviceAccount }: Values): string {
  if (isExpression(serviceAccount.name)) return standIn('include "nodelocaldns.serviceAccountName" .', 'string');
  return serviceAccount.name || (serviceAccount.create ? fullnameOverride : 'default');
}

/** The functions above as named templates, in Helm's words. */
export const HELPERS = `{{/* Labels of the pods, k8s-app aside: none that changes with a version. */}}
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
{{- else }}:{{ .Values.image.tag | default (ternary .Chart.AppVersion "${CHART.speaksVersion}" (eq .Values.image.flavor "nodelocaldns")) }}
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
`;
