import { Random } from '../../../../image/kernel/random';
import { parseNetwork } from '../../../../image/plugin/acl/network';
import { preferred, shuffled, weighted } from '../../../../image/plugin/loadbalance/order';
import { parseWeights } from '../../../../image/plugin/loadbalance/weights';
import type { ResourceRecord } from '../../../../image/wire/message';
import { recordToText, textToRecord } from '../../../../image/wire/record-text';

const records = (...lines: string[]): ResourceRecord[] => lines.map((line) => textToRecord(line).record!);
const texts = (list: readonly ResourceRecord[]) => list.map((record) => recordToText(record).replace(/\s+/g, ' '));
const last = (list: readonly ResourceRecord[]) =>
  texts(list)
    .map((line) => line.split(' ').pop())
    .join(' ');
const random = new Random();
const MIXED = records(
  'x. 5 IN MX 10 m.',
  'x. 5 IN TXT "t"',
  'y. 5 IN A 192.0.2.1',
  'x. 5 IN CNAME y.',
  'y. 5 IN AAAA 2001:db8::1',
  'y. 5 IN NS n.',
);

/** How often each outcome comes, of many. */
function counted(times: number, run: () => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (let left = times; left > 0; left--) {
    const outcome = run();
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  return counts;
}

test('aliases, others, addresses, mail servers; each record once', () => {
  const types = texts(shuffled(MIXED, random)).map((line) => line.split(' ')[3]);
  expect(types.join(' ')).toMatch(/^CNAME TXT NS (A AAAA|AAAA A) MX$/);
});

test('every order is as likely as every other', () => {
  const addresses = records('x. 5 IN A 192.0.2.1', 'x. 5 IN A 192.0.2.2', 'x. 5 IN A 192.0.2.3');
  const counts = counted(6000, () => last(shuffled(addresses, random)));
  expect(counts.size).toBe(6);
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(200); // Six deviations of 29.
});

test.each([
  ['x.\n192.0.2.1 3\n192.0.2.2 1', 0.75],
  ['X\n192.0.2.2 255', 1 / 256],
  ['', 0.5],
  ['y.\n192.0.2.1 200', 0.5],
])('by weight: %j', (file, expected) => {
  const names = parseWeights(file, 'f');
  const addresses = records('x. 5 IN A 192.0.2.1', 'x. 5 IN A 192.0.2.2');
  const counts = counted(4000, () => last(weighted(addresses, names, random)));
  const part = (counts.get('192.0.2.1 192.0.2.2') ?? 0) / 4000;
  expect(Math.abs(part - expected)).toBeLessThan(0.05); // Six deviations of 0.008.
});

test('by weight, a section without addresses stays as it is', () => {
  const mails = records('x. 5 IN MX 10 m.', 'x. 5 IN CNAME y.');
  expect(weighted(mails, {}, random)).toBe(mails);
});

test('preferred networks come first in their order, all else stays in its own', () => {
  const networks = ['10.2.0.0/16', '10.1.0.0/16', '2001:db8::/32'].map((text) => parseNetwork(text)!);
  const section = records(
    'x. 5 IN A 192.0.2.1',
    'x. 5 IN A 10.1.0.1',
    'x. 5 IN TXT "t"',
    'x. 5 IN AAAA 2001:db8::1',
    'x. 5 IN A 10.2.0.1',
    'x. 5 IN A 10.2.0.2',
    'x. 5 IN MX 1 m.',
  );
  expect(last(preferred(section, networks))).toBe('10.2.0.1 10.2.0.2 10.1.0.1 2001:db8::1 192.0.2.1 m. "t"');
});
