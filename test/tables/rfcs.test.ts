/** What COMPATIBILITY.md says of RFCs is shown by the tests it names. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const SECTION = readFileSync(join(ROOT, 'COMPATIBILITY.md'), 'utf8').split('\n## What the RFCs ask\n')[1] ?? '';
const LINES = SECTION.split('\n').filter((line) => /^\| \d/.test(line));
const ROWS = LINES.flatMap((line) => {
  const match = /^\| (\d{4}) (§[^|]+) \| ([^|]+) \| “(.+)”, \[[^\]]+\]\((test\/[^)]+\.test\.ts)\) \|$/.exec(line);
  return match === null ? [] : [{ rfc: match[1], section: match[2], asks: match[3], title: match[4], path: match[5] }];
});

test('each line of the table was read', () => {
  expect(ROWS.length).toBe(LINES.length);
  expect(ROWS.length).toBeGreaterThan(25);
});

test.each(['5452', '6891', '7766', '7828', '7873', '8482', '8767', '8914', '9520'])('RFC %s has rows', (rfc) => {
  expect(ROWS.filter((row) => row.rfc === rfc).length).toBeGreaterThan(0);
});

test.each(ROWS)('RFC $rfc $section: $asks', ({ title, path }) => {
  // A test, or a row of one.
  const text = readFileSync(join(ROOT, path), 'utf8');
  expect(["'", '"', '`'].some((mark) => text.includes(`${mark}${title}${mark}`))).toBe(true);
});
