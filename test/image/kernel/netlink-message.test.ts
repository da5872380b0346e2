import {
  AttributeWalk,
  aligned,
  MessageWalk,
  MessageWriter,
  NLM_F_ACK,
  NLM_F_REQUEST,
  readI32,
  readU16,
  readU32,
} from '../../../image/kernel/netlink-message';
import fc from '../../support/property';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Messages of a datagram as rows. */
function messages(bytes: Uint8Array, offset = 0, limit = bytes.length): object[] {
  const walk = new MessageWalk().over(bytes, offset, limit);
  const rows: object[] = [];
  while (walk.next()) {
    expect(walk.payload).toBeGreaterThanOrEqual(offset + 16);
    expect(walk.payload).toBeLessThanOrEqual(walk.end);
    expect(walk.end).toBeLessThanOrEqual(Math.min(limit, bytes.length));
    const { type, flags, sequence, payload, end } = walk;
    rows.push({ type, flags, sequence, payload: hex(bytes.subarray(payload, end)) });
    expect(rows.length).toBeLessThanOrEqual(bytes.length / 16);
  }
  return rows;
}

/** Attributes as rows. */
function attributes(bytes: Uint8Array, offset = 0, limit = bytes.length): [number, string][] {
  const walk = new AttributeWalk().over(bytes, offset, limit);
  const rows: [number, string][] = [];
  while (walk.next()) {
    expect(walk.value).toBeGreaterThanOrEqual(offset + 4);
    expect(walk.value).toBeLessThanOrEqual(walk.end);
    expect(walk.end).toBeLessThanOrEqual(Math.min(limit, bytes.length));
    rows.push([walk.type, hex(bytes.subarray(walk.value, walk.end))]);
    expect(rows.length).toBeLessThanOrEqual(bytes.length / 4);
  }
  return rows;
}

test('a request is written as the kernel reads it', () => {
  const message = new MessageWriter(16, NLM_F_REQUEST | NLM_F_ACK)
    .u8(10)
    .u8(0)
    .u16(0x0102)
    .u32(0xfffffffe)
    .text(3, 'lo')
    .nest(18, (nested) => nested.text(1, 'dummy').attribute(2, [1]))
    .attribute(7, [])
    .finish();
  expect(hex(message)).toBe(
    ['3c000000', '1000', '0500', '00000000', '00000000', '0a000201', 'feffffff'].join('') +
      ['0700', '0300', '6c6f0000', '1800', '1200', '0a00', '0100', '64756d6d79000000'].join('') +
      ['0500', '0200', '01000000', '0400', '0700'].join(''),
  );
  expect(messages(message)).toEqual([{ type: 16, flags: 5, sequence: 0, payload: hex(message.subarray(16)) }]);
  expect(attributes(message, 24).map(([type]) => type)).toEqual([3, 18, 7]);
});

test('numbers keep their sign, or have none', () => {
  const bytes = Uint8Array.from([0xea, 0xff, 0xff, 0xff]);
  expect([readU16(bytes, 0), readI32(bytes, 0), readU32(bytes, 0)]).toEqual([0xffea, -22, 0xffffffea]);
  expect([0, 1, 4, 5].map(aligned)).toEqual([0, 4, 4, 8]);
});

describe('a walk ends where the octets do not fit', () => {
  const one = new MessageWriter(20, 0).u32(1).finish();
  const length = (value: number): Uint8Array => {
    const bytes = Uint8Array.from(one);
    new DataView(bytes.buffer).setUint32(0, value, true);
    return bytes;
  };
  test.each([
    // Good rows.
    ['one message', one, 1],
    ['two', Uint8Array.from([...one, ...one]), 2],
    ['one without payload', length(16), 1],
    ['one of 17 octets: the rest is padding', length(17), 1],
    // Bad rows.
    ['nothing', new Uint8Array(0), 0],
    ['a header cut off', one.subarray(0, 15), 0],
    ['a payload cut off', one.subarray(0, 19), 0],
    ['length 0: it would never end', length(0), 0],
    ['length 15', length(15), 0],
    ['one octet too long', length(21), 0],
    ['a length of 4 GiB', length(0xffffffff), 0],
    ['one good, then one of length 0', Uint8Array.from([...one, ...length(0)]), 1],
  ])('messages: %s', (_what, bytes, count) => expect(messages(bytes)).toHaveLength(count));

  test.each([
    // Good rows.
    ['0400 0100', [[1, '']]],
    ['0500 0100 61000000', [[1, '61']]],
    ['0500 0100 61', [[1, '61']]], // The last one's padding may be missing.
    [
      '0500 0180 61000000 0600 0240 0102',
      [
        [1, '61'],
        [2, '0102'],
      ],
    ], // Flags are no part of the type.
    // Bad rows.
    ['', []],
    ['0400 01', []],
    ['0000 0100', []],
    ['0300 0100', []],
    ['0900 0100 61000000', []],
    ['0400 0100 ffff 0100', [[1, '']]],
  ])('attributes: %s', (text, wanted) => {
    expect(attributes(Buffer.from(text.replaceAll(' ', ''), 'hex'))).toEqual(wanted);
  });
});

test('the limit holds although the octets go on', () => {
  const one = new MessageWriter(20, 0).u32(1).finish();
  const two = Uint8Array.from([...one, ...one]);
  expect(messages(two, 0, 39)).toHaveLength(1);
  expect(messages(two, 20)).toHaveLength(1);
  expect(messages(two, 0, 1_000)).toHaveLength(2);
  const pair = Buffer.from('0400010004000200', 'hex');
  expect(attributes(pair, 0, 7)).toEqual([[1, '']]);
  expect(attributes(pair, 4)).toEqual([[2, '']]);
});

test('find goes on from where it is', () => {
  const bytes = Buffer.from('0500010061000000' + '0500020062000000' + '0500010063000000', 'hex');
  const walk = new AttributeWalk().over(bytes, 0, bytes.length);
  expect([walk.find(1), walk.text()]).toEqual([true, 'a']);
  expect([walk.find(1), walk.text()]).toEqual([true, 'c']);
  expect(walk.find(1)).toBe(false);
});

test.each([
  ['raw', true],
  ['ra', false],
  ['raws', false],
  ['rax', false],
  ['', false],
])('the attribute "raw" is %p: %p', (text, wanted) => {
  const message = new MessageWriter(0, 0).text(1, 'raw').finish();
  const walk = new AttributeWalk().over(message, 16, message.length);
  expect(walk.find(1)).toBe(true);
  expect(walk.is(Buffer.from(text + '\0'))).toBe(wanted);
  expect(walk.text()).toBe('raw');
});

describe('fuzz: whatever the octets, walks stay inside and end', () => {
  /** Lengths that are near the truth get further than random ones. */
  const octet = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 4, 5, 8, 16, 17, 20, 24, 32));
  const octets = fc.array(octet, { maxLength: 200 }).map((all) => Uint8Array.from(all));
  const numRuns = 20_000;

  test('messages with their attributes, and attributes in them', () => {
    fc.assert(
      fc.property(octets, fc.nat(64), fc.nat(220), (bytes, offset, limit) => {
        messages(bytes, offset, limit);
        attributes(bytes, offset, limit);
        const walk = new MessageWalk().over(bytes, offset, limit);
        while (walk.next()) attributes(bytes, walk.payload, walk.end);
      }),
      { numRuns },
    );
  });

  test('what is written is read again', () => {
    const value = fc.array(fc.nat(255), { maxLength: 40 });
    const attribute = fc.tuple(fc.integer({ min: 1, max: 0x3fff }), value);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(0xffff), fc.nat(0xffff), fc.array(attribute, { maxLength: 6 }))), (all) => {
        const datagram = all.map(([type, flags, list]) => {
          const writer = new MessageWriter(type, flags);
          for (const [kind, octetsOf] of list) writer.attribute(kind, octetsOf);
          return writer.finish();
        });
        const bytes = Uint8Array.from(Buffer.concat(datagram));
        const walk = new MessageWalk().over(bytes, 0, bytes.length);
        for (const [type, flags, list] of all) {
          expect(walk.next()).toBe(true);
          expect([walk.type, walk.flags]).toEqual([type, flags]);
          const rows = list.map(([kind, octetsOf]) => [kind, hex(Uint8Array.from(octetsOf))]);
          expect(attributes(bytes, walk.payload, walk.end)).toEqual(rows);
        }
        expect(walk.next()).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });
});
