/** The real Helm, and the same objects straight from the constructs. */
import { type ExecFileException, execFile, execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Chart, Testing } from 'cdk8s';
import { parseAllDocuments } from 'yaml';
import { helmChart } from '../../lib/chart/chart';
import { CHART } from '../../lib/chart/facts';
import type { Release } from '../../lib/installation';
import { NodeLocalDns } from '../../lib/node-local-dns';
import type { UserValues } from '../../lib/values';

/** A manifest as parsed. */
export type Manifest = { kind: string; metadata: { name: string; namespace: string }; [field: string]: unknown };

export const HELMS = ['helm3', 'helm4'] as const;
export type HelmName = (typeof HELMS)[number];

const RELEASE = { name: 'cache', namespace: 'kube-system' };

/** Path of a Helm: HELM3 or HELM4, or what PATH has. */
export function helmProgram(name: HelmName): string {
  return process.env[name.toUpperCase()] || name;
}

/** An empty folder that is gone after the test file. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'nodelocaldns-'));
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The chart as synth writes it now, in a folder of its own. */
export function synthesized(folder: string): string {
  const chart = path.join(folder, 'charts');
  helmChart(chart).synth();
  return chart;
}

/** Helm's own files go to `folder`, so that no test reads a person's repositories or clusters. */
export function helmEnvironment(folder: string): NodeJS.ProcessEnv {
  const homes = { HELM_CACHE_HOME: folder, HELM_CONFIG_HOME: folder, HELM_DATA_HOME: folder };
  return { ...process.env, ...homes, KUBECONFIG: path.join(folder, 'no-kubeconfig') };
}

/** Run Helm and return what it prints. @throws Error with Helm's message */
export function helm(name: HelmName, folder: string, parameters: readonly string[]): string {
  try {
    return execFileSync(helmProgram(name), parameters, {
      encoding: 'utf8',
      env: helmEnvironment(folder),
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
    });
  } catch (error) {
    throw new Error((error as { stderr: string }).stderr);
  }
}

/** As `helm`, while this process goes on serving. */
export function helmMeanwhile(name: HelmName, parameters: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const done = (error: ExecFileException | null, stdout: string, stderr: string): void => {
      if (error) reject(new Error(stderr));
      else resolve(stdout);
    };
    execFile(helmProgram(name), parameters, { env }, done);
  });
}

/** A line feed ends the file: Helm 4.1 reads nothing of a line whose bytes are a multiple of 4096 and that has none. */
function writeValues(file: string, values: object): void {
  fs.writeFileSync(file, `${JSON.stringify(values)}\n`);
}

/** What `helm template` prints for values. JSON is YAML without its surprises. */
export function templateText(name: HelmName, chart: string, values: object, more: readonly string[] = []): string {
  const folder = path.dirname(chart);
  const file = path.join(folder, 'values.json');
  writeValues(file, values);
  const place = ['--namespace', RELEASE.namespace, '--values', file];
  return helm(name, folder, ['template', RELEASE.name, chart, ...place, ...more]);
}

/** The objects in what `helm template` prints for values. */
export function template(name: HelmName, chart: string, values: object, more: readonly string[] = []): Manifest[] {
  return parsed(templateText(name, chart, values, more));
}

const alias = (index: number): string => `${CHART.name}-copy${index}-`;

/** What `helm template` prints for a parent chart that has the chart once for each of many values. @throws Error */
function parentTemplate(
  name: HelmName,
  chart: string,
  values: readonly object[],
  more: readonly string[] = [],
): string {
  const folder = path.join(path.dirname(chart), 'many');
  const dependencies = values.map((_, index) => ({ name: CHART.name, version: CHART.version, alias: alias(index) }));
  fs.cpSync(chart, path.join(folder, 'charts', CHART.name), { recursive: true });
  const parent = { apiVersion: 'v2', name: 'many', version: '0.1.0', dependencies };
  fs.writeFileSync(path.join(folder, 'Chart.yaml'), JSON.stringify(parent));
  const file = path.join(folder, 'many.json');
  writeValues(file, Object.fromEntries(values.map((one, index) => [alias(index), one])));
  const place = ['--namespace', RELEASE.namespace, '--values', file];
  return helm(name, path.dirname(chart), ['template', RELEASE.name, folder, ...place, ...more]);
}

/** What `helm template` makes of many values in one go. */
export function templates(
  name: HelmName,
  chart: string,
  values: readonly object[],
  more: readonly string[] = [],
): Manifest[][] {
  const output = parentTemplate(name, chart, values, more);
  const streams = values.map((): string[] => []);
  for (const document of output.split(/^---\n(?=# Source: )/m).filter(Boolean)) {
    const [, index] = /^# Source: many\/charts\/[a-z]+-copy(\d+)-\//.exec(document) ?? [];
    streams[Number(index)].push(document.replaceAll(alias(Number(index)), CHART.name));
  }
  return streams.map((documents) => parsed(documents.map((document) => `---\n${document}`).join('')));
}

/** Whether anything in it is null, which Helm takes for another thing in the values of a parent chart. */
export const hasNull = (values: unknown): boolean => /[:[,]null[,}\]]/.test(JSON.stringify(values));

/** What Helm has against many values, by the schema, in one go; '' where they fit. */
export function misfits(name: HelmName, chart: string, values: readonly object[]): string[] {
  const found = values.map(() => '');
  try {
    parentTemplate(name, chart, values);
  } catch (error) {
    const { message } = error as Error;
    for (const [, index, lines] of message.matchAll(/^[a-z]+-copy(\d+)-:\n((?: *- .*\n)+)/gm))
      found[Number(index)] = lines;
    if (!message.includes("values don't meet the specifications")) throw error;
  }
  return found;
}

/** A YAML stream as Helm reads it: version 1.1. A key twice is an error, as it is for stricter tools than Helm. */
export function parsed(stream: string): Manifest[] {
  const documents = parseAllDocuments(stream, { version: '1.1' });
  for (const document of documents) if (document.errors.length > 0) throw document.errors[0];
  return documents.map((document) => document.toJS() as Manifest).filter(Boolean);
}

/** The objects that the constructs make of the same values, with nothing templated. */
export function direct(values: UserValues, release: Partial<Release> = {}): Manifest[] {
  const chart = new Chart(Testing.app(), 'chart', { disableResourceNameHashes: true });
  const facts = { ...RELEASE, service: 'Helm', chart: `${CHART.name}-${CHART.version}`, ...release };
  new NodeLocalDns(chart, 'cache', { values, release: facts });
  return Testing.synth(chart) as Manifest[];
}

/** Objects by kind, namespace and name, so that order does not matter. */
export function byName(manifests: readonly Manifest[]): Record<string, Manifest> {
  return Object.fromEntries(
    manifests.map((manifest) => [
      `${manifest.kind} ${manifest.metadata.namespace}/${manifest.metadata.name}`,
      manifest,
    ]),
  );
}

/** The one object of a kind and name. */
export function find(manifests: readonly Manifest[], kind: string, name = 'node-local-dns'): Manifest {
  const found = manifests.filter((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (found.length !== 1) throw new Error(`Wanted one ${kind} ${name}, found ${found.length}`);
  return found[0];
}
