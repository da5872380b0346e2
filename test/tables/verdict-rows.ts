/** The rows of CoreDNS's tables that say what is accepted and what is refused. */
import { type Row, type Table, tablesWith } from '../support/coredns-tables';

/** Columns that hold a directive with its block. */
const BODIES = ['input', 'config', 'inputFileRules', 'inputErrorsRules', 'inputLogRules', 'inputUpstreams'];
/** Columns that say whether it is refused. */
const VERDICTS = ['shouldErr', 'failing', 'shouldError', 'expectedFail', 'wantError', 'failMsg', 'expectedErr'];

/** Tables whose rows are parts of a directive. */
const WHOLE: Readonly<Record<string, (row: Row) => string>> = {
  'plugin/cache TestServeStale': ({ input }) => `cache {\n${input}\n}`,
  'plugin/cache TestServfail': ({ input }) => `cache {\n${input}\n}`,
  'plugin/cache TestDisable': ({ input }) => `cache {\n${input}\n}`,
  'plugin/cache TestKeepttl': ({ input }) => `cache {\n${input}\n}`,
  'plugin/rewrite TestNewRule': ({ args }) => `rewrite ${words(args)}`,
  'plugin/rewrite TestNewNameRule': ({ next, args }) => `rewrite ${next} name ${words(args)}`,
  'plugin/rewrite TestNewTTLRule': ({ next, args }) => `rewrite ${next} ttl ${words(args)}`,
  'plugin/rewrite TestNewRCodeRule': ({ next, args }) => `rewrite ${next} rcode ${words(args)}`,
};

/** Arguments as a Corefile writes them. */
function words(args: unknown): string {
  return (args as string[]).map((word) => (word === '' || /[\s#"]/.test(word) ? JSON.stringify(word) : word)).join(' ');
}

/** A row: lines of a server block, and whether they are refused. */
export interface Verdict {
  readonly table: string;
  readonly body: string;
  readonly refused: boolean;
}

/** The rows of a table that are of this kind. */
export function verdictsOf({ file, func, rows }: Table): Verdict[] {
  if (!/^plugin\/(?!pkg)/.test(file)) return [];
  const table = `${file.replace(/\/[^/]*$/, '')} ${func}`;
  return rows.flatMap((row) => {
    const column = VERDICTS.find((name) => name in row);
    const body = WHOLE[table]?.(row) ?? BODIES.map((name) => row[name]).find((value) => typeof value === 'string');
    return column === undefined || body === undefined ? [] : [{ table, body, refused: Boolean(row[column]) }];
  });
}

/** All of them; none when the data is not there. */
export function verdicts(): Verdict[] {
  return tablesWith('coredns-v1.13.2', /./).flatMap(verdictsOf);
}
