/** An OCI image layout: a folder that `oras cp --from-oci-layout` and `skopeo copy oci:` push as it is. */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';

/** Bytes and what they are. */
export interface Blob {
  /** As the OCI image specification calls it. */
  readonly mediaType: string;
  readonly content: Buffer;
  /** Said of the blob where it is named. @default none */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** One artifact: what a registry has under one tag. */
export interface Artifact {
  readonly tag: string;
  readonly config: Blob;
  readonly layers: readonly Blob[];
  /** Said of the whole. @default none */
  readonly annotations?: Readonly<Record<string, string>>;
}

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/**
 * Write artifacts into a folder; the same artifacts give the same bytes.
 * @param folder made when it is not there; what another layout left in it stays
 * @returns the digest of each artifact, by tag: `sha256:` and 64 digits
 * @source OCI image specification 1.1: image-layout.md, manifest.md, descriptor.md
 */
export function writeLayout(folder: string, artifacts: readonly Artifact[]): Record<string, string> {
  const store = (blob: Blob): object => {
    const hex = createHash('sha256').update(blob.content).digest('hex');
    fs.mkdirSync(path.join(folder, 'blobs/sha256'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'blobs/sha256', hex), blob.content);
    const { mediaType, content, annotations } = blob;
    return { mediaType, digest: `sha256:${hex}`, size: content.length, ...(annotations && { annotations }) };
  };
  const manifests = artifacts.map(({ tag, config, layers, annotations }) => {
    const manifest = {
      schemaVersion: 2,
      mediaType: MANIFEST,
      config: store(config),
      layers: layers.map(store),
      ...(annotations && { annotations }),
    };
    const content = Buffer.from(JSON.stringify(manifest));
    return store({ mediaType: MANIFEST, content, annotations: { 'org.opencontainers.image.ref.name': tag } });
  });
  const write = (name: string, value: object): void => fs.writeFileSync(path.join(folder, name), JSON.stringify(value));
  write('oci-layout', { imageLayoutVersion: '1.0.0' });
  write('index.json', { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests });
  return Object.fromEntries(artifacts.map(({ tag }, index) => [tag, (manifests[index] as { digest: string }).digest]));
}
