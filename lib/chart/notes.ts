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

{{- if eq .Values.mode "auto" }}

Where kube-proxy runs in iptables or nftables mode, pods reach the cache as they are: nothing is to be done.
Where it runs in IPVS mode, start kubelets with --cluster-dns={{ first .Values.localIPs }}
{{- else if eq .Values.mode "ipvs" }}

Start kubelets with --cluster-dns={{ first .Values.localIPs }}
{{- end }}
`;
