import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import imageJson from '../../../image/package.json';
import { chartYaml } from '../../../lib/chart/chart-yaml';
import { CHART } from '../../../lib/chart/facts';
import { DEFAULTS } from '../../../lib/values';
import packageJson from '../../../package.json';

const ROOT = path.join(__dirname, '../../..');
const CHANGELOG = fs.readFileSync(path.join(ROOT, 'CHANGELOG.md'), 'utf8');
const chart = parse(chartYaml(CHANGELOG));
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
    const pictures = (annotation('screenshots') as { title: string; url: string }[]).map(({ url }) => url);
    const urls = [chart.icon, annotation('links')[0].url, ...pictures] as string[];
    expect(pictures.length).toBeGreaterThan(1);
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

  test('call a version that mends a hole so, and no other', () => {
    expect(chart.annotations['artifacthub.io/containsSecurityUpdates']).toBe('false');
    const mended = CHANGELOG.replace('### Added', '### Security\n\n- A hole is closed.\n\n### Added');
    expect(parse(chartYaml(mended)).annotations['artifacthub.io/containsSecurityUpdates']).toBe('true');
  });

  test('list what CHANGELOG.md says of this version', () => {
    const changes = annotation('changes') as { kind: string; description: string }[];
    expect(changes.length).toBeGreaterThan(0);
    for (const { description } of changes) expect(description).toMatch(/^\S.*\.$/);
  });
});
