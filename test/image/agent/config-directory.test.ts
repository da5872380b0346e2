/** A mounted ConfigMap as a directory. The rows of kubernetes/dns sync_dir_test.go, and what volumes do. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DirectoryContent, type DirectoryEntry, readConfigDirectory } from '../../../image/agent/config-directory';
import { SYSTEM_FILES } from '../../../image/agent/system';
import { CONFIG_DIRECTORY_FILES_MAX, CONFIG_FILE_BYTES_MAX } from '../../../image/limits';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodelocaldns-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const path = (name: string): string => join(folder, name);
const read = (directory = folder, ignored = ''): DirectoryContent =>
  readConfigDirectory(directory, SYSTEM_FILES, ignored);
const texts = ({ files }: DirectoryContent): Record<string, string> =>
  Object.fromEntries([...files].map(([name, content]) => [name, Buffer.from(content).toString()]));
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

test('a directory that is not there is an error', () => {
  expect(() => read(path('datadir'))).toThrow(`lstat ${path('datadir')}: no such file or directory`);
});

test('a file is no directory', () => {
  writeFileSync(path('f'), '');
  expect(() => read(path('f'))).toThrow(`config path "${path('f')}" is not a directory`);
});

test('an empty one has no version', () => {
  expect(read()).toEqual({ version: '', files: new Map() });
});

test('subdirectories and hidden files do not count', () => {
  mkdirSync(path('subdir'));
  writeFileSync(path('subdir/subdirfile'), 'test');
  writeFileSync(path('.hiddenfile'), 'test');
  symlinkSync(path('subdir'), path('link'));
  expect(read()).toEqual({ version: '', files: new Map() });
});

test('the version is a hash of names and contents, sorted by name', () => {
  writeFileSync(path('file2'), 'data2');
  writeFileSync(path('file1'), 'data1');
  expect(read().version).toBe(sha256('file1\0data1\0file2\0data2\0'));
  expect(texts(read(`${folder}/`))).toEqual({ file1: 'data1', file2: 'data2' });
  rmSync(path('file1'));
  writeFileSync(path('file3'), 'data3');
  expect(read().version).toBe(sha256('file2\0data2\0file3\0data3\0'));
});

test('an empty file has a version, other than no file', () => {
  writeFileSync(path('file1'), '');
  expect(read().version).toBe(sha256('file1\0\0'));
});

test('a file of ours can be left out', () => {
  writeFileSync(path('Corefile'), 'ours');
  writeFileSync(path('Corefile.base'), 'theirs');
  expect(texts(read(folder, 'Corefile'))).toEqual({ 'Corefile.base': 'theirs' });
});

test('the links of a ConfigMap volume are followed, before and after the kubelet swaps ..data', () => {
  for (const [version, text] of [
    ['..2026_1', '{}'],
    ['..2026_2', '{"a.test":["10.0.0.1"]}'],
  ]) {
    mkdirSync(path(version));
    writeFileSync(path(`${version}/stubDomains`), text);
  }
  symlinkSync('..2026_1', path('..data'));
  symlinkSync('..data/stubDomains', path('stubDomains'));
  expect(texts(read())).toEqual({ stubDomains: '{}' });
  symlinkSync('..2026_2', path('..data_tmp'));
  renameSync(path('..data_tmp'), path('..data'));
  expect(texts(read())).toEqual({ stubDomains: '{"a.test":["10.0.0.1"]}' });
});

test('a link that leads nowhere is an error that names it', () => {
  symlinkSync('..data/stubDomains', path('stubDomains'));
  expect(() => read()).toThrow('stubDomains');
});

test('what vanished between listing and reading is read again', () => {
  const entry = (name: string): DirectoryEntry => ({ name, isFile: true, bytes: 1, modifiedMs: 0 });
  const lists = [[entry('old')], [entry('new')]];
  const content = readConfigDirectory('/d', {
    list: () => lists.shift() ?? [],
    readBytes: (name) => {
      if (name === '/d/new') return Buffer.from('x');
      throw new Error('ENOENT');
    },
  });
  expect([...content.files.keys()]).toEqual(['new']);
});

describe('limits', () => {
  const many = (count: number, bytes: number, modifiedMs = 0): DirectoryEntry[] =>
    Array.from({ length: count }, (_, index) => ({ name: `f${index}`, isFile: true, bytes, modifiedMs }));

  test(`${CONFIG_DIRECTORY_FILES_MAX} files are read, one more is an error`, () => {
    const files = (count: number) => ({ list: () => many(count, 0), readBytes: () => new Uint8Array(0) });
    expect(readConfigDirectory('/d', files(CONFIG_DIRECTORY_FILES_MAX)).files.size).toBe(CONFIG_DIRECTORY_FILES_MAX);
    expect(() => readConfigDirectory('/d', files(CONFIG_DIRECTORY_FILES_MAX + 1))).toThrow(
      'config path "/d" has 1001 files, at most 1000 are read',
    );
  });

  test('a file too large to be read counts with its size and time', () => {
    const files = (modifiedMs: number) => ({
      list: () => many(1, CONFIG_FILE_BYTES_MAX + 1, modifiedMs),
      readBytes: (): Uint8Array => {
        throw new Error('too large');
      },
    });
    const before = readConfigDirectory('/d', files(1));
    expect(before.files.size).toBe(0);
    expect(readConfigDirectory('/d', files(1)).version).toBe(before.version);
    expect(readConfigDirectory('/d', files(2)).version).not.toBe(before.version);
  });
});
