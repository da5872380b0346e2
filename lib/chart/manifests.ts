/**
 * Plain manifests, from the same constructs as the chart: `npm run --silent manifests -- -f values.yaml | kubectl apply -f -`
 * here, `npx nodelocaldns manifests -f values.yaml | kubectl apply -f -` with the npm package.
 */
import * as fs from 'node:fs';
import { parseArgs } from 'node:util';
import { App, Chart } from 'cdk8s';
import { parse } from 'yaml';
import { merge } from '../helm/values';
import { NodeLocalDns, type NodeLocalDnsProps } from '../node-local-dns';
import type { UserValues } from '../values';

/**
 * All objects as one YAML stream.
 * @throws RangeError when the values break their schema or cannot work together
 */
export function manifests(props: NodeLocalDnsProps = {}): string {
  const app = new App();
  const chart = new Chart(app, 'chart', { disableResourceNameHashes: true });
  new NodeLocalDns(chart, 'cache', props);
  return app.synthYaml();
}

/** Values of all files, later ones over earlier ones. */
function read(files: readonly string[]): UserValues {
  const documents = files.map((file) => parse(fs.readFileSync(file, 'utf8'), { version: '1.1' }) as UserValues | null);
  return documents.reduce<UserValues>((values, document) => merge(values, document ?? {}), {});
}

/**
 * The command: `-f FILE` as often as one likes, `-n NAMESPACE`.
 * @returns what it prints
 * @throws Error with one message: an unknown flag, a file that cannot be read, values that are refused
 */
export function manifestsCommand(parameters: string[]): string {
  const options = {
    values: { type: 'string', short: 'f', multiple: true },
    namespace: { type: 'string', short: 'n' },
  } as const;
  const { values: given } = parseArgs({ args: parameters, options });
  const release = given.namespace === undefined ? {} : { namespace: given.namespace };
  return manifests({ values: read(given.values ?? []), release });
}
