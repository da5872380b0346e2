/** Chart.yaml: what Helm and Artifact Hub are told of the chart. */
import { stringify } from 'yaml';
import { DEFAULTS } from '../values';
import { versionIn } from './changelog';
import { CHART } from './facts';

/**
 * The file.
 * @param changelog text of CHANGELOG.md, whose part about this version Artifact Hub shows
 * @throws Error when that part is not there
 * @source Helm, The Chart.yaml File; Artifact Hub, Helm annotations
 */
export function chartYaml(changelog: string): string {
  const head = {
    apiVersion: 'v2',
    name: CHART.name,
    description: 'A DNS cache on every Kubernetes node, by the flags, Corefile and metrics of k8s-dns-node-cache',
    type: 'application',
    version: CHART.version,
    appVersion: CHART.appVersion,
    kubeVersion: '>=1.20.0-0', // The -0 admits the suffixes of vendors, v1.30.4-eks-1a2b3c for instance.
    home: CHART.repository,
    icon: `${CHART.files}/docs/icon.svg`,
    sources: [CHART.repository],
    keywords: ['dns', 'nodelocaldns', 'node-local-dns', 'coredns', 'cache'],
    maintainers: [{ name: CHART.name, url: CHART.repository }],
    annotations: annotations(changelog),
  };
  return stringify(head, { blockQuote: 'literal' }); // Folded, lists in annotations would be hard to read.
}

/** Lists are texts in here: annotations are. */
function annotations(changelog: string): Record<string, string> {
  const { registry, repository } = DEFAULTS.image;
  const images = [
    {
      name: 'node-cache',
      image: `${registry}/${repository}:${CHART.appVersion}`,
      platforms: ['linux/amd64', 'linux/arm64'],
    },
  ];
  const links = [
    { name: 'Differences to k8s-dns-node-cache', url: `${CHART.repository}/blob/main/COMPATIBILITY.md` },
    { name: 'Support', url: `${CHART.repository}/issues` },
  ];
  const screenshots = [
    { title: 'Dashboard: all caches', url: `${CHART.files}/docs/pictures/dashboard.png` },
    { title: 'Dashboard: the rows of each node', url: `${CHART.files}/docs/pictures/dashboard-node.png` },
  ];
  const { changes } = versionIn(changelog, CHART.version);
  const texts = { changes, images, links, screenshots };
  return {
    'artifacthub.io/category': 'networking',
    'artifacthub.io/license': 'Apache-2.0',
    'artifacthub.io/containsSecurityUpdates': String(changes.some(({ kind }) => kind === 'security')),
    ...Object.fromEntries(
      Object.entries(texts).map(([name, value]) => [`artifacthub.io/${name}`, stringify(value, { lineWidth: 0 })]),
    ),
  };
}
