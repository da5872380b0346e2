/** Known bugs and attacks have tests by their names: README.md says which, and this is true. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { needs } from '../support/needs';

const ROOT = join(__dirname, '../..');
const SECTION = readFileSync(join(__dirname, 'README.md'), 'utf8').split('\n## Known bugs and attacks\n')[1] ?? '';
/** What the list is made from; it is not part of the project. */
const LIST = join(ROOT, '../shared/reference/coredns-semantics.md');

const pathsOf = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, path]) => path);
const rows = [...SECTION.matchAll(/^\| (.+?) \| (.+) \| (`.+`) \|$/gm)].map(([, name, what, ours]) => ({
  name,
  what,
  ours: pathsOf(ours),
}));
const BOUNDS = rows.filter(({ what }) => what.startsWith('“'));
const BUGS = rows.filter((row) => !BOUNDS.includes(row));

/** Titles of all tests and groups of tests in a file. */
function titlesOf(path: string): string[] {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return [...text.matchAll(/^ *(?:test|describe)(?:\.each[\s\S]*?\]\))?\(\s*(['"`])(.*?)\1,/gm)].map(
    ([, , title]) => title,
  );
}

/** `CVE-2024-0874, coredns #6186` as its parts; `NAME #1, #2` are both NAME's. */
function idsOf(name: string): string[] {
  return [...name.matchAll(/CVE-\d+-\d+|#\d+/g)].map(([id]) => id);
}

test('forty names are known, each once', () => {
  const names = BUGS.map(({ name }) => name);
  expect(names.length).toBeGreaterThan(38);
  expect(new Set(names).size).toBe(names.length);
  const ids = BUGS.flatMap(({ name }) => idsOf(name));
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test.each(BUGS)('$name heads a title', ({ name, ours }) => {
  expect(ours.length).toBeGreaterThan(0);
  for (const path of ours) {
    const heads = titlesOf(path).map((title) => title.split(': ')[0]);
    expect({ path, heads }).toEqual({ path, heads: expect.arrayContaining([name]) });
  }
});

test.each(BOUNDS)('$what: a bound is tested', ({ what, ours }) => {
  for (const path of ours) expect(readFileSync(join(ROOT, path), 'utf8')).toContain(`'${what.slice(1, -1)}`);
});

needs('reference').describe('the list beside the project', () => {
  test('has no name that is not here', () => {
    const section = readFileSync(LIST, 'utf8').split('\n## 8. ')[1].split('\n## 9. ')[0];
    const long = section.replace(/(CVE-(\d+)-\d+)((?:(?:, -|\/)\d+)+)/g, (_, first, year, rest: string) => {
      return first + rest.replace(/(?:, -|\/)(\d+)/g, ` CVE-${year}-$1`);
    });
    const wanted = idsOf(long);
    expect(wanted.length).toBeGreaterThan(55);
    const here = new Set(idsOf(SECTION));
    expect(wanted.filter((id) => !here.has(id))).toEqual([]);
  });
});
