import { nodeVersionIn, npmPackages, parseDebianPackages, softwareBill } from '../../../image/container/software-bill';

const SHA512 = `sha512-${Buffer.alloc(64, 1).toString('base64')}`;
const LOCK = JSON.stringify({
  packages: {
    'node_modules/koffi': { version: '3.3.4', integrity: SHA512, license: 'MIT' },
    'node_modules/@koromix/koffi-linux-x64': { version: '3.3.4', integrity: SHA512 },
    'node_modules/linked': { version: '1.0.0' },
  },
});

describe('the SBOM of the image', () => {
  const bill = softwareBill({
    version: '0.1.0',
    nodeVersion: '24.21.0',
    architecture: 'amd64',
    debian: parseDebianPackages(
      'libmnl0 1.0.4-3 amd64 libmnl 1.0.4-3\nlibc6 2.36-9+deb12u14 amd64 glibc 2.36-9+deb12u14\n',
    ),
    npm: npmPackages(LOCK, ['koffi', '@koromix/koffi-linux-x64']),
    createdSeconds: 0,
  }) as {
    packages: Record<string, unknown>[];
    relationships: { relationshipType: string; relatedSpdxElement: string }[];
  };

  test('names everything once, and the image contains all of it', () => {
    const ids = bill.packages.map(({ SPDXID }) => SPDXID);
    expect(ids).toEqual([
      'SPDXRef-node-cache',
      'SPDXRef-node',
      'SPDXRef-koffi',
      'SPDXRef--koromix-koffi-linux-x64',
      'SPDXRef-libmnl0',
      'SPDXRef-libc6',
    ]);
    expect(bill.relationships.map(({ relatedSpdxElement }) => relatedSpdxElement)).toEqual(ids);
    expect(new Set(bill.relationships.slice(1).map(({ relationshipType }) => relationshipType))).toEqual(
      new Set(['CONTAINS']),
    );
  });

  test('names Debian packages as advisories do, with their source', () => {
    expect(JSON.stringify(bill)).toContain(
      'pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64&distro=debian-12&upstream=glibc%402.36-9%2Bdeb12u14',
    );
  });

  test('names npm packages with the sum of the lock file', () => {
    expect(bill.packages[3]).toMatchObject({
      versionInfo: '3.3.4',
      licenseDeclared: 'NOASSERTION',
      checksums: [{ algorithm: 'SHA512', checksumValue: '01'.repeat(64) }],
      externalRefs: [{ referenceLocator: 'pkg:npm/%40koromix/koffi-linux-x64@3.3.4' }],
    });
  });
});

describe('what the SBOM is made of is not guessed', () => {
  test.each([
    [
      'a line with a field too few',
      () => parseDebianPackages('libmnl0 1.0.4-3 amd64 libmnl\n'),
      "'libmnl0 1.0.4-3 amd64",
    ],
    ['a line with a field too many', () => parseDebianPackages('a 1 amd64 a 1 b\n'), "'a 1 amd64 a 1 b'"],
    ['a package that the lock file has not', () => npmPackages(LOCK, ['absent']), 'sum of absent'],
    ['a package without sum', () => npmPackages(LOCK, ['linked']), 'sum of linked'],
    ['a Node that does not say its version', () => nodeVersionIn(Buffer.from('\x7fELF')), 'official release'],
  ])('%s is refused', (_, act, message) => {
    expect(act).toThrow(message);
  });

  test("Node's version is read in a program of any architecture", () => {
    expect(nodeVersionIn(Buffer.from('\xff/download/release/v24.21.0/node-v24.21.0.tar.gz\0', 'latin1'))).toBe(
      '24.21.0',
    );
  });
});
