/** The folder itself; what a registry's clients make of it is in package.test.ts. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { type Artifact, writeLayout } from '../../../lib/chart/oci-layout';
import { temporaryFolder } from '../../support/helm';

/** SHA-256 of nothing, of `a` and of `b`: FIPS 180-4 by any tool. */
const NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const A = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb';
const B = '3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d';

const artifact = (tag: string, text: string): Artifact => ({
  tag,
  config: { mediaType: 'application/x-nothing', content: Buffer.alloc(0) },
  layers: [{ mediaType: 'text/plain', content: Buffer.from(text), annotations: { 'x.example/of': tag } }],
});

describe('an OCI layout', () => {
  const folder = temporaryFolder();
  const digests = writeLayout(folder, [artifact('1', 'a'), artifact('2', 'b')]);
  const read = (name: string) => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));
  const manifest = (tag: string) => read(`blobs/${digests[tag].replace(':', '/')}`);

  test('says that it is one', () => {
    expect(read('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
  });

  test('has each artifact under its tag', () => {
    const { manifests } = read('index.json') as { manifests: { digest: string; annotations: object }[] };
    expect(manifests.map(({ digest }) => digest)).toEqual([digests['1'], digests['2']]);
    expect(manifests[1].annotations).toEqual({ 'org.opencontainers.image.ref.name': '2' });
  });

  test('names blobs by sum and size, and says of them what is said', () => {
    const config = { mediaType: 'application/x-nothing', digest: `sha256:${NOTHING}`, size: 0 };
    const layer = (hex: string, tag: string) => ({
      mediaType: 'text/plain',
      digest: `sha256:${hex}`,
      size: 1,
      annotations: { 'x.example/of': tag },
    });
    expect(manifest('1')).toMatchObject({ schemaVersion: 2, config, layers: [layer(A, '1')] });
    expect(manifest('2')).toMatchObject({ config, layers: [layer(B, '2')] });
    expect(fs.readFileSync(path.join(folder, 'blobs/sha256', B), 'utf8')).toBe('b');
  });

  test('keeps a blob that two artifacts share once', () => {
    expect(fs.readdirSync(path.join(folder, 'blobs/sha256'))).toHaveLength(5);
  });
});
