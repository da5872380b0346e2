import { formatIp, parseIp } from '../../../../image/corefile/ip-address';
import { embedAddress, synthesize } from '../../../../image/plugin/dns64/synthesis';
import type { ResourceRecord } from '../../../../image/wire/message';
import { recordToText, textToRecord } from '../../../../image/wire/record-text';

// RFC 6052 §2.4, table 1, and the well-known prefix of its table 2.
test.each([
  ['2001:db8::', 32, '2001:db8:c000:221::'],
  ['2001:db8:100::', 40, '2001:db8:1c0:2:21::'],
  ['2001:db8:122::', 48, '2001:db8:122:c000:2:2100::'],
  ['2001:db8:122:300::', 56, '2001:db8:122:3c0:0:221::'],
  ['2001:db8:122:344::', 64, '2001:db8:122:344:c0:2:2100::'],
  ['2001:db8:122:344::', 96, '2001:db8:122:344::c000:221'],
  ['64:ff9b::', 96, '64:ff9b::c000:221'],
  // Lengths that RFC 6052 does not have and CoreDNS takes.
  ['2001:db8:122:344:5500::', 72, '2001:db8:122:344:55c0:2:2100:0'],
  ['2001:db8:122:344:55aa::', 80, '2001:db8:122:344:55aa:c000:221:0'],
])('192.0.2.33 in %s/%i is %s', (prefix, bits, expected) => {
  const embedded = embedAddress([...parseIp(prefix)!], bits, Uint8Array.of(192, 0, 2, 33));
  expect(formatIp(embedded)).toBe(formatIp(parseIp(expected)!));
});

const records = (...lines: string[]): ResourceRecord[] => lines.map((line) => textToRecord(line).record!);
const denial = (...authority: string[]) => ({
  ...{ id: 1, flags: 0, question: undefined, answer: [], additional: [] },
  authority: records(...authority),
});

test.each([
  ['no SOA', denial(), [600, 30]],
  ['a short SOA', denial('x. 20 IN SOA a. b. 1 2 3 4 5'), [20, 20]],
  ['a long SOA', denial('x. 9999 IN SOA a. b. 1 2 3 4 5'), [5000, 30]],
])('TTLs end with what denied IPv6 addresses (RFC 6147 §5.1.7): %s', (_, denied, expected) => {
  const answer = records('a. 5000 IN A 192.0.2.1', 'a. 30 IN A 192.0.2.2');
  const made = synthesize(denied, answer, [...parseIp('64:ff9b::')!], 96);
  expect(made.map(({ ttl }) => ttl)).toEqual(expected);
});

test('aliases and what else there is stay as they are (RFC 6147 §5.3.3)', () => {
  const answer = records('a. 9000 IN CNAME b.', 'b. 5 IN A 192.0.2.1', 'b. 5 IN TXT "x"');
  const made = synthesize(denial(), answer, [...parseIp('64:ff9b::')!], 96);
  expect(made.map((record) => recordToText(record).replace(/\s+/g, ' '))).toEqual([
    'a. 9000 IN CNAME b.',
    'b. 5 IN AAAA 64:ff9b::c000:201',
    'b. 5 IN TXT "x"',
  ]);
});
