/**
 * How pods reach the cache, and what each way means to flags, network and rights of the pod. Named templates stand here
 * beside their plain twins (installation.ts has the others).
 */
import type { SecurityContext } from 'kubernetes-types/core/v1';
import { contains, differs, oneOf } from './helm/conditions';
import { keysFrom } from './helm/control';
import { both, equals, filled, join, union } from './helm/functions';
import { isExpression, standIn } from './helm/token';
import { firstHost } from './installation';
import type { Values } from './values';

/** Whether the cache keeps a link with its addresses, and rules, on the node. */
export function keepsLink({ mode }: Values): boolean {
  return oneOf(mode, ['auto', 'iptables', 'ipvs']);
}

/** Whether the pod is on the network of its node. */
export function isOnHostNetwork({ mode }: Values): boolean {
  return differs(mode, 'cilium-lrp');
}

/** Whether the image takes the flags that k8s-dns-node-cache does not have. */
export function hasOwnFlags({ image }: Values): boolean {
  return equals(image.flavor, 'nodelocaldns');
}

/** Whether pods may be led to the cluster DNS pods by their endpoints: rules keep port 53. */
export function hasFallback(values: Values): boolean {
  const { fallbackService, upstreamService } = values;
  const isUseful = both(keepsLink(values), equals(upstreamService.targetPort, 53));
  return both(both(hasOwnFlags(values), fallbackService.name), isUseful);
}

/** Whether one program would have to serve both address families. */
export function hasBothFamilies({ localIPs, clusterDNS }: Values): boolean {
  const all = join(union(localIPs, clusterDNS.ips), ',');
  return both(contains(all, ':'), contains(all, '.'));
}

/** Variable with the addresses of the pod, where it has some of its own. */
export const POD_IPS = 'POD_IPS';
/** Variable with the address of the node, where metrics are to be seen there only. */
export const HOST_IP = 'HOST_IP';

/** Whether metrics are bound to the node's address, which only the node knows. */
export function bindsHostIP(values: Values): boolean {
  return both(isOnHostNetwork(values), equals(values.nodeCache.bindMetricsTo, 'hostIP'));
}

/** Value of `-localip`. */
export function localAddresses(values: Values): string {
  const { mode, clusterDNS, localIPs, image } = values;
  if (isExpression(mode)) return standIn('include "nodelocaldns.localAddresses" .', 'string');
  if (mode === 'cilium-lrp') return `$(${POD_IPS})`;
  const asked = mode === 'auto' && image.flavor === 'nodelocaldns' && clusterDNS.ips.length === 0;
  const variable = `$(${clusterDNS.service.toUpperCase().replaceAll('-', '_')}_SERVICE_HOST)`;
  return [...union(localIPs, clusterDNS.ips), ...(asked ? [variable] : [])].join(',');
}

/** The host of /health as it stands before its port: empty for all addresses of the pod. */
export function healthHost({ mode, localIPs }: Values): string {
  if (isExpression(mode)) return standIn('include "nodelocaldns.healthHost" .', 'scalar');
  return mode === 'cilium-lrp' ? '' : firstHost(localIPs);
}

/** The host of /metrics as it stands before its port: empty for all addresses. */
export function metricsHost({ mode, localIPs, nodeCache }: Values): string {
  if (isExpression(mode)) return standIn('include "nodelocaldns.metricsHost" .', 'scalar');
  if (mode === 'cilium-lrp' || nodeCache.bindMetricsTo === 'all') return '';
  if (nodeCache.bindMetricsTo === 'local') return firstHost(localIPs);
  return localIPs[0].includes(':') ? `[{$${HOST_IP}}]` : `{$${HOST_IP}}`;
}

/** What the cache may do to its node: the rights its mode needs, unless the values name others. */
export function securityContext(values: Values): SecurityContext {
  const { mode, image, nodeCache, daemonSet } = values;
  if (isExpression(mode)) return keysFrom('nodelocaldns.securityContext') as SecurityContext;
  const add = ['NET_BIND_SERVICE'];
  if (keepsLink(values)) add.unshift('NET_ADMIN');
  // The legacy iptables, and the one that looks into sets, open a raw socket; the Go agent has nothing but iptables.
  const usesIptables = image.flavor === 'k8s-dns-node-cache' || nodeCache.firewall === 'iptables';
  if (keepsLink(values) && usesIptables) add.push('NET_RAW');
  const given = daemonSet.securityContext ?? {};
  const { capabilities } = given;
  return { ...given, capabilities: { ...capabilities, add: filled(capabilities?.add) ? capabilities?.add : add } };
}

/** The functions above as named templates, in Helm's words. */
export const MODE_HELPERS = `
{{/* Addresses of the cache; the kubelet fills in what stands in $(...). */}}
{{- define "nodelocaldns.localAddresses" -}}
{{- if eq .Values.mode "cilium-lrp" }}$(${POD_IPS})
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
{{- if eq .Values.nodeCache.bindMetricsTo "hostIP" }}{{ contains ":" (first .Values.localIPs) | ternary "[{$${HOST_IP}}]" "{$${HOST_IP}}" }}{{ end }}
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
`;
