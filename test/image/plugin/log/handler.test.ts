import { Step } from '../../../../image/chain/plugin';
import { durationText } from '../../../../image/plugin/log/line';
import { Rcode, Type } from '../../../../image/wire/codes';
import { FLAG_QR, FLAG_RA, FLAG_RD, FLAG_TC } from '../../../../image/wire/header';
import { textToRecord } from '../../../../image/wire/record-text';
import { type Row, tables } from '../../../support/coredns-tables';
import { needs } from '../../../support/needs';
import { answering, HandlerWorld, type Inner, type WorldOptions } from '../../../support/query';

const record = (text: string) => textToRecord(text).record!;
const SUCCESS = answering(FLAG_QR | FLAG_RD | FLAG_RA, { answer: [record('example.org. 60 A 192.0.2.1')] });
const DENIAL = answering(FLAG_QR | Rcode.NXDOMAIN, { authority: [record('. 60 SOA a. b. 1 2 3 4 5')] });
const FAILURE: Inner = (query) => query.fail(Rcode.SERVFAIL, 'i/o timeout');

function world(log: string, inner: Inner = SUCCESS, options: WorldOptions = {}): HandlerWorld {
  const made: HandlerWorld = new HandlerWorld(`. {\n${log}\n}`, options, (query) => {
    made.nowMs += 0.0815; // Every answer takes 81.5 µs.
    return inner(query);
  });
  return made;
}

test('the common line', () => {
  const log = world('log');
  log.ask('Example.org.', { id: 7, udpSize: 1232, doBit: true });
  // 45 octets: header 12, question 17 and record 27 without compression are 56.
  expect(log.lines).toEqual([
    '[INFO] 10.240.0.1:40212 - 7 "A IN example.org. udp 40 true 1232" NOERROR qr,rd,ra 56 0.0000815s',
  ]);
});

test('a question nobody answered has neither code nor flags', () => {
  const log = world('log', FAILURE);
  log.ask('example.org.', { id: 7 });
  expect(log.lines).toEqual(['[INFO] 10.240.0.1:40212 - 7 "A IN example.org. udp 29 false 512" - - 0 0.0000815s']);
});

test.each([
  ['{remote} {local}', { remote: 'fd00::1', servers: ['dns://[fd00::53]:53'] }, {}, '[fd00::1] [fd00::53]'],
  ['{local} {port}', { servers: ['dns://169.254.20.10:53'] }, {}, '169.254.20.10 40212'],
  ['{local} {}', {}, {}, '[::] {}'],
  ['{proto} {>bufsize}', {}, { tcp: true, udpSize: 1232 }, 'tcp 65535'],
  ['{proto} {>bufsize}', {}, { udpSize: 100 }, 'udp 512'],
  ['{type} {class} {>opcode}', {}, { type: 'TYPE999', class: 77 }, 'TYPE999 CLASS77 0'],
  ['{type}{class}{>do}', {}, { type: 'None', class: 3 }, 'NoneCHfalse'],
  ['{>id}/{/meta} {unknown} {', {}, { id: 65535 }, '65535/- {unknown} {'],
] as const)('%s with %j, asked %j: %s', (format, options, asked, line) => {
  const log = world(`log . "${format}"`, SUCCESS, options);
  log.ask('example.org.', asked);
  expect(log.lines).toEqual([`[INFO] ${line}`]);
});

test('the code has its upper bits from the OPT record, and no name becomes a number', () => {
  const opt = { name: Uint8Array.of(0), type: Type.OPT, class: 0, ttl: 0x01000000, data: new Uint8Array(0) };
  const log = world('log . "{rcode} {>rflags} {rsize}"', answering(FLAG_QR | FLAG_TC, { additional: [opt] }));
  log.ask('a.');
  const odd = world('log . {rcode}|', answering(FLAG_QR | 12, {}));
  odd.ask('a.');
  expect([...log.lines, ...odd.lines]).toEqual(['[INFO] BADSIG qr,tc 30', '[INFO] 12|']);
});

test.each([
  ['class success', 'success'],
  ['class denial', 'denial'],
  ['class error', 'error'],
  ['class denial error', 'denial error'],
  ['class all', 'success denial error'],
  ['class success all', 'success denial error'],
])('%s writes %s', (option, expected) => {
  const inners = { success: SUCCESS, denial: DENIAL, error: FAILURE };
  const written = Object.entries(inners).filter(([, inner]) => {
    const log = world(`log {\n${option}\n}`, inner);
    log.ask('example.org.');
    return log.lines.length > 0;
  });
  expect(written.map(([name]) => name).join(' ')).toBe(expected);
});

test('the first rule for a name decides, even when its class does not fit', () => {
  const log = world('log example.org {\nclass error\n}\nlog . "any {name}"');
  for (const name of ['example.org.', 'www.example.org.', 'x\\.example.org.', 'example.net.']) log.ask(name);
  expect(log.lines).toEqual(['[INFO] any x\\.example.org.', '[INFO] any example.net.']);
});

test('a name outside of all rules is not written, whatever becomes of it', () => {
  const log = world('log example.org', FAILURE);
  expect(log.ask('example.net.').rcode).toBe('SERVFAIL');
  expect(log.lines).toEqual([]);
});

test('the answer stays as it is', () => {
  expect(world('log').ask('example.org.')).toMatchObject({
    writer: 'inner',
    answer: ['example.org. 60 IN A 192.0.2.1'],
  });
});

test.each([
  [0, '0'],
  [0.0000001, '0', 'less than a nanosecond'],
  [0.000001, '0.000000001'],
  [0.00012, '0.00000012'],
  [0.001, '0.000001'],
  [2000.380489, '2.000380489'],
  [5000, '5'],
  [-1, '0', 'clocks of two threads may differ'],
] as [number, string, string?][])('%d ms is %s s %s', (milliseconds, text) => {
  expect(durationText(milliseconds)).toBe(text);
});

interface Rule {
  readonly NameScope: string;
  readonly Format: string | { readonly $id: string };
}
const formatOf = ({ Format: format }: Rule) =>
  typeof format === 'string' ? format : format.$id === 'CombinedLogFormat' ? '{combined}' : '{common}';

needs('tables').describe('CoreDNS’s tables', () => {
  test.each(tables('coredns-v1.13.2', 'TestLogged').map((row) => [JSON.stringify(row), row] as const))(
    'TestLogged %s',
    (_, row) => {
      if (row['absent']) return;
      const rules = row['Rules'] as Rule[];
      const log = world(rules.map((rule) => `log ${rule.NameScope} "${formatOf(rule)}"`).join('\n'), FAILURE);
      log.ask(row['Domain'] as string);
      expect(log.lines).toHaveLength(row['ShouldLog'] ? 1 : 0);
      expect(log.lines.join()).toContain(row['ShouldString'] ?? '');
      if (row['ShouldNOTString']) expect(log.lines.join()).not.toContain(row['ShouldNOTString']);
    },
  );

  /** Without the metadata plugin every value is `-`. */
  const metadata = (func: string): [string, string][] =>
    tables('coredns-v1.13.2', func).map(({ expr, result }: Row) => [
      String(expr),
      String(expr).includes('{/') && String(expr).includes('}')
        ? String(expr).replace(/\{\/[^}]*\}/g, '-')
        : String(result),
    ]);
  test.each([...metadata('TestMetadataReplacement'), ...metadata('TestMetadataMalformed')])(
    'metadata %s is %s',
    (format, result) => {
      const log = world(`log . "${format} {"`);
      log.ask('a.');
      expect(log.lines).toEqual([`[INFO] ${result} {`]);
    },
  );
});

test('nobody behind log is an error of the last plugin', () => {
  const log = world('log . "{rcode} {name}"', () => Step.PASS);
  expect(log.ask('a.').error).toBe('plugin/inner: no next plugin found');
  expect(log.lines).toEqual(['[INFO] - a.']);
});
