/** Rows of CoreDNS's own test tables, read from beside the project when they are there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Fields of a row by name. */
export type Row = Readonly<Record<string, unknown>>;
/** A table: the test function it stands in, and its rows. */
export interface Table {
  readonly file: string;
  readonly func: string;
  readonly rows: readonly Row[];
}

const FOLDER = join(__dirname, '../../../shared/data/coredns-tables');
/** A stand-in so that a skipped `test.each` has something to be skipped. */
const ABSENT: Row[] = [{ absent: true }];

/** The rows of the table in test function `name`, of `file` when several files have one. */
export function tables(source: 'caddyfile' | 'coredns-v1.13.2', name: string, file = ''): Row[] {
  const path = join(FOLDER, `${source}.json`);
  if (!existsSync(path)) return ABSENT;
  const found = (JSON.parse(readFileSync(path, 'utf8')) as Table[]).filter(
    (table) => table.func === name && table.file.includes(file),
  );
  if (found.length === 0) throw new Error(`no table ${name} in ${file || source}`);
  return found.flatMap(({ rows }) => [...rows]);
}

/** All tables of files whose path matches; none when the data is not there. */
export function tablesWith(source: 'caddyfile' | 'coredns-v1.13.2', file: RegExp): Table[] {
  const path = join(FOLDER, `${source}.json`);
  if (!existsSync(path)) return [];
  return (JSON.parse(readFileSync(path, 'utf8')) as Table[]).filter((table) => file.test(table.file));
}
