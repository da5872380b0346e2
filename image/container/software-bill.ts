/** The SBOM of the image: what is inside, by version, as an SPDX 2.3 document that scanners read. */

/** A Debian package whose files are in the image. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Source package: security advisories name this one. */
  readonly source: string;
  readonly sourceVersion: string;
}

/** An npm package that is in the image or in our bundle. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** As package-lock.json has it: `sha512-` and base64. */
  readonly integrity: string;
  readonly license: string;
}

/** What the document is made of. */
export interface Inventory {
  /** Of Node, without `v`. */
  readonly nodeVersion: string;
  /** Of our own package.json. */
  readonly version: string;
  /** As Debian calls it. */
  readonly architecture: string;
  readonly debian: readonly DebianPackage[];
  readonly npm: readonly NpmPackage[];
  /** Seconds since 1970; not the clock's, so that the same image has the same document. */
  readonly createdSeconds: number;
}

interface SpdxPackage {
  readonly SPDXID: string;
  readonly name: string;
  readonly versionInfo: string;
  readonly downloadLocation: 'NOASSERTION';
  readonly filesAnalyzed: false;
  readonly licenseConcluded: 'NOASSERTION';
  readonly licenseDeclared: string;
  readonly copyrightText: 'NOASSERTION';
  readonly checksums?: readonly { readonly algorithm: 'SHA512'; readonly checksumValue: string }[];
  readonly externalRefs?: readonly [
    {
      readonly referenceCategory: 'PACKAGE-MANAGER';
      readonly referenceType: 'purl';
      readonly referenceLocator: string;
    },
  ];
}

const SPDX_ID_FOREIGN = /[^A-Za-z0-9.-]/g; // SPDX 2.3 section 7.2: letters, digits, dot, hyphen.

function spdxPackage(name: string, version: string, license: string, purl?: string): SpdxPackage {
  return {
    SPDXID: `SPDXRef-${name.replace(SPDX_ID_FOREIGN, '-')}`,
    name,
    versionInfo: version,
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: license,
    copyrightText: 'NOASSERTION',
    ...(purl !== undefined && {
      externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }] as const,
    }),
  };
}

function ofDebian({ name, version, architecture, source, sourceVersion }: DebianPackage): SpdxPackage {
  const upstream = encodeURIComponent(`${source}@${sourceVersion}`);
  const purl = `pkg:deb/debian/${encodeURIComponent(name)}@${encodeURIComponent(version)}`;
  // Texts are in the image, /usr/share/doc/NAME/copyright: most are more than one licence, which no expression of ours says.
  return spdxPackage(
    name,
    version,
    'NOASSERTION',
    `${purl}?arch=${architecture}&distro=debian-12&upstream=${upstream}`,
  );
}

function ofNpm({ name, version, integrity, license }: NpmPackage): SpdxPackage {
  const [algorithm, sum] = integrity.split('-', 2);
  if (algorithm !== 'sha512' || !sum) throw new Error(`${name} ${version}: integrity '${integrity}', want sha512-…`);
  const checksumValue = Buffer.from(sum, 'base64').toString('hex');
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return { ...spdxPackage(name, version, license, purl), checksums: [{ algorithm: 'SHA512', checksumValue }] };
}

/**
 * The document.
 * @source SPDX 2.3; package URLs: purl-spec, types deb, npm and generic
 */
export function softwareBill(inventory: Inventory): object {
  const { nodeVersion, version, architecture, debian, npm, createdSeconds } = inventory;
  const image = spdxPackage('node-cache', version, 'Apache-2.0');
  const parts = [
    spdxPackage('node', nodeVersion, 'NOASSERTION', `pkg:generic/node@${nodeVersion}`),
    ...npm.map(ofNpm),
    ...debian.map(ofDebian),
  ];
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `node-cache-${version}-${architecture}`,
    documentNamespace: `urn:nodelocaldns:node-cache:${version}:${architecture}`,
    creationInfo: {
      created: new Date(createdSeconds * 1000).toISOString().replace('.000Z', 'Z'),
      creators: ['Organization: nodelocaldns'],
    },
    packages: [image, ...parts],
    relationships: [
      { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: image.SPDXID },
      ...parts.map(({ SPDXID }) => ({
        spdxElementId: image.SPDXID,
        relationshipType: 'CONTAINS',
        relatedSpdxElement: SPDXID,
      })),
    ],
  };
}

/**
 * Read what rootfs.sh wrote.
 * @param text a line per package: name, version, architecture, source package, its version
 */
export function parseDebianPackages(text: string): DebianPackage[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name, version, architecture, source, sourceVersion, ...more] = line.split(' ');
      if (!name || !version || !architecture || !source || !sourceVersion || more.length > 0)
        throw new Error(`'${line}': want package, version, architecture, source package, its version`);
      return { name, version, architecture, source, sourceVersion };
    });
}

/** What a lock file says of packages. @param lock text of package-lock.json @param names which */
export function npmPackages(lock: string, names: readonly string[]): NpmPackage[] {
  const { packages } = JSON.parse(lock) as { packages: Record<string, Partial<NpmPackage>> };
  return names.map((name) => {
    const { version, integrity, license } = packages[`node_modules/${name}`] ?? {};
    if (!version || !integrity) throw new Error(`package-lock.json has no version and sum of ${name}`);
    return { name, version, integrity, license: license ?? 'NOASSERTION' };
  });
}

/** Node's version out of its program, which may be of another architecture and is not started. */
export function nodeVersionIn(program: Buffer): string {
  // process.release.sourceUrl is a constant in it.
  const found = /\/node-v(\d+\.\d+\.\d+)\.tar\.gz/.exec(program.toString('latin1'));
  if (found === null) throw new Error('the node program does not say its version: is it an official release?');
  return found[1]!;
}
