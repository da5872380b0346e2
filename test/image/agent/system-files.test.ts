/** A file in one piece, on the real file system. */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listDirectory, replaceFile } from '../../../image/agent/system-files';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'nodelocaldns-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

const path = (name: string): string => join(folder, name);
const mode = (name: string): number => fs.statSync(path(name)).mode & 0o777;

describe('replacing', () => {
  test('a new file gets the mode asked for less the umask, and nothing is left beside it', () => {
    replaceFile(path('Corefile'), 'one', 0o666);
    expect(fs.readFileSync(path('Corefile'), 'utf8')).toBe('one');
    expect(mode('Corefile')).toBe(0o666 & ~process.umask());
    expect(fs.readdirSync(folder)).toEqual(['Corefile']);
  });

  test('who has the old one open reads the old one to its end', () => {
    fs.writeFileSync(path('Corefile'), 'old', { mode: 0o640 });
    const fd = fs.openSync(path('Corefile'), 'r');
    replaceFile(path('Corefile'), 'a longer new one', 0o666);
    expect(fs.readFileSync(fd, 'utf8')).toBe('old');
    fs.closeSync(fd);
    expect(fs.readFileSync(path('Corefile'), 'utf8')).toBe('a longer new one');
    expect(mode('Corefile')).toBe(0o640);
  });

  test('a link stays a link, the file behind it is another', () => {
    fs.mkdirSync(path('real'));
    fs.writeFileSync(path('real/Corefile'), 'old');
    fs.symlinkSync('real/Corefile', path('Corefile'));
    replaceFile(path('Corefile'), 'new', 0o666);
    expect(fs.lstatSync(path('Corefile')).isSymbolicLink()).toBe(true);
    expect(fs.readFileSync(path('real/Corefile'), 'utf8')).toBe('new');
  });

  test('what an earlier process left beside it does not matter', () => {
    fs.writeFileSync(path(`.Corefile.${process.pid}`), 'half');
    replaceFile(path('Corefile'), 'new', 0o666);
    expect(fs.readdirSync(folder)).toEqual(['Corefile']);
  });

  test('what is no file is written to as it is', () => {
    expect(() => replaceFile('/dev/null', 'new', 0o666)).not.toThrow();
    expect(fs.statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test('a directory that is not there is an error', () => {
    expect(() => replaceFile(path('nowhere/Corefile'), 'new', 0o666)).toThrow('ENOENT');
  });
});

test('a directory lists files, links followed; what leads nowhere counts as a file, so that reading it says so', () => {
  fs.mkdirSync(path('directory'));
  fs.writeFileSync(path('file'), 'four');
  fs.symlinkSync('file', path('link'));
  fs.symlinkSync('nowhere', path('broken'));
  fs.symlinkSync('directory', path('elsewhere'));
  const entries = listDirectory(folder).sort((a, b) => (a.name < b.name ? -1 : 1));
  expect(entries.map(({ name, isFile, bytes }) => [name, isFile, bytes])).toEqual([
    ['broken', true, 0],
    ['directory', false, expect.any(Number)],
    ['elsewhere', false, expect.any(Number)],
    ['file', true, 4],
    ['link', true, 4],
  ]);
});
