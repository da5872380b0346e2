import { importFiles, readConfigFile } from '../../../image/corefile/imports';
import { fakeEnvironment } from '../../support/corefile';

const FILES = {
  '/etc/a.conf': 'one two\nthree',
  '/etc/b.conf': 'four',
  '/etc/.hidden': 'five',
  '/etc/d/c.conf': 'six',
  '/etc/d/sub/e.conf': 'seven',
  '/etc/x[1].conf': 'eight',
  '/etc/empty/': '',
};
const words = (pattern: string, from = 'Corefile') =>
  importFiles(pattern, from, fakeEnvironment({ files: FILES })).map(({ text }) => text);

test.each([
  ['a file', 'a.conf', 'one two three'],
  ['a file by its whole path', '/etc/d/c.conf', 'six'],
  ['a pattern, in order', '*.conf', 'one two three four eight'],
  ['one character', '?.conf', 'one two three four'],
  ['hidden files too', '.*den', 'five'],
  ['a pattern for folders', '*/c.conf', 'six'],
  ['a folder up', 'd/../a.conf', 'one two three'],
])('%s: %s', (_, pattern, expected) => {
  expect(words(pattern).join(' ')).toBe(expected);
});

test('paths begin where the importing file lies', () => {
  expect(words('c.conf', '/etc/d/f.conf')).toEqual(['six']);
  expect(words('d/c.conf', 'Corefile')).toEqual(['six']);
  expect(words('../b.conf', 'd/f.conf')).toEqual(['four']);
});

test('words carry the file’s whole path and its lines', () => {
  expect(importFiles('a.conf', 'Corefile', fakeEnvironment({ files: FILES }))).toEqual([
    { file: '/etc/a.conf', line: 1, text: 'one' },
    { file: '/etc/a.conf', line: 1, text: 'two' },
    { file: '/etc/a.conf', line: 2, text: 'three' },
  ]);
});

test.each([
  ['none.conf', 'File to import not found: none.conf'],
  ['d/sub', 'Could not import /etc/d/sub: is a directory'],
  ['d/*', 'Could not import /etc/d/sub: is a directory'],
  ['*/*.conf', 'Glob pattern may only contain one wildcard (*), but has others: /etc/*/*.conf'],
  ['??.conf', 'Glob pattern may only contain one wildcard (*), but has others: /etc/??.conf'],
  ['x[1].conf', 'Glob pattern may only contain one wildcard (*), but has others: /etc/x[1].conf'],
  ['x[1.conf', 'Failed to use import pattern x[1.conf: syntax error in pattern'],
])('%s: %s', (pattern, message) => {
  expect(() => words(pattern)).toThrow(new Error(message));
});

test('a pattern that finds nothing is a warning, for there may be files tomorrow', () => {
  const environment = fakeEnvironment({ files: FILES });
  expect(importFiles('empty/*', 'Corefile', environment)).toEqual([]);
  expect(environment.warnings).toEqual(['No files matching import glob pattern: empty/*']);
});

test('a file beyond the limit, or one that cannot be read, is named', () => {
  const files = { '/etc/big': 'x'.repeat((4 << 20) + 1), '/etc/fits': 'x'.repeat(4 << 20) };
  const environment = fakeEnvironment({ files });
  expect(readConfigFile('/etc/fits', environment)).toHaveLength(4 << 20);
  expect(() => readConfigFile('/etc/big', environment)).toThrow('/etc/big: 4194305 bytes are too many');
  expect(() => readConfigFile('/etc/none', environment)).toThrow('open /etc/none: no such file or directory');
});
