import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import imageJson from '../../../image/package.json';
import { chartYaml } from '../../../lib/chart/chart-yaml';
import { CHART } from '../../../lib/chart/facts';
import { DEFAULTS } from '../../../lib/values';
import packageJson from '../../../package.json';

const ROOT = path.join(__dirname, '../../..');
const chart = parse(chartYaml(fs.readFileSync(path.join(ROOT, 'CHANGELOG.md'), 'utf8')));
const annotation = (name: string) => parse(chart.annotations[`artifacthub.io/${name}`]);
/** The file of this repository that an address names. */
const fileAt = (url: string): string =>
  url.replace(`${CHART.files}/`, '').replace(`${CHART.repository}/blob/main/`, '');

describe('Chart.yaml', () => {
  test('has the one version that package, image and chart share', () => {
    expect(chart).toMatchObject({ version: packageJson.version, appVersion: packageJson.version });
    expect(imageJson.version).toBe(packageJson.version);
  });

  test('admits Kubernetes from 1.20, vendor suffixes included', () => {
    expect(chart).toMatchObject({ apiVersion: 'v2', name: 'nodelocaldns', kubeVersion: '>=1.20.0-0' });
  });

  test('names pages and pictures of this repository that exist', () => {
    const urls = [chart.icon, annotation('links')[0].url] as string[];
    expect(urls).toEqual(urls.filter((url) => fs.existsSync(path.join(ROOT, fileAt(url)))));
    expect(fileAt(chart.icon)).toBe('docs/icon.svg');
    expect(chart.sources).toEqual(['https://github.com/nodelocaldns/nodelocaldns']);
  });
});

describe('annotations for Artifact Hub', () => {
  test('are texts, as annotations have to be', () => {
    for (const value of Object.values(chart.annotations)) expect(typeof value).toBe('string');
  });

  test('name the image of the defaults, for the scanner', () => {
    const { registry, repository } = DEFAULTS.image;
    expect(annotation('images')).toEqual([
      {
        name: 'node-cache',
        image: `${registry}/${repository}:${packageJson.version}`,
        platforms: ['linux/amd64', 'linux/arm64'],
      },
    ]);
  });

  test('list what CHANGELOG.md says of this version', () => {
    const changes = annotation('changes') as { kind: string; description: string }[];
    expect(changes.length).toBeGreaterThan(0);
    for (const { description } of changes) expect(description).toMatch(/^\S.*\.$/);
  });
});
