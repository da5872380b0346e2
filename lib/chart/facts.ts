/** What the chart is called, and where it comes from. */

// Not an import: the compiler would copy the file into the npm package's dist/, where it is one folder up already.
const packageJson = require('../../package.json') as { version: string; repository: { url: string } };
const repository = packageJson.repository.url.replace(/^git\+|\.git$/g, '');

/** Name and versions of the chart. */
export const CHART = {
  name: 'nodelocaldns',
  version: packageJson.version,
  /** The cache in this repository; the default image tag. */
  appVersion: packageJson.version,
  /** Version of k8s-dns-node-cache whose flags, Corefile and metrics the chart speaks, too. */
  speaksVersion: '1.26.8',
  /** Where the source is. */
  repository,
  /** Where a file of the source is served as it is: this and its path. */
  files: `${repository.replace('//github.com', '//raw.githubusercontent.com')}/main`,
} as const;
