/** NOTES.txt: what Helm prints after an install, the next step for the values in use. */

/** @source Helm, Creating a NOTES.txt File */
export const NOTES = `{{ .Values.fullnameOverride }} is being placed on every Linux node of the cluster.

  kubectl --namespace {{ .Release.Namespace }} get daemonset {{ .Values.fullnameOverride }}
{{- with .Values.daemonSet.updateStrategy }}
{{- if eq .type "OnDelete" }}

The update strategy is OnDelete: an upgrade reaches a node when its pod is deleted. Tools that
wait for a rollout to end (helm --wait, Flux) see none.
{{- end }}
{{- end }}
{{- if ne .Release.Namespace "kube-system" }}

WARNING: the release is in {{ .Release.Namespace }}. The cluster DNS pods and the kube-dns ConfigMap are in
kube-system, and a Service selects pods of its own namespace only: unless yours are elsewhere, the
cache will find no upstream. Install with --namespace kube-system.
{{- end }}

The cache answers on {{ join ", " .Values.localIPs }}
{{- if .Values.clusterDNS.ips }}
and on {{ join ", " .Values.clusterDNS.ips }}, so that pods use it as they are. With kube-proxy in IPVS mode
clusterDNS.ips must be empty.
{{- else }}
and clusterDNS.ips is empty. Unless the image finds the address of kube-dns itself
(k8s-dns-node-cache does not), pods reach the cache in one of two ways:

  kube-proxy in iptables or nftables mode: give the cache that address too,
    IP=$(kubectl --namespace kube-system get service kube-dns --output jsonpath={.spec.clusterIP})
    helm upgrade {{ .Release.Name }} CHART --namespace {{ .Release.Namespace }} --reuse-values \\
      --set "clusterDNS.ips={$IP}"
  kube-proxy in IPVS mode: start kubelets with --cluster-dns={{ first .Values.localIPs }}
{{- end }}
`;
