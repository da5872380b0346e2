/** README.md of the chart. */
import { valuesTable } from '../helm/values-files';
import { FIELDS } from '../values';
import { CHART } from './facts';

/** Markdown: what the chart installs, how, and every value. */
export function readme(): string {
  return `# ${CHART.name}

A DNS cache on every node of a Kubernetes cluster. Written by \`cdk8s synth\` from lib/: change it there.

    helm install ${CHART.name} ./charts --namespace kube-system

That needs no values and breaks nothing: pods reach the cache once they are led to it, see below. Install it in
\`kube-system\`: a Service selects pods of its own namespace only, and the cluster DNS pods are there.

## What is installed

| Object | Why |
|---|---|
| DaemonSet \`node-local-dns\` | the cache, on the network of each node |
| ConfigMap \`node-local-dns\` | its Corefile; the node fills in the \`__PILLAR__\` names |
| Service \`kube-dns-upstream\` | a second way to the cluster DNS pods, past the address that the cache holds |
| Service \`node-local-dns\` | headless; where Prometheus finds the metrics |
| ServiceAccount \`node-local-dns\` | no rights, no token |
| ServiceMonitor, PrometheusRule | only when enabled |

## How pods reach the cache

- kube-proxy in iptables or nftables mode: name the ClusterIP of kube-dns in \`clusterDNS.ips\`. The cache answers on it
  on each node and no kubelet changes. An image that finds the address on the node, in \`KUBE_DNS_SERVICE_HOST\`, needs
  no value; k8s-dns-node-cache, the default image, does not look there.
- kube-proxy in IPVS mode: leave \`clusterDNS.ips\` empty and start kubelets with \`--cluster-dns=169.254.20.10\`.

\`helm template\` cannot look into the cluster, and neither can Argo CD with it; so no value is looked up there.

## Values

Typos are refused: values.schema.json knows every name.

${valuesTable(FIELDS)}`;
}
