import { Random } from '../../../../image/kernel/random';
import { shuffleInPlace } from '../../../../image/plugin/loadbalance/in-place';
import { decodeMessage, encodeMessage, type ResourceRecord } from '../../../../image/wire/message';
import { textToName } from '../../../../image/wire/name-text';
import { recordToText, textToRecord } from '../../../../image/wire/record-text';
import fc from '../../../support/property';

const random = new Random();
const records = (lines: readonly string[]): ResourceRecord[] => lines.map((line) => textToRecord(line).record!);
const texts = (list: readonly ResourceRecord[]) => list.map((record) => recordToText(record).replace(/\s+/g, ' '));

/** A message at an odd place. */
function encoded(answer: readonly string[], additional: readonly string[] = [], authority: readonly string[] = []) {
  const bytes = new Uint8Array(4096);
  const question = { name: textToName('x.test.')!, type: 1, class: 1 };
  const sections = { answer: records(answer), authority: records(authority), additional: records(additional) };
  const length = encodeMessage({ id: 1, flags: 0x8180, question, ...sections }, bytes, 7, 4000);
  return { bytes, length };
}

const addresses = (count: number, type = 'A', owner = 'x.test.') =>
  Array.from(
    { length: count },
    (_, index) => `${owner} ${index + 1} IN ${type} ${type === 'A' ? '192.0.2.' : '2001:db8::'}${index + 1}`,
  );

test.each([
  ['one address', addresses(1)],
  ['many addresses', addresses(20)],
  ['IPv6 addresses', addresses(5, 'AAAA')],
  [
    'addresses behind aliases',
    ['x.test. 5 IN CNAME y.test.', 'y.test. 5 IN CNAME z.test.', ...addresses(3, 'A', 'z.test.')],
  ],
  ['an alias alone', ['x.test. 5 IN CNAME y.test.']],
  ['nothing', []],
])('%s: every record is still there, with its TTL', (_, answer) => {
  const { bytes, length } = encoded(answer);
  expect(shuffleInPlace(bytes, 7, length, random)).toBe(true);
  const after = decodeMessage(bytes, 7, length)!;
  expect(texts(after.answer).sort()).toEqual([...answer].sort());
});

test.each([
  ['two families', [...addresses(1), ...addresses(1, 'AAAA')], []],
  ['two names', [...addresses(1), ...addresses(1, 'A', 'y.test.')], []],
  ['mail servers', ['x.test. 5 IN MX 1 a.', 'x.test. 5 IN MX 2 b.'], []],
  ['an address before an alias', [...addresses(1), 'x.test. 5 IN CNAME y.test.'], []],
  ['addresses elsewhere', addresses(2), addresses(2, 'A', 'y.test.')],
])('%s are left to the slow way, untouched', (_, answer, additional) => {
  const { bytes, length } = encoded(answer, additional);
  const before = bytes.slice();
  expect(shuffleInPlace(bytes, 7, length, random)).toBe(false);
  expect(bytes).toEqual(before);
});

test('every order is as likely as every other', () => {
  const counts = new Map<string, number>();
  for (let times = 0; times < 6000; times++) {
    const { bytes, length } = encoded(addresses(3));
    shuffleInPlace(bytes, 7, length, random);
    const order = texts(decodeMessage(bytes, 7, length)!.answer).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(6);
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(200);
});

test('random octets neither throw nor change what is behind the message', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 12, maxLength: 200 }), fc.boolean(), (noise, wellBegun) => {
      const bytes = new Uint8Array(256).fill(0xee);
      bytes.set(noise, 3);
      if (wellBegun) bytes.set([0, 1, 0x81, 0x80, 0, 1, 0, 3, 0, 0, 0, 0, 1, 0x78, 0, 0, 1, 0, 1, 0xc0, 12, 0, 1], 3);
      shuffleInPlace(bytes, 3, noise.length, random);
      expect(bytes.subarray(3 + Math.max(noise.length, 23)).every((octet) => octet === 0xee)).toBe(true);
      expect(bytes.subarray(0, 3).every((octet) => octet === 0xee)).toBe(true);
    }),
    { numRuns: 5000 },
  );
});
