/** What Chart.yaml says about the chart. */
import { stringify } from 'yaml';

// Not an import: the compiler would copy the file into the npm package's dist/, where it is one folder up already.
const packageJson = require('../../package.json') as { version: string };

/** Name and versions of the chart. */
export const CHART = {
  name: 'nodelocaldns',
  version: packageJson.version,
  /** The cache in this repository; the default image tag. */
  appVersion: packageJson.version,
  /** Version of k8s-dns-node-cache whose flags, Corefile and metrics the chart speaks, too. */
  speaksVersion: '1.26.8',
} as const;

/** Chart.yaml. @source Helm, The Chart.yaml File */
export function chartYaml(): string {
  return stringify({
    apiVersion: 'v2',
    name: CHART.name,
    description: 'A DNS cache on every Kubernetes node, by the flags, Corefile and metrics of k8s-dns-node-cache',
    type: 'application',
    version: CHART.version,
    appVersion: CHART.appVersion,
    kubeVersion: '>=1.20.0-0', // The -0 admits the suffixes of vendors, v1.30.4-eks-1a2b3c for instance.
    keywords: ['dns', 'nodelocaldns', 'node-local-dns', 'coredns', 'cache'],
  });
}
