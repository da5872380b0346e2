/** NOTES.txt: what Helm prints after an install, the next step for the values in use. */

/** Bytes of an answer in a full cache, and of the process without one. @source README.md, memory of full caches */
const ENTRY_BYTES = 203;
const PROCESS_MIB = 28;

/** What is to be done at kubelets, where pods ask the local address. */
const KUBELET = `
  existing nodes: in /var/lib/kubelet/config.yaml, then systemctl restart kubelet; pods made later have it
    clusterDNS: [{{ join ", " .Values.localIPs }}]
  new nodes of kubeadm: the same line, by kubectl --namespace kube-system edit configmap kubelet-config
  new nodes by user data, before the kubelet starts:
    echo 'KUBELET_EXTRA_ARGS=--cluster-dns={{ join "," .Values.localIPs }}' >> /etc/default/kubelet`;

/** One pod that tries the cache while all others stay as they are. */
const OPT_IN = `
One pod at a time, to try it out:
  dnsPolicy: None
  dnsConfig:
    nameservers: [{{ join ", " .Values.localIPs }}]
    searches: [NAMESPACE.svc.{{ .Values.clusterDomain }}, svc.{{ .Values.clusterDomain }}, {{ .Values.clusterDomain }}]
    options: [{name: ndots, value: "5"}]`;

const NAMESPACE = `{{- if ne .Release.Namespace "kube-system" }}

WARNING: the release is in {{ .Release.Namespace }}. The cluster DNS pods and the kube-dns ConfigMap are in
kube-system, and a Service selects pods of its own namespace only: unless yours are elsewhere, the
cache will find neither an upstream nor the address of kube-dns. Install with --namespace kube-system.
{{- end }}`;

/** By mode; each paragraph begins with the empty line before it. */
const MODES = `{{- if eq .Values.mode "cilium-lrp" }}

Cilium leads pods to the cache when its localRedirectPolicies are enabled; this shows whether it does:
  kubectl --namespace {{ .Release.Namespace }} get ciliumlocalredirectpolicies
Pods that ran before the policy was made may have to be made again.
{{- else if eq .Values.mode "bind-only" }}

The cache listens on {{ join ", " (concat .Values.localIPs .Values.clusterDNS.ips | uniq) }}, which must be addresses of each node
already; it writes no rules, and cannot hand over to kube-dns while it is down.
{{- else if eq .Values.mode "ipvs" }}

The cache answers on {{ join ", " .Values.localIPs }}. Lead pods there by their kubelets:
${KUBELET}
${OPT_IN}
{{- else if .Values.clusterDNS.ips }}

The cache answers on {{ join ", " (concat .Values.localIPs .Values.clusterDNS.ips | uniq) }}: pods use it as they are.
{{- else if eq .Values.image.flavor "k8s-dns-node-cache" }}

WARNING: clusterDNS.ips is empty and k8s-dns-node-cache does not look for the address of kube-dns: the
cache answers on {{ join ", " .Values.localIPs }} only, where no pod asks yet. Where kube-proxy runs in iptables or nftables mode:
  IP=$(kubectl --namespace kube-system get service kube-dns --output jsonpath={.spec.clusterIP})
  helm upgrade {{ .Release.Name }} CHART --namespace {{ .Release.Namespace }} --reuse-values --set "clusterDNS.ips={$IP}"
Where it runs in IPVS mode: set mode to ipvs and read on there.
{{- else }}

Where kube-proxy runs in iptables or nftables mode, the cache answers on the ClusterIP of Service {{ .Values.clusterDNS.service }},
and pods use it as they are. Where it runs in IPVS mode, the cache answers on {{ join ", " .Values.localIPs }} only, and
pods are led there by their kubelets:
${KUBELET}
${OPT_IN}
{{- end }}`;

const MEMORY = `{{- if not .Values.corefile }}
{{- $entries := 0 }}
{{- range list .Values.zones.cluster .Values.zones.reverse .Values.zones.reverse .Values.zones.external }}
{{- $entries = add $entries .cache.success.capacity .cache.denial.capacity }}
{{- end }}

Memory: {{ $entries }} answers when all caches of the zones are full, about {{ add ${PROCESS_MIB} (div (mul $entries ${ENTRY_BYTES}) 1048576) }} MiB
(and some 32 MiB of files).
{{- end }}`;

/** @source Helm, Creating a NOTES.txt File */
export const NOTES = `{{ .Values.fullnameOverride }} is being placed on every Linux node of the cluster.

  kubectl --namespace {{ .Release.Namespace }} get daemonset {{ .Values.fullnameOverride }}
{{- if and .Values.helmTest.enabled (eq .Values.image.flavor "nodelocaldns") }}
  helm test {{ .Release.Name }} --namespace {{ .Release.Namespace }}
  kubectl --namespace {{ .Release.Namespace }} logs {{ .Values.fullnameOverride }}-test --all-containers
{{- end }}
{{- with .Values.daemonSet.updateStrategy }}
{{- if eq .type "OnDelete" }}

The update strategy is OnDelete: an upgrade reaches a node when its pod is deleted. Do not wait for
it: where pods would change, Helm 4's --wait and Flux wait in vain, and Helm 3's is over at once.
{{- end }}
{{- end }}
${NAMESPACE}
${MODES}
${MEMORY}
`;
