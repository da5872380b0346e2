/** README.md, which says which of our tests cover which of CoreDNS's, is true as far as names go. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DIRECTIVES } from '../../image/chain/order';
import { tablesWith } from '../support/coredns-tables';
import { needs } from '../support/needs';

const ROOT = join(__dirname, '../..');
const README = readFileSync(join(__dirname, 'README.md'), 'utf8');
const ROWS = [...README.matchAll(/^\| `([^`]+)` +\| +\d+ \|[^|]*\| (.*) \|$/gm)].map(([, theirs, ours]) => {
  return { theirs, ours: [...ours.matchAll(/`([^`]+)`/g)].map(([, path]) => path) };
});
const FOREIGN = [...README.matchAll(/^\| `([^`]+)` +\| [^|`]+ \|$/gm)].map(([, theirs]) => theirs);

/** Has the file, or some file of the folder, a test? */
function hasTest(path: string): boolean {
  const full = join(ROOT, path);
  if (!existsSync(full)) return false;
  if (statSync(full).isDirectory()) return readdirSync(full).some((name) => hasTest(join(path, name)));
  return path.endsWith('.test.ts') && /^ *test(\.each)?\(/m.test(readFileSync(full, 'utf8'));
}

/** Is it about a directive that is still to come? */
function isPending(theirs: string): boolean {
  const name = /^(?:plugin|test)\/([a-z0-9]+)/.exec(theirs)?.[1];
  return DIRECTIVES.some((directive) => directive.name === name && directive.state !== 'here');
}

test('the table has a row for each of a hundred files, once', () => {
  const all = [...ROWS.map(({ theirs }) => theirs), ...FOREIGN];
  expect(ROWS.length).toBeGreaterThan(100);
  expect(FOREIGN.length).toBeGreaterThan(15);
  expect(all.filter((theirs, index) => all.indexOf(theirs) !== index)).toEqual([]);
  expect(all).toHaveLength(README.match(/^\| `/gm)?.length ?? 0); // No row was overlooked.
});

test.each(ROWS)('$theirs is covered by tests that exist', ({ theirs, ours }) => {
  expect(ours.length).toBeGreaterThan(0);
  expect(isPending(theirs) ? [] : ours.filter((path) => !hasTest(path))).toEqual([]);
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
});
