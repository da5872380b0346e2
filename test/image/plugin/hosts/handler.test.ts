import type { Step } from '../../../../image/chain/plugin';
import { packHosts } from '../../../../image/plugin/hosts/pack';
import { Class, Rcode } from '../../../../image/wire/codes';
import { FLAG_AD, FLAG_CD, FLAG_RD } from '../../../../image/wire/header';
import { nameToText } from '../../../../image/wire/name-text';
import { type Row, tables } from '../../../support/coredns-tables';
import { needs } from '../../../support/needs';
import { HandlerWorld } from '../../../support/query';

const FILE = `
127.0.0.1 localhost localhost.domain
::1 localhost localhost.domain
10.0.0.1 example.org
::FFFF:10.0.0.2 example.com
10.0.0.3 fallthrough-example.org
10.0.0.4 two.example.org # and a comment
10.0.0.5\tTwo.Example.ORG.
fe80::1%eth0 zoned.example.org
reload 5s
timeout 3600
`;
const files = { '/etc/hosts': FILE };
const refused = (query: { fail(rcode: number, error: string): Step }) => query.fail(Rcode.REFUSED, '');
const world = (block = 'hosts', zones = '.') => new HandlerWorld(`${zones} {\n${block}\n}`, { files }, refused);

test.each([
  ['example.org.', 'A', ['example.org. 3600 IN A 10.0.0.1'], 'as it stands in the file'],
  ['EXAMPLE.org.', 'A', ['example.org. 3600 IN A 10.0.0.1'], 'the owner is lower-case whatever was asked'],
  ['example.com.', 'A', ['example.com. 3600 IN A 10.0.0.2'], 'IPv4 in IPv6 clothes is IPv4'],
  ['localhost.', 'AAAA', ['localhost. 3600 IN AAAA ::1'], 'IPv6 apart from IPv4'],
  ['zoned.example.org.', 'AAAA', ['zoned.example.org. 3600 IN AAAA fe80::1'], 'an IPv6 zone is left off'],
  [
    'two.example.org.',
    'A',
    ['two.example.org. 3600 IN A 10.0.0.4', 'two.example.org. 3600 IN A 10.0.0.5'],
    'in file order, names case aside',
  ],
  [
    '1.0.0.127.in-addr.arpa.',
    'PTR',
    ['1.0.0.127.in-addr.arpa. 3600 IN PTR localhost.', '1.0.0.127.in-addr.arpa. 3600 IN PTR localhost.domain.'],
    'all names of an address',
  ],
  ['2.0.0.10.in-addr.arpa.', 'PTR', ['2.0.0.10.in-addr.arpa. 3600 IN PTR example.com.'], 'backwards, too'],
  ['example.org.', 'AAAA', [], 'known, no such address'],
  ['example.org.', 'TXT', [], 'known, another type'],
])('%s %s is answered with authority: %j %s', (name, type, answer, _reason) => {
  const outcome = world().ask(name, { type });
  expect(outcome).toMatchObject({ rcode: 'NOERROR', writer: 'hosts', isAuthoritative: true, answer });
});

test('an IPv6 address has its name, too', () => {
  const nibbles = `1.${'0.'.repeat(31)}ip6.arpa.`;
  expect(world().ask(nibbles, { type: 'PTR' }).answer).toEqual([
    `${nibbles} 3600 IN PTR localhost.`,
    `${nibbles} 3600 IN PTR localhost.domain.`,
  ]);
});

test.each([
  ['unknown.example.org.', 'A', 'SERVFAIL', 'no SOA, so no NXDOMAIN'],
  ['unknown.example.org.', 'TXT', 'SERVFAIL', 'whatever the type'],
  ['9.9.9.9.in-addr.arpa.', 'PTR', 'REFUSED', 'an unknown address goes on'],
  ['0.0.10.in-addr.arpa.', 'PTR', 'REFUSED', 'three labels are no address'],
  ['01.0.0.10.in-addr.arpa.', 'PTR', 'REFUSED', 'no leading zeros'],
  ['x.1.0.0.10.in-addr.arpa.', 'PTR', 'REFUSED', 'five labels are none either'],
  ['example.org.', 'PTR', 'REFUSED', 'a PTR question for another name goes on'],
  [`0.1.${'0.'.repeat(31)}ip6.arpa.`, 'PTR', 'REFUSED', '33 labels are no address'],
  ['::1.in-addr.arpa.', 'PTR', 'REFUSED', 'an IPv6 address in the zone of IPv4 is none'],
])('%s %s is %s: %s', (name, type, rcode) => {
  expect(world().ask(name, { type })).toMatchObject({ rcode, error: '', answer: [], message: undefined });
});

test.each([
  ['hosts {\nfallthrough\n}', 'unknown.', 'REFUSED', 'all names go on'],
  ['hosts {\nfallthrough example.org\n}', 'x.example.org.', 'REFUSED', 'this one goes on'],
  ['hosts {\nfallthrough example.org\n}', 'x.example.net.', 'SERVFAIL', 'others do not'],
  ['hosts {\nfallthrough example.org\n}', 'x\\.example.org.', 'SERVFAIL', 'an escaped dot separates nothing'],
  ['hosts /etc/hosts example.org {\nfallthrough\n}', 'localhost.', 'REFUSED', 'outside the zones it goes on'],
  ['hosts /etc/hosts example.org', 'localhost.', 'REFUSED', 'outside the zones it goes on without fallthrough'],
  ['hosts /etc/hosts example.org', 'x.example.org.', 'SERVFAIL', 'inside it is unknown'],
  ['hosts /etc/hosts example.org', 'example.org.', 'NOERROR', 'the apex is inside'],
])('%j: %s is %s: %s', (block, name, rcode, _reason) => {
  expect(world(block).ask(name).rcode).toBe(rcode);
});

test('PTR is answered whatever the zones, but only with names inside them', () => {
  const hosts = world('hosts /etc/hosts example.org');
  expect(hosts.ask('1.0.0.10.in-addr.arpa.', { type: 'PTR' }).rcode).toBe('NOERROR');
  expect(hosts.ask('1.0.0.127.in-addr.arpa.', { type: 'PTR' }).rcode).toBe('REFUSED');
});

test('no_reverse answers no PTR', () => {
  const hosts = world('hosts {\nno_reverse\n}');
  expect(hosts.ask('1.0.0.10.in-addr.arpa.', { type: 'PTR' }).rcode).toBe('REFUSED');
  expect(hosts.ask('example.org.').rcode).toBe('NOERROR');
});

test('lines of the block come after those of the file', () => {
  const hosts = world('hosts {\n10.9.9.9 example.org new.example.org\nttl 7\n}');
  expect(hosts.ask('example.org.').answer).toEqual(['example.org. 7 IN A 10.0.0.1', 'example.org. 7 IN A 10.9.9.9']);
  expect(hosts.ask('9.9.9.10.in-addr.arpa.', { type: 'PTR' }).answer).toHaveLength(2);
});

test('a new text replaces the old one, of this file only', () => {
  const hosts = world('hosts {\n10.9.9.9 inline\n}');
  expect(hosts.counted('coredns_hosts_entries', '/etc/hosts')).toBe(22); // Ten pairs in the file, one in the block; both ways.
  hosts.tell({ kind: 'hosts', path: '/other', pack: packHosts('') });
  expect(hosts.ask('example.org.').rcode).toBe('NOERROR');
  hosts.tell({ kind: 'hosts', path: '/etc/hosts', pack: packHosts('10.0.0.7 new') });
  expect(hosts.ask('example.org.').rcode).toBe('SERVFAIL');
  expect(hosts.ask('new.').answer).toEqual(['new. 3600 IN A 10.0.0.7']);
  expect(hosts.ask('inline.').answer).toEqual(['inline. 3600 IN A 10.9.9.9']);
  expect(hosts.counted('coredns_hosts_entries', '/etc/hosts')).toBe(4);
});

test('id, question in its case, RD and CD are the client’s; AD is not', () => {
  const flags = FLAG_RD | FLAG_CD | FLAG_AD;
  const { message } = world().ask('ExAmPlE.oRg.', { id: 17, flags });
  expect(message?.id).toBe(17);
  expect(message?.flags).toBe(0x8510); // QR, AA, RD, CD.
  expect(nameToText(message!.question!.name, 0)).toBe('ExAmPlE.oRg.');
  expect(world().ask('example.org.', { flags: 0 }).message?.flags).toBe(0x8400);
});

test('names with odd octets are found as they are escaped', () => {
  const hosts = new HandlerWorld('. {\nhosts /x\n}', { files: { '/x': '10.0.0.1 a@b.example w\\032x' } });
  expect(hosts.ask('a\\@b.example.').answer).toEqual(['a\\@b.example. 3600 IN A 10.0.0.1']);
  expect(hosts.ask('w\\032x.').answer).toEqual(['w\\ x. 3600 IN A 10.0.0.1']);
});

test('lines that are none are passed over', () => {
  const longLabel = 'x'.repeat(64);
  const text = `10.0.0.1\n10.0.0 short\n010.0.0.1 octal\n10.0.0.2 ${longLabel} good..name good\r\n#10.0.0.3 no`;
  const hosts = new HandlerWorld('. {\nhosts /x\n}', { files: { '/x': text } });
  expect(hosts.counted('coredns_hosts_entries', '/x')).toBe(2);
  expect(hosts.ask('good.').answer).toEqual(['good. 3600 IN A 10.0.0.2']);
});

test('more addresses than a message holds are cut, with TC', () => {
  const address = (index: number) => `10.1.${index >> 8}.${index & 255}`;
  const text = Array.from({ length: 5000 }, (_, index) => `${address(index)} Many`).join('\n');
  const hosts = new HandlerWorld('. {\nhosts /x\n}', { files: { '/x': text } });
  expect(hosts.counted('coredns_hosts_entries', '/x')).toBe(10_000);
  expect(hosts.ask('0.0.1.10.in-addr.arpa.', { type: 'PTR' }).answer).toHaveLength(1);
  const { answer, isTruncated } = hosts.ask('many.', { tcp: true });
  expect(isTruncated).toBe(true);
  expect(answer.length).toBeGreaterThan(2000);
  expect(answer[0]).toBe('many. 3600 IN A 10.1.0.0');
});

test('a class other than IN is answered like IN, as CoreDNS does', () => {
  expect(world().ask('example.org.', { class: Class.CH }).answer).toEqual(['example.org. 3600 IN A 10.0.0.1']);
});

/** `A` of `{$call: 'test.A', args: […]}` in the form of recordToText. */
const recordText = ({ args }: { args: string[] }) => args[0].replace(/\s+/g, ' ').replace(/ (\d+) (PTR)/, ' $1 IN $2');

needs('tables').describe('CoreDNS’s tables', () => {
  test.each(tables('coredns-v1.13.2', '(package)', 'hosts/hosts_test').map((row) => [JSON.stringify(row), row]))(
    'TestLookupA %s',
    (_, row) => {
      if (row['absent']) return;
      const name = row['Qname'] as string;
      const type = (row['Qtype'] as { $id: string }).$id.replace('dns.Type', '');
      const block = name.startsWith('fallthrough') ? 'hosts {\nfallthrough\n}' : 'hosts';
      const outcome = world(block).ask(name, { type });
      expect(outcome.answer).toEqual((row['Answer'] as { args: string[] }[]).map(recordText));
      expect(outcome.rcode).toBe('NOERROR');
    },
  );

  const fileRows = tables('coredns-v1.13.2', '(package)', 'hosts/hostsfile_test');
  const entries = (rows: Row[], field: string) =>
    rows.flatMap(({ absent, file, ents }) =>
      ((absent ? [{ [field]: [] }] : ents) as Row[])
        .filter((entry) => field in entry)
        .map((entry) => [entry['in'] as string, entry[field], file] as const),
    );

  test.each(entries(fileRows, 'v4'))('TestLookupStaticHost %s has %j', (name, addresses, file) => {
    const hosts = new HandlerWorld('. {\nhosts /x\n}', { files: { '/x': file as string } });
    const answer = (addresses as string[]).map((address) => `${name.toLowerCase()} 3600 IN A ${address}`);
    expect(hosts.ask(name).answer).toEqual(answer);
  });

  test.each(entries(fileRows, 'v6'))('TestLookupStaticHost %s has %j (IPv6)', (name, addresses, file) => {
    const hosts = new HandlerWorld('. {\nhosts /x\n}', { files: { '/x': file as string } });
    const answer = (addresses as string[]).map((address) => `${name.toLowerCase()} 3600 IN AAAA ${address}`);
    expect(hosts.ask(name, { type: 'AAAA' }).answer).toEqual(answer);
  });

  test.each(entries(fileRows, 'out'))('TestLookupStaticAddr %s is %j', (address, names, file) => {
    const hosts = new HandlerWorld('. {\nhosts /x\n}', { files: { '/x': file as string } });
    const answer = hosts.ask(reverseName(address), { type: 'PTR' }).answer.map((text) => text.split(' ').at(-1));
    expect(answer).toEqual((names as string[]).map((name) => name.toLowerCase()));
  });
});

/** Addresses of the tables: IPv4, or IPv6 whose parts before and after `::` are whole. */
function reverseName(address: string): string {
  if (!address.includes(':')) return `${address.split('.').reverse().join('.')}.in-addr.arpa.`;
  const [head, tail] = address.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const middle = new Array<string>(8 - head.length - tail.length).fill('0');
  const hex = [...head, ...middle, ...tail].map((group) => group.padStart(4, '0')).join('');
  return `${[...hex].reverse().join('.')}.ip6.arpa.`;
}
