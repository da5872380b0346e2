/** NOTES.txt: what Helm prints after an install, the next step for the values in use. */

/** Bytes of an answer in a full cache, and of the process without one. @source README.md, memory of full caches */
const ENTRY_BYTES = 203;
const PROCESS_MIB = 28;
/** Answers that the two stores of a stub domain hold: `cache` without sizes. @source coredns plugin/cache, defaultCap */
const STUB_ENTRIES = 2 * 9984;

/** What is to be done at kubelets, where pods ask a local address; `addresses` is a list in Helm's words. */
function kubelet(addresses: string): string {
  return `
  existing nodes: in /var/lib/kubelet/config.yaml, then systemctl restart kubelet; pods made later have it
    clusterDNS: [{{ join ", " ${addresses} }}]
  new nodes of kubeadm: the same line, by kubectl --namespace kube-system edit configmap kubelet-config
  new nodes by user data, before the kubelet starts: in /etc/default/kubelet, at the end of the line that is
  there, or as a new one where there is none; of two lines the last alone would count
    KUBELET_EXTRA_ARGS=--cluster-dns={{ join "," ${addresses} }}`;
}
const KUBELET = kubelet('.Values.localIPs');

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
{{- if eq .Values.cilium.localRedirectPolicy.matcher "address" }}

It is for {{ first .Values.localIPs }}, which pods ask when their kubelets hand it out:
${kubelet('(list (first .Values.localIPs))')}
{{- end }}
{{- else if eq .Values.mode "bind-only" }}

The cache listens on {{ join ", " (concat .Values.localIPs .Values.clusterDNS.ips | uniq) }}, which must be addresses of each node
already; it writes no rules, and cannot hand over to kube-dns while it is down.
{{- else if eq .Values.mode "ipvs" }}

The cache answers on {{ join ", " .Values.localIPs }}. Lead pods there by their kubelets:
${KUBELET}
${OPT_IN}
{{- else if .Values.clusterDNS.ips }}

The cache answers on {{ join ", " (concat .Values.localIPs .Values.clusterDNS.ips | uniq) }}: pods use it as they are.
{{- if and (eq .Values.mode "auto") (eq .Values.image.flavor "nodelocaldns") }}
Not on nodes where kube-proxy runs in IPVS mode: the image leaves {{ join ", " .Values.clusterDNS.ips }} to it, and pods
ask the cache there once their kubelets hand out {{ join ", " .Values.localIPs }}.
{{- end }}
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

const MEMORY = `{{- if and (not .Values.corefile) (eq .Values.image.flavor "nodelocaldns") }}
{{- $zones := .Values.zones }}
{{- $blocks := list $zones.cluster $zones.reverse $zones.reverse $zones.external }}
{{- range .Values.rewrites }}
{{- $blocks = append $blocks (ternary $zones.external $zones.cluster (.external | default false)) }}
{{- end }}
{{- $entries := mul ${STUB_ENTRIES} (len (.Values.stubDomains | default dict)) }}
{{- range $blocks }}
{{- if .cache.enabled }}
{{- $entries = add $entries .cache.success.capacity .cache.denial.capacity }}
{{- end }}
{{- end }}

Memory: {{ $entries }} answers when the caches of zones, stub domains and rewrites are full, about {{ add ${PROCESS_MIB} (div (mul $entries ${ENTRY_BYTES}) 1048576) }} MiB
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
