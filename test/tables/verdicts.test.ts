/** Every row of CoreDNS's own tests that says "accept" or "refuse" is decided here as there, or is listed with its reason. */
import { DIRECTIVES } from '../../image/chain/order';
import { type Row, tablesWith } from '../support/coredns-tables';
import { bodyRefusal } from '../support/corefile';
import { needs } from '../support/needs';

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

const machine = {
  files: {
    '/etc/resolv.conf': 'nameserver 10.10.255.252\n',
    '/etc/resolv-ipv6.conf': 'nameserver 0388:d254:7aec:6892:9f7f:e93b:5806:1b0f\n',
    '/etc/hosts': '127.0.0.1 localhost\n',
  },
  interfaces: [{ name: 'lo', addresses: ['127.0.0.1', '::1'] }],
};

/** Arguments as a Corefile writes them. */
function words(args: unknown): string {
  return (args as string[]).map((word) => (word === '' || /[\s#"]/.test(word) ? JSON.stringify(word) : word)).join(' ');
}

interface Verdict {
  readonly table: string;
  readonly body: string;
  readonly refused: boolean;
}

function verdicts(): Verdict[] {
  return tablesWith('coredns-v1.13.2', /^plugin\/(?!pkg)/).flatMap(({ file, func, rows }) => {
    const table = `${file.replace(/\/[^/]*$/, '')} ${func}`;
    return rows.flatMap((row) => {
      const column = VERDICTS.find((name) => name in row);
      const body = WHOLE[table]?.(row) ?? BODIES.map((name) => row[name]).find((value) => typeof value === 'string');
      return column === undefined || body === undefined ? [] : [{ table, body, refused: Boolean(row[column]) }];
    });
  });
}

/** A stand-in, because jest wants a row even for what it skips. */
const ABSENT: Verdict[] = [{ table: '', body: '', refused: true }];

/** Rows that are decided otherwise, with the reason. */
const EXCEPTIONS: readonly { readonly table: string; readonly body: RegExp; readonly reason: string }[] = [
  {
    table: 'plugin/template TestSetupParse',
    body: /\{\{ (parseInt \}|\.Grup\.d)/,
    reason: 'CoreDNS finds out at the first query; a template that can never work is refused at start',
  },
];

/** Directives that are still to come. A name leaves when its directive is here. */
const PENDING = ['dns64', 'loadbalance', 'pprof', 'trace'];

needs('tables').describe('a row of CoreDNS’s tables', () => {
  const all = verdicts();
  const nameOf = (body: string) => body.trim().split(/\s/)[0];
  const stateOf = (body: string) => DIRECTIVES.find(({ name }) => name === nameOf(body))?.state;
  const exceptionOf = (row: Verdict) =>
    EXCEPTIONS.find(({ table, body }) => table === row.table && body.test(row.body));
  const judged = all.filter((row) => stateOf(row.body) === 'here' && exceptionOf(row) === undefined);

  test('is one of many', () => {
    expect(all.length).toBeGreaterThan(480);
    expect(judged.length).toBeGreaterThan(200);
  });

  test.each(judged.length > 0 ? judged : ABSENT)('$table: $body', ({ body, refused }) => {
    const message = bodyRefusal(body, machine);
    if (/ this version does not have yet| not supported by this version/.test(message ?? '')) return; // Still to come.
    expect({ message, refused: message !== undefined }).toEqual({ message, refused });
  });

  test('is not judged while its directive is still to come', () => {
    const missing = all.map(({ body }) => nameOf(body)).filter((name) => stateOf(name) !== 'here');
    expect([...new Set(missing)].sort()).toEqual(PENDING);
  });

  test.each(EXCEPTIONS)('is an exception only while it differs: $table $body', ({ table, body }) => {
    const rows = all.filter((row) => row.table === table && body.test(row.body));
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(bodyRefusal(row.body, machine) !== undefined).not.toBe(row.refused);
  });
});
