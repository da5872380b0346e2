/** The build step as the Dockerfile calls it, on a small root. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';

const PROJECT = path.join(__dirname, '../../..');

describe('sbom.js ROOT PACKAGES LOCK', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sbom-'));
  const program = path.join(folder, 'sbom.js');

  beforeAll(() => {
    const entryPoints = [path.join(PROJECT, 'image/container/sbom.ts')];
    buildSync({ entryPoints, bundle: true, platform: 'node', target: 'node20', outfile: program });
    mkdirSync(path.join(folder, 'usr/bin'), { recursive: true });
    writeFileSync(path.join(folder, 'usr/bin/node'), 'release/v24.21.0/node-v24.21.0.tar.gz');
    mkdirSync(path.join(folder, 'usr/lib/node-cache/node_modules/@koromix/koffi-linux-arm64'), { recursive: true });
    writeFileSync(path.join(folder, 'packages'), 'netbase 6.4 all netbase 6.4\nlibmnl0 1.0.4-3 arm64 libmnl 1.0.4-3\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('tells what lies in ROOT, with the sums of the real lock file', () => {
    const lock = path.join(PROJECT, 'package-lock.json');
    const bill = JSON.parse(
      execFileSync(process.execPath, [program, folder, path.join(folder, 'packages'), lock], {
        encoding: 'utf8',
        env: { SOURCE_DATE_EPOCH: '86400' },
      }),
    );
    expect(bill.name).toMatch(/^node-cache-[\d.]+-arm64$/);
    expect(bill.creationInfo.created).toBe('1970-01-02T00:00:00Z');
    expect(bill.packages.map(({ name }: { name: string }) => name)).toEqual([
      'node-cache',
      'node',
      'koffi',
      '@koromix/koffi-linux-arm64',
      're2js',
      'netbase',
      'libmnl0',
    ]);
  });

  test('says how it is called when a word is missing', () => {
    const { status, stderr } = spawnSync(process.execPath, [program, folder], { encoding: 'utf8' });
    expect(status).not.toBe(0);
    expect(stderr).toContain('usage: sbom.js ROOT PACKAGES LOCK');
  });
});
