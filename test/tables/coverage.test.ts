/** README.md, which says which of our tests cover which of CoreDNS's, is true as far as names go. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Table, tablesWith } from '../support/coredns-tables';
import { needs } from '../support/needs';
import { verdictsOf } from './verdict-rows';

const ROOT = join(__dirname, '../..');
const README = readFileSync(join(__dirname, 'README.md'), 'utf8');
const ROWS = [...README.matchAll(/^\| `([^`]+)` +\| +\d+ \|[^|]*\| (.*) \|$/gm)].map(([, theirs, ours]) => {
  return { theirs, ours: [...ours.matchAll(/`([^`]+)`/g)].map(([, path]) => path) };
});
const FOREIGN = [...README.matchAll(/^\| `([^`]+)` +\| [^|`]+ \|$/gm)].map(([, theirs]) => theirs);

/** Tables that README.md excuses: file and function. */
const EXCUSED = new Set(
  [...README.matchAll(/^\| `([^`]+)`, `?([^`|]+?)`? +\| [^|]+ \|$/gm)].map(([, file, func]) => `${file} ${func}`),
);
const TESTS = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.test.ts'),
);
const WORDS = TESTS.map((path) => readFileSync(join(ROOT, 'test', path), 'utf8')).join('\n');
/** What tests that read a table without a function of its own say about its file. */
const PACKAGES = [...WORDS.matchAll(/'\(package\)', '([^']+)'/g)].map(([, part]) => part);

/** Are the table's rows put to our code by some test? */
function isDriven(table: Table): boolean {
  if (verdictsOf(table).length > 0) return true;
  return table.func === '(package)'
    ? PACKAGES.some((part) => table.file.includes(part))
    : WORDS.includes(`'${table.func}'`);
}

/** Has the file, or some file of the folder, a test? */
function hasTest(path: string): boolean {
  const full = join(ROOT, path);
  if (!existsSync(full)) return false;
  if (statSync(full).isDirectory()) return readdirSync(full).some((name) => hasTest(join(path, name)));
  return path.endsWith('.test.ts') && /^ *test(\.each)?\(/m.test(readFileSync(full, 'utf8'));
}

test('the table has a row for each of a hundred files, once', () => {
  const all = [...ROWS.map(({ theirs }) => theirs), ...FOREIGN];
  expect(ROWS.length).toBeGreaterThan(100);
  expect(FOREIGN.length).toBeGreaterThan(15);
  expect(all.filter((theirs, index) => all.indexOf(theirs) !== index)).toEqual([]);
  expect(all.length + EXCUSED.size).toBe(README.match(/^\| `/gm)?.length); // No row was overlooked.
});

test.each(ROWS)('$theirs is covered by tests that exist', ({ ours }) => {
  expect(ours.length).toBeGreaterThan(0);
  expect(ours.filter((path) => !hasTest(path))).toEqual([]);
});

/** functions.md: their file, their function, our file, the title; or why there is none. */
const FUNCTIONS = readFileSync(join(__dirname, 'functions.md'), 'utf8')
  .split('\n## ')
  .slice(1)
  .flatMap((section) => {
    const [theirs] = /(?<=^`)[^`]+/.exec(section)!;
    const rows = [...section.matchAll(/^\| `(\w+)` \| (?:–|`([^`]+)`) \| (.+) \|$/gm)];
    return rows.map(([, name, ours, title]) => ({ theirs, name, ours, title }));
  });

/** Is there such a test, group of tests or scenario? */
function hasTitle(path: string, title: string): boolean {
  const text = readFileSync(join(ROOT, path), 'utf8');
  if (path.endsWith('.scenario')) {
    return text.startsWith(`# ${title}\n`) && existsSync(join(ROOT, path.replace(/scenario$/, 'recorded')));
  }
  const start = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return path.endsWith('.test.ts') && new RegExp(`(?:\\b(?:test|describe)|[\\])])\\(\\s*['"\`]${start}`).test(text);
}

describe('functions.md', () => {
  test('has as many functions of each file as the table says, each once', () => {
    const count = (file: string) =>
      new Set(FUNCTIONS.filter(({ theirs }) => theirs === file).map(({ name }) => name)).size;
    const said = [...README.matchAll(/^\| `([^`]+)` +\| +(\d+) \|/gm)].map(([, file, number]) => [
      file,
      Number(number),
    ]);
    expect(said.map(([file]) => [file, count(String(file))])).toEqual(said);
    expect(FUNCTIONS.length).toBe(said.reduce((sum, [, number]) => sum + Number(number), 0));
  });

  test.each(FUNCTIONS.filter(({ ours }) => ours !== undefined))('$theirs $name: $title', ({ ours, title }) => {
    expect(hasTitle(ours, title)).toBe(true);
  });

  test('leaves out few, each with its reason', () => {
    const left = FUNCTIONS.filter(({ ours }) => ours === undefined);
    expect(left.length).toBeLessThan(FUNCTIONS.length / 12);
    expect(left.filter(({ title }) => title.length < 20)).toEqual([]);
  });
});

needs('tables').describe('the tables beside the project', () => {
  test('have rows in README.md, every file', () => {
    const listed = new Set([...ROWS.map(({ theirs }) => theirs), ...FOREIGN]);
    const files = (['caddyfile', 'coredns-v1.13.2'] as const).flatMap((source) => tablesWith(source, /./));
    expect(files.length).toBeGreaterThan(100);
    expect(
      [...new Set(files.map(({ file }) => file.replace(/^\.\//, '')))].filter((file) => !listed.has(file)),
    ).toEqual([]);
  });

  test('are driven by a test, row by row, or excused', () => {
    const all = (['caddyfile', 'coredns-v1.13.2'] as const).flatMap((source) => tablesWith(source, /./));
    const named = all.map((table) => ({
      name: `${table.file.replace(/^\.\//, '')} ${table.func}`,
      driven: isDriven(table),
    }));
    const whole = (name: string) => FOREIGN.includes(name.split(' ')[0]);
    expect(
      named.filter(({ name, driven }) => !driven && !EXCUSED.has(name) && !whole(name)).map(({ name }) => name),
    ).toEqual([]);
    expect([...EXCUSED].filter((name) => !named.some((one) => one.name === name))).toEqual([]);
    expect(named.filter(({ driven }) => driven).length).toBeGreaterThan(75);
  });
});
