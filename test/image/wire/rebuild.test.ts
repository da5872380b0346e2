/** Messages written anew without an object per record: as taking them apart and putting them together would. */
import { Type } from '../../../image/wire/codes';
import { decodeMessage, encodeMessage, type ResourceRecord } from '../../../image/wire/message';
import { textToName } from '../../../image/wire/name';
import { rebuildMessage } from '../../../image/wire/rebuild';
import { Random } from '../../fuzz/random';
import { encoded, message, opt, RECORD_LINES, record, seedMessages } from '../../fuzz/wire-seeds';

const OUT = new Uint8Array(65535);
const WANTED = new Uint8Array(65535);

const hex = (bytes: Uint8Array, length: number) => Buffer.from(bytes.subarray(0, length)).toString('hex');

/** By objects. '' when it cannot be. */
function byObjects(bytes: Uint8Array, offset: number, length: number): string {
  const whole = decodeMessage(bytes, offset, length);
  const additional = whole?.additional.filter(({ type }) => type !== Type.OPT) ?? [];
  return whole === undefined ? '' : hex(WANTED, encodeMessage({ ...whole, additional }, WANTED, 0, 65535));
}

function rebuilt(bytes: Uint8Array, offset = 0, length = bytes.length - offset): string {
  return hex(OUT, rebuildMessage(bytes, offset, length, OUT));
}

/** Names with endings in common, in both cases. */
function names(random: Random, count: number): Uint8Array[] {
  const labels = ['a', 'A', 'b', 'www', 'kube-dns', 'svc', 'cluster', 'x'.repeat(63), 'local', '\\.', '\\000'];
  return Array.from({ length: count }, () => {
    const picked = Array.from({ length: random.below(4) }, () => labels[random.below(labels.length)]);
    return textToName(`${picked.join('.')}.`)!;
  });
}

test('every kind of record, with and without OPT, comes out as it went in, but for the OPT', () => {
  for (const seed of seedMessages()) {
    const bytes = new Uint8Array(seed.length + 7);
    bytes.set(seed, 7);
    expect(rebuilt(bytes, 7)).toBe(byObjects(seed, 0, seed.length));
    expect(rebuilt(bytes, 7)).not.toBe('');
  }
});

test('spoiled messages are refused, or come out, as by objects', () => {
  const random = new Random(7);
  const seeds = seedMessages();
  let refused = 0;
  for (let round = 0; round < 20_000; round++) {
    const bytes = seeds[random.below(seeds.length)].slice();
    for (let spoils = 1 + random.below(3); spoils > 0; spoils--) bytes[random.below(bytes.length)] = random.below(256);
    const wanted = byObjects(bytes, 0, bytes.length);
    if (wanted === '') refused++;
    expect(rebuilt(bytes)).toBe(wanted);
  }
  expect(refused).toBeGreaterThan(1000);
  expect(refused).toBeLessThan(19_000);
});

test('thousands of names, some behind the 14 bits of a pointer, point at the same places', () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = new Random(seed);
    const owners = names(random, 900);
    const answer = owners.map((name): ResourceRecord => {
      const target = owners[random.below(owners.length)];
      return {
        name,
        type: [Type.NS, Type.CNAME, Type.PTR][random.below(3)],
        class: 1,
        ttl: random.below(9),
        data: target,
      };
    });
    const bytes = encoded(message({ ask: 'www.svc.cluster.local.', answer, additional: [opt(1232, 0), answer[0]] }));
    const out = rebuilt(bytes);
    expect(out).toBe(byObjects(bytes, 0, bytes.length));
    const again = decodeMessage(Buffer.from(out, 'hex'), 0, out.length / 2)!;
    expect(again).toMatchObject({ answer, additional: [answer[0]] });
  }
});

test('a message that is longer with its names in full than a message may be is refused', () => {
  const long = textToName(`${'y'.repeat(63)}.`.repeat(3))!;
  const srv = (): ResourceRecord => ({
    ...record('a. SRV 1 2 3 b.'),
    data: Uint8Array.from([0, 1, 0, 2, 0, 3, ...long]),
  });
  const bytes = encoded(message({ ask: 'a.', answer: Array.from({ length: 200 }, srv) }));
  // The targets as pointers to the first one, which RFC 3597 §4 forbids to write but not to read.
  const head = bytes.slice(0, 12 + 3 + 4);
  const first = encoded(message({ ask: 'a.', answer: [srv()] })).slice(head.length);
  const at = head.length + first.length - long.length;
  const next = [0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 0, 0, 8, 0, 1, 0, 2, 0, 3, 0xc0 | (at >>> 8), at & 0xff];
  const of = (count: number) => {
    head.set([count >>> 8, count & 0xff], 6);
    return Uint8Array.from([...head, ...first, ...Array.from({ length: count - 1 }, () => next).flat()]);
  };
  expect(rebuilt(of(200))).toBe(byObjects(of(200), 0, of(200).length));
  expect(rebuilt(of(200))).not.toBe('');
  expect([rebuilt(of(2000)), byObjects(of(2000), 0, of(2000).length)]).toEqual(['', '']);
});

test('junk behind the last record is left behind', () => {
  const bytes = encoded(message({ ask: 'a.', answer: RECORD_LINES.slice(0, 3).map(record) }));
  expect(rebuilt(Uint8Array.from([...bytes, 1, 2, 3]))).toBe(rebuilt(bytes));
});
