/**
 * The chart as it is published: one file, and the same as an OCI layout that is pushed as it is.
 * `npm run --silent package -- FOLDER` writes both; `--tag v0.1.0` first checks that this is the version to release.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import { archive } from './archive';
import { versionIn } from './changelog';
import { CHART } from './facts';
import { type Artifact, writeLayout } from './oci-layout';

const ROOT = path.join(__dirname, '../..');

/** What was written. */
export interface Package {
  /** Path of the chart as one file. */
  readonly file: string;
  /** Path of the OCI layout. */
  readonly layout: string;
  /** Digest of the chart in a registry: what a signature is about. */
  readonly digest: string;
}

/**
 * Write both, and `notes.md`, what CHANGELOG.md says of the version.
 * @param folder where to; made when it is not there
 * @param artifactHubId identifier that Artifact Hub gave the repository: with it, a second artifact proves whose it is
 * @source Helm, Use OCI-based registries (media types); Artifact Hub, Helm charts repositories, OCI support
 */
export function packageChart(folder: string, artifactHubId = ''): Package {
  const files = chartOnDisk(path.join(ROOT, 'charts'));
  const content = archive(CHART.name, files);
  const file = path.join(folder, `${CHART.name}-${CHART.version}.tgz`);
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(file, content);
  fs.writeFileSync(path.join(folder, 'notes.md'), `${versionIn(changelog(), CHART.version).text}\n`);
  const chart = helmArtifact(parse(files['Chart.yaml']), content);
  const owner = artifactHubId === '' ? [] : [ownerArtifact(artifactHubId)];
  const layout = path.join(folder, 'oci');
  return { file, layout, digest: writeLayout(layout, [chart, ...owner])[chart.tag] };
}

function changelog(): string {
  return fs.readFileSync(path.join(ROOT, 'CHANGELOG.md'), 'utf8');
}

/** Path to text, Chart.yaml first: what reads an archive as it comes knows at once what it is. */
function chartOnDisk(folder: string): Record<string, string> {
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)));
  const ordered = ['Chart.yaml', ...paths.filter((name) => name !== 'Chart.yaml').sort()];
  return Object.fromEntries(ordered.map((name) => [name, fs.readFileSync(path.join(folder, name), 'utf8')]));
}

function helmArtifact(metadata: Record<string, unknown>, content: Buffer): Artifact {
  return {
    tag: CHART.version.replace('+', '_'), // A tag has no plus; Helm writes it so.
    config: { mediaType: 'application/vnd.cncf.helm.config.v1+json', content: Buffer.from(JSON.stringify(metadata)) },
    layers: [{ mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip', content }],
    annotations: {
      'org.opencontainers.image.title': CHART.name,
      'org.opencontainers.image.description': String(metadata.description),
      'org.opencontainers.image.version': CHART.version,
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.source': CHART.repository,
      'org.opencontainers.image.url': CHART.repository,
    },
  };
}

/** What Artifact Hub reads under its own tag. */
function ownerArtifact(repositoryId: string): Artifact {
  const file = 'artifacthub-repo.yml';
  const layer = {
    mediaType: 'application/vnd.cncf.artifacthub.repository-metadata.layer.v1.yaml',
    content: Buffer.from(`repositoryID: ${repositoryId}\n`),
    annotations: { 'org.opencontainers.image.title': file },
  };
  const config = { mediaType: 'application/vnd.cncf.artifacthub.config.v1+yaml', content: Buffer.alloc(0) };
  return { tag: 'artifacthub.io', config, layers: [layer] };
}

/**
 * Refuse to release what does not call itself so.
 * @param tag of git: `v` and the version
 * @throws Error when package.json has another version, or CHANGELOG.md no date for it
 */
export function checkTag(tag: string, text = changelog()): void {
  if (tag !== `v${CHART.version}`)
    throw new Error(`Tag ${tag}, and package.json has ${CHART.version}: want v${CHART.version}, or change the file`);
  if (versionIn(text, CHART.version).date === undefined)
    throw new Error(`CHANGELOG.md has '## ${CHART.version} (unreleased)': write the day of the release`);
}
