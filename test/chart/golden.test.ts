/**
 * Whole manifests by scenario, to be read: golden/<name>.yaml is what `helm template` prints. After a change that is meant,
 * `PATH="$(.ci/tools.sh):$PATH" UPDATE_GOLDEN=1 npx jest test/chart/golden` writes them anew: read the difference.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { CHART } from '../../lib/chart/facts';
import * as support from '../support/helm';
import { needs } from '../support/needs';
import { SCENARIOS } from './scenarios';

const FOLDER = path.join(__dirname, 'golden');
const fileOf = (name: string): string => path.join(FOLDER, `${name}.yaml`);
const read = (name: string): string => fs.readFileSync(fileOf(name), 'utf8');
/** The version of the chart, which a release changes everywhere. */
const VERSION = new RegExp(`(?<![0-9.])${CHART.version.replaceAll('.', '\\.')}(?![0-9.])`, 'g');
const versionless = (text: string): string => text.replace(VERSION, 'VERSION');

type Rules = { spec: { groups: { rules: unknown[] }[] } };
const countRules = ({ spec }: Rules): string => `${spec.groups.flatMap(({ rules }) => rules).length} rules`;
const countLines = (text: string): string => `${text.trimEnd().split('\n').length} lines`;

/** Rules and dashboards have tests of their own and would bury all else: how much there is says enough here. */
const shorten = (document: string): string =>
  document
    .replace(
      /^ {2}groups:\n(?:(?: {4,}.*)?\n)+/m,
      () => `  groups: ${countRules(support.parsed(document)[0] as never)}\n`,
    )
    .replace(/^( +)(\S*json): \|-?\n((?:\1 {2}.*\n)+)/m, (_, pad, key, text) => `${pad}${key}: ${countLines(text)}\n`);

/** As above, of an object. */
function shortened(manifest: support.Manifest): unknown {
  const { kind, data, spec } = manifest as never as {
    kind: string;
    data: Record<string, string>;
    spec: { json: string };
  };
  if (kind === 'PrometheusRule') return { ...manifest, spec: { groups: countRules(manifest as never) } };
  if (kind === 'GrafanaDashboard') return { ...manifest, spec: { ...spec, json: countLines(spec.json) } };
  const entries = Object.entries(data ?? {}).map(([key, text]) => [
    key,
    key.endsWith('json') ? countLines(text) : text,
  ]);
  return data === undefined ? manifest : { ...manifest, data: Object.fromEntries(entries) };
}

/** A manifest as it stands in golden/. */
const golden = (output: string): string =>
  output
    .split(/^(?=---\n)/m)
    .map((document) => versionless(shorten(document)))
    .join('');

describe.each<support.HelmName>(['helm4', 'helm3'])('%s', (helm) => {
  needs(helm).describe('prints what stands in golden/', () => {
    const chart = support.synthesized(support.temporaryFolder());

    test.each(Object.entries(SCENARIOS))('%s.yaml', (name, values) => {
      const printed = golden(support.templateText(helm, chart, values));
      if (process.env.UPDATE_GOLDEN && helm === 'helm4') fs.writeFileSync(fileOf(name), printed);
      expect(printed).toBe(read(name));
    });
  });
});

describe('golden/', () => {
  test.each(Object.entries(SCENARIOS))('%s.yaml has the objects of the constructs', (name, values) => {
    const objects = support.direct(values).map(shortened) as support.Manifest[];
    const wanted = JSON.parse(versionless(JSON.stringify(support.byName(objects))));
    expect(support.byName(support.parsed(read(name)))).toEqual(wanted);
  });

  test('has a file for each scenario, and no other', () => {
    const files = fs.readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));
    expect(files.sort()).toEqual(
      Object.keys(SCENARIOS)
        .map((name) => `${name}.yaml`)
        .sort(),
    );
  });
});
