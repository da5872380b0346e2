/** `sbom.js ROOT PACKAGES LOCK`: the SBOM of the image whose files are in ROOT, to standard output. Part of the build. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { name as imageName, version } from '../package.json';
import { nodeVersionIn, npmPackages, parseDebianPackages, softwareBill } from './software-bill';

const [root, packagesFile, lockFile] = process.argv.slice(2);
if (root === undefined || packagesFile === undefined || lockFile === undefined)
  throw new Error(`${imageName}: usage: sbom.js ROOT PACKAGES LOCK`);

const debian = parseDebianPackages(readFileSync(packagesFile, 'utf8'));
const native = readdirSync(join(root, 'usr/lib/node-cache/node_modules/@koromix'));
const bill = softwareBill({
  version,
  nodeVersion: nodeVersionIn(readFileSync(join(root, 'usr/bin/node'))),
  architecture: debian.find(({ architecture }) => architecture !== 'all')?.architecture ?? 'all',
  debian,
  npm: npmPackages(readFileSync(lockFile, 'utf8'), [
    'koffi',
    ...native.map((folder) => `@koromix/${folder}`),
    're2js', // Inside the bundle.
  ]),
  createdSeconds: Number(process.env.SOURCE_DATE_EPOCH ?? 0),
});
process.stdout.write(`${JSON.stringify(bill, null, 1)}\n`);
