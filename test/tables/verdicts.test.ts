/** Every row of CoreDNS's own tests that says "accept" or "refuse" is decided here as there, or is listed with its reason. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIRECTIVES } from '../../image/chain/order';
import { bodyRefusal } from '../support/corefile';
import { needs } from '../support/needs';
import { type Verdict, verdicts } from './verdict-rows';

const machine = {
  files: {
    '/etc/resolv.conf': 'nameserver 10.10.255.252\n',
    '/etc/resolv-ipv6.conf': 'nameserver 0388:d254:7aec:6892:9f7f:e93b:5806:1b0f\n',
    '/etc/hosts': '127.0.0.1 localhost\n',
    '/etc/wfile': 'www.coredns.org\n100.64.1.1 3\n',
    '/etc/wf': 'www.coredns.org\n100.64.1.1 3\n',
  },
  interfaces: [{ name: 'lo', addresses: ['127.0.0.1', '::1'] }],
};

/** A stand-in, because jest wants a row even for what it skips. */
const ABSENT: Verdict[] = [{ table: '', body: '', refused: true }];

/** Rows that are decided otherwise, each with its row in COMPATIBILITY.md. */
const EXCEPTIONS = [
  { table: 'plugin/trace TestTraceParse', body: /^trace datadog localhost|^trace datadog http/, id: 'trace-datadog' },
];

needs('tables').describe('a row of CoreDNS’s tables', () => {
  const all = verdicts();
  const nameOf = (body: string) => body.trim().split(/\s/)[0];
  const stateOf = (body: string) => DIRECTIVES.find(({ name }) => name === nameOf(body))?.state;
  const isException = ({ table, body }: Verdict) =>
    EXCEPTIONS.some((one) => one.table === table && one.body.test(body));
  const judged = all.filter((row) => stateOf(row.body) === 'here' && !isException(row));

  test('is one of many', () => {
    expect(all.length).toBeGreaterThan(480);
    expect(judged.length).toBeGreaterThan(480);
  });

  test.each(judged.length > 0 ? judged : ABSENT)('$table: $body', ({ body, refused }) => {
    const message = bodyRefusal(body, machine);
    expect({ message, refused: message !== undefined }).toEqual({ message, refused });
  });

  test('is judged, whatever its directive', () => {
    const missing = all.map(({ body }) => nameOf(body)).filter((name) => stateOf(name) !== 'here');
    expect([...new Set(missing)]).toEqual([]);
  });

  test.each(EXCEPTIONS)('is an exception while it differs, and is listed: $id', ({ table, body, id }) => {
    const rows = all.filter((row) => row.table === table && body.test(row.body) && !row.refused);
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(bodyRefusal(row.body, machine)).toBeDefined();
    expect(readFileSync(join(__dirname, '../../COMPATIBILITY.md'), 'utf8')).toContain(`| _${id}_ |`);
  });
});
