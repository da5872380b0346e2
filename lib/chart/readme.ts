/** README.md of the chart. */
import { valuesTable } from '../helm/values-files';
import { FIELDS } from '../values';
import { CHART } from './facts';

/** For users of other charts who look for a value. Not a path: charts are read where the repository is not. */
const NOT_OFFERED = `${CHART.repository}/blob/main/lib/README.md#what-we-do-not-offer-and-why`;

const DOCS = `${CHART.repository}/blob/main/docs`;

/** Markdown: what the chart installs, how, and every value. */
export function readme(): string {
  return `# ${CHART.name}

A DNS cache on every node of a Kubernetes cluster.

    helm install ${CHART.name} ./charts --namespace kube-system

That is for a clone, and needs no values. Install it in \`kube-system\`: a Service selects pods of its own namespace only, and the
cluster DNS pods are there. [Before and after](${DOCS}/how-to/install.md), [upgrade](${DOCS}/how-to/upgrade.md),
[uninstall](${DOCS}/how-to/uninstall.md), [all pages](${DOCS}/README.md).

## What is installed

| Object | Why |
|---|---|
| DaemonSet \`node-local-dns\` | the cache, on the network of each node |
| ConfigMap \`node-local-dns\` | its Corefile; the node fills in the \`__PILLAR__\` names |
| Service \`kube-dns-upstream\` | a second way to the cluster DNS pods, past the address that the cache holds |
| Service \`kube-dns-endpoints\` | headless; tells nodes the cluster DNS pods, for the time a cache is down |
| Service \`node-local-dns\` | headless; where Prometheus finds the metrics |
| ServiceAccount \`node-local-dns\` | no rights, no token |
| CiliumLocalRedirectPolicy | in mode \`cilium-lrp\`: leads pods to the cache of their node |
| DaemonSet and ConfigMap \`node-local-dns-POOL\` | one of each per entry of \`nodePools\` |
| ServiceMonitor or PodMonitor, PrometheusRule, dashboard | only when enabled |
| VerticalPodAutoscaler, NetworkPolicy | only when enabled |
| after \`helm uninstall\`: a DaemonSet and a Job | for some seconds: they clean nodes whose cache was killed |
| for \`helm test\`: a Pod | asks through the cache |

For \`kubectl apply\`, render without hooks: \`helm template nodelocaldns ./charts --namespace kube-system --no-hooks\`.

## How pods reach the cache

\`mode\` decides:

| Mode | Addresses | What is to be done |
|---|---|---|
| \`auto\` | \`localIPs\`, and the ClusterIP of kube-dns unless kube-proxy runs in IPVS mode on the node | nothing; with IPVS: kubelets with \`--cluster-dns=169.254.20.10\` |
| \`iptables\` | \`localIPs\` and \`clusterDNS.ips\`, which must be set | nothing |
| \`ipvs\` | \`localIPs\` | kubelets with \`--cluster-dns=169.254.20.10\` |
| \`cilium-lrp\` | those of the pod, on the pod network | \`localRedirectPolicies.enabled\` in Cilium; the chart makes the policy |
| \`bind-only\` | \`localIPs\` and \`clusterDNS.ips\`, which something else keeps on the node | as that demands |

k8s-dns-node-cache cannot decide on the node: with \`image.flavor: k8s-dns-node-cache\`, name the ClusterIP in
\`clusterDNS.ips\` or set \`mode: ipvs\`.

\`helm template\` cannot look into the cluster, and neither can Argo CD with it; so no value is looked up there.

What other charts have and this one does not, and why: [the list](${NOT_OFFERED}).

## Values

Typos are refused: values.schema.json knows every name. This page and all files of the chart are written by \`npm run synth\` from lib/.

${valuesTable(FIELDS)}`;
}
