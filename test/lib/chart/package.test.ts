/** The chart as it is published, in the hands of those who pull it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { CHART } from '../../../lib/chart/facts';
import { checkTag, packageChart } from '../../../lib/chart/package';
import { HELMS, helm, helmEnvironment, helmMeanwhile, temporaryFolder } from '../../support/helm';
import { needs } from '../../support/needs';
import { type Registry, serveLayout } from '../../support/registry';

const ROOT = path.join(__dirname, '../../..');
const OWNER = '5e7b0b2c-8f1d-4c6b-9a57-0f6a3b1d2c4e';
const folder = temporaryFolder();
const written = packageChart(path.join(folder, 'out'), OWNER);
const blob = (digest: string): Buffer => fs.readFileSync(path.join(written.layout, 'blobs', digest.replace(':', '/')));
const json = (digest: string) => JSON.parse(blob(digest).toString());
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Path to text of an archive. */
function unpacked(file: string): Record<string, string> {
  const place = fs.mkdtempSync(path.join(folder, 'unpacked-'));
  execFileSync('tar', ['xzf', file, '-C', place]);
  const names = fs.readdirSync(place, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => fs.statSync(path.join(place, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, fs.readFileSync(path.join(place, name), 'utf8')]));
}

describe('the layout', () => {
  const index = JSON.parse(fs.readFileSync(path.join(written.layout, 'index.json'), 'utf8'));
  const [chart, owner] = index.manifests;

  test('has the same digest each time', () => {
    expect(packageChart(path.join(folder, 'again'), OWNER).digest).toBe(written.digest);
  });

  test('names every blob by its sum and its size', () => {
    const names = fs.readdirSync(path.join(written.layout, 'blobs/sha256'));
    expect(names).toHaveLength(6); // Two manifests, two configurations, two layers.
    for (const name of names) expect(sha256(blob(`sha256:${name}`))).toBe(name);
    for (const { digest, size } of index.manifests) {
      const { config, layers } = json(digest);
      expect(blob(digest)).toHaveLength(size);
      for (const each of [config, ...layers]) expect(blob(each.digest)).toHaveLength(each.size);
    }
  });

  test('has the chart under its version', () => {
    expect(chart).toMatchObject({
      digest: written.digest,
      annotations: { 'org.opencontainers.image.ref.name': CHART.version },
    });
    const { config, layers } = json(chart.digest);
    expect(json(config.digest)).toMatchObject({ name: CHART.name, version: CHART.version, apiVersion: 'v2' });
    expect(blob(layers[0].digest).equals(fs.readFileSync(written.file))).toBe(true);
  });

  test('has what Artifact Hub asks for under its own tag, where it gave an identifier', () => {
    expect(owner.annotations).toEqual({ 'org.opencontainers.image.ref.name': 'artifacthub.io' });
    expect(blob(json(owner.digest).layers[0].digest).toString()).toBe(`repositoryID: ${OWNER}\n`);
    const { layout } = packageChart(path.join(folder, 'unowned'));
    expect(JSON.parse(fs.readFileSync(path.join(layout, 'index.json'), 'utf8')).manifests).toHaveLength(1);
  });
});

describe('the file', () => {
  test('holds charts/, all of it, under the chart’s name', () => {
    const files = unpacked(written.file);
    expect(Object.keys(files)).toContain('nodelocaldns/templates/daemonset.yaml');
    for (const [name, text] of Object.entries(files)) {
      expect(text).toBe(fs.readFileSync(path.join(ROOT, 'charts', path.relative('nodelocaldns', name)), 'utf8'));
    }
  });
});

describe.each(HELMS)('%s', (name) => {
  const charts = path.join(ROOT, 'charts');

  needs(name).describe('with the file', () => {
    test('packs the same files itself', () => {
      helm(name, folder, ['package', charts, '--destination', path.join(folder, name)]);
      const theirs = unpacked(path.join(folder, name, path.basename(written.file)));
      const ours = unpacked(written.file);
      expect(Object.keys(ours)).toEqual(Object.keys(theirs));
      delete theirs['nodelocaldns/Chart.yaml']; // Helm writes it anew, with its keys in order.
      expect(ours).toMatchObject(theirs);
    });

    test('renders it as it renders the folder, and finds no fault', () => {
      const render = (chart: string) => helm(name, folder, ['template', 'cache', chart, '--namespace', 'kube-system']);
      expect(render(written.file)).toBe(render(charts));
      expect(helm(name, folder, ['lint', '--strict', written.file])).toContain('1 chart(s) linted, 0 chart(s) failed');
    });
  });

  needs(name).describe('with a registry that has the layout', () => {
    let registry: Registry;

    beforeAll(async () => {
      registry = await serveLayout(written.layout);
    });
    afterAll(() => registry.close());

    test('pulls the file, and shows what it is', async () => {
      const chart = `oci://${registry.address}/charts/${CHART.name}`;
      const place = fs.mkdtempSync(path.join(folder, 'pulled-'));
      const version = ['--version', CHART.version, '--plain-http'];
      await helmMeanwhile(name, ['pull', chart, ...version, '--destination', place], helmEnvironment(folder));
      expect(fs.readFileSync(path.join(place, path.basename(written.file)))).toEqual(fs.readFileSync(written.file));
      const shown = await helmMeanwhile(name, ['show', 'chart', chart, ...version], helmEnvironment(folder));
      expect(shown).toContain(`version: ${CHART.version}`);
    });
  });
});

describe('a release', () => {
  const heading = `## ${CHART.version} (2026-01-31)\n\n### Added\n\n- A.\n`;

  test('is of the version in package.json, dated in CHANGELOG.md', () => {
    expect(() => checkTag(`v${CHART.version}`, heading)).not.toThrow();
  });

  test.each([
    ['another version', 'v9.9.9', heading, `Tag v9.9.9, and package.json has ${CHART.version}: want v${CHART.version}`],
    ['no v', CHART.version, heading, `Tag ${CHART.version}, and`],
    ['no date', `v${CHART.version}`, heading.replace('2026-01-31', 'unreleased'), "(unreleased)': write the day"],
    ['no word of it', `v${CHART.version}`, '# Changelog\n', 'want a heading'],
  ])('with %s is refused with the repair', (_, tag, text, message) => {
    expect(() => checkTag(tag, text)).toThrow(message);
  });
});

describe('npm run package', () => {
  const run = (...parameters: string[]) =>
    spawnSync(path.join(ROOT, 'node_modules/.bin/tsx'), ['lib/chart/package-main.ts', ...parameters], {
      cwd: ROOT,
      encoding: 'utf8',
    });

  test('says what it wrote, as a workflow reads it', () => {
    const { stdout, status } = run(path.join(folder, 'said'), '--artifacthub-id', OWNER);
    expect(status).toBe(0);
    expect(stdout.split('\n')).toEqual([
      `version=${CHART.version}`,
      `file=${folder}/said/${CHART.name}-${CHART.version}.tgz`,
      `layout=${folder}/said/oci`,
      `digest=${written.digest}`,
      '',
    ]);
    expect(fs.readFileSync(path.join(folder, 'said/notes.md'), 'utf8')).toMatch(/^### Added\n/);
  });

  test.each([[[]], [['a', 'b']], [['a', '--tag', 'v9.9.9']]])(
    'with %j ends with one line and status 1',
    (parameters) => {
      expect(run(...parameters)).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(/^[^\n]+\n$/) });
    },
  );
});
