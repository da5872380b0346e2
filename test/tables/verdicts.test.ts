/** Every row of CoreDNS's own tests that says "accept" or "refuse" is decided here as there, or is listed with its reason. */
import { DIRECTIVES } from '../../image/chain/order';
import { bodyRefusal } from '../support/corefile';
import { needs } from '../support/needs';
import { type Verdict, verdicts } from './verdict-rows';

const machine = {
  files: {
    '/etc/resolv.conf': 'nameserver 10.10.255.252\n',
    '/etc/resolv-ipv6.conf': 'nameserver 0388:d254:7aec:6892:9f7f:e93b:5806:1b0f\n',
    '/etc/hosts': '127.0.0.1 localhost\n',
  },
  interfaces: [{ name: 'lo', addresses: ['127.0.0.1', '::1'] }],
};

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
const PENDING = ['loadbalance'];

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
