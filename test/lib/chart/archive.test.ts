/** What GNU tar reads out of it. What Helm reads is in package.test.ts. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { archive } from '../../../lib/chart/archive';
import { temporaryFolder } from '../../support/helm';

const folder = temporaryFolder();
const file = path.join(folder, 'a.tgz');
const files = { 'b.yaml': 'b: 1\n', empty: '', 'templates/a.yaml': 'x'.repeat(512), 'ü.txt': 'ü'.repeat(300) };

function tar(...parameters: string[]): string {
  fs.writeFileSync(file, archive('root', files));
  return execFileSync('tar', parameters, { cwd: folder, encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } });
}

describe('an archive', () => {
  test('has the files in the order of the record, root’s, readable by all, of 1980', () => {
    const lines = tar('tvzf', file, '--numeric-owner', '--quoting-style=literal', '--full-time').trim().split('\n');
    expect(lines.map((line) => line.replace(/ +/g, ' '))).toEqual([
      '-rw-r--r-- 0/0 5 1980-01-01 00:00:00 root/b.yaml',
      '-rw-r--r-- 0/0 0 1980-01-01 00:00:00 root/empty',
      '-rw-r--r-- 0/0 512 1980-01-01 00:00:00 root/templates/a.yaml',
      '-rw-r--r-- 0/0 600 1980-01-01 00:00:00 root/ü.txt',
    ]);
  });

  test('gives every byte back', () => {
    tar('xzf', file);
    for (const [name, text] of Object.entries(files)) {
      expect(fs.readFileSync(path.join(folder, 'root', name), 'utf8')).toBe(text);
    }
  });

  test('has the same bytes each time, and neither time nor system in its head', () => {
    const bytes = archive('root', files);
    expect(archive('root', files).equals(bytes)).toBe(true);
    expect([...bytes.subarray(0, 10)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
  });

  test.each([
    [95, true],
    [96, false],
  ])('a path of 5 and %i bytes fits: %s', (bytes, fits) => {
    const make = () => archive('root', { ['x'.repeat(bytes)]: '' });
    if (fits) expect(make).not.toThrow();
    else expect(make).toThrow('want at most 100 bytes');
  });
});
