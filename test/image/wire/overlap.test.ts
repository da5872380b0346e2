/** Names that a pointer leads into the fields of a record, which change as an answer ages. */

import { setTtls } from '../../../image/wire/age';
import { decodeMessage } from '../../../image/wire/message';
import { namesAreApart } from '../../../image/wire/overlap';
import { RecordWalk, walkRecords } from '../../../image/wire/record';
import { Random } from '../../fuzz/random';
import { seedMessages } from '../../fuzz/wire-seeds';

const WALK = new RecordWalk();

/** A header with counts of questions, answers, authority and additional records; then the parts, in hexadecimal. */
function octets(counts: readonly number[], ...parts: readonly string[]): Uint8Array {
  const header = ['0001', '8180', ...counts.map((count) => count.toString(16).padStart(4, '0'))];
  return Uint8Array.from(Buffer.from([...header, ...parts].join('').replaceAll(' ', ''), 'hex'));
}

function apart(bytes: Uint8Array, offset = 0): boolean {
  expect(walkRecords(bytes, offset, bytes.length - offset, WALK)).toBe(true);
  return namesAreApart(bytes, WALK);
}

/** a. IN A, 7 octets; records start at 19. */
const QUESTION = '0161 00 0001 0001';
/** Owner of the question, A, TTL at 25…28. */
const ADDRESS = 'c00c 0001 0001 00000000 0004 c0000201';

test.each([
  ['an owner in the question', [ADDRESS, ADDRESS]],
  ['an owner in data before it', ['c00c 0005 0001 0000001e 0003 016200', 'c01f 0001 0001 0000001e 0004 c0000201']],
  ['data in the question', [ADDRESS, 'c00c 000f 0001 0000001e 0004 000ac00c']],
  ['an owner that begins with a label of its own', [ADDRESS, '0162 c00c 0001 0001 0000001e 0004 c0000201']],
])('%s is where a name may be', (_, records) => {
  expect(apart(octets([1, records.length, 0, 0], QUESTION, ...records))).toBe(true);
});

test.each([
  ['an owner in a TTL', [ADDRESS, 'c019 0001 0001 0000001e 0004 c0000201']],
  ['an owner in a class', [ADDRESS, 'c017 0001 0001 0000001e 0004 c0000201']],
  ['an owner that ends in the length of data', [ADDRESS, 'c01d 0001 0001 0000001e 0004 c0000201']],
  ['an exchange in a TTL', [ADDRESS, 'c00c 000f 0001 0000001e 0004 000ac01c']],
  ['a second pointer into a TTL', ['c00c 0001 0001 00000000 0004 c019 0000', 'c01d 0001 0001 0000001e 0004 c0000201']],
  ['a target of HTTPS in a TTL', [ADDRESS, 'c00c 0041 0001 0000001e 0004 0001c019']],
])('%s is where none may be', (_, records) => {
  expect(apart(octets([1, records.length, 0, 0], QUESTION, ...records))).toBe(false);
});

test('an owner in the options of an OPT is where none may be', () => {
  const edns = '00 0029 04d0 00000000 0007 ffff 0003 016200';
  expect(apart(octets([1, 0, 0, 2], QUESTION, edns, 'c022 0001 0001 0000001e 0004 c0000201'))).toBe(false);
});

test('every kind of record as people send it passes', () => {
  for (const seed of seedMessages()) {
    const bytes = new Uint8Array(seed.length + 5);
    bytes.set(seed, 5);
    expect(apart(bytes, 5)).toBe(true);
  }
});

test('what passes reads the same after it has aged', () => {
  const random = new Random(11);
  const seeds = seedMessages();
  let passed = 0;
  let refused = 0;
  for (let round = 0; round < 50_000; round++) {
    const bytes = seeds[random.below(seeds.length)].slice();
    // Pointers to anywhere: two octets that follow one another.
    const at = 12 + random.below(bytes.length - 13);
    bytes[at] = 0xc0;
    bytes[at + 1] = 12 + random.below(Math.min(bytes.length - 12, 244));
    const before = walkRecords(bytes, 0, bytes.length, WALK) ? decodeMessage(bytes, 0, bytes.length) : undefined;
    if (before === undefined) continue;
    walkRecords(bytes, 0, bytes.length, WALK);
    if (!namesAreApart(bytes, WALK)) {
      refused++;
      continue;
    }
    passed++;
    setTtls(bytes, 0, WALK, 0x3f000000 + random.below(1000));
    const after = decodeMessage(bytes, 0, bytes.length);
    expect(after?.answer.map(({ name, data }) => [name, data])).toEqual(
      before.answer.map(({ name, data }) => [name, data]),
    );
  }
  expect(passed).toBeGreaterThan(1000);
  expect(refused).toBeGreaterThan(10);
});
