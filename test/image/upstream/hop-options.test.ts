import { answersQuestion, usableBytes } from '../../../image/upstream/exchange';
import { copyForUpstream, dropHopOptions } from '../../../image/upstream/hop-options';
import { Type } from '../../../image/wire/codes';
import { decodeMessage, type Message } from '../../../image/wire/message';
import { QueryView, readQuery, Verdict } from '../../../image/wire/question';
import { RecordWalk, walkRecords } from '../../../image/wire/record';
import { encoded, message, opt, record, seedMessages } from '../../fuzz/wire-seeds';

const COOKIE = '000a00081122334455667788';
const SERVER_COOKIE = '000a001811223344556677880102030405060708090a0b0c0d0e0f10';
const KEEPALIVE = '000b0000';
const KEEPALIVE_ANSWER = '000b00020064';
const SUBNET = '00080007000118000c0000'.slice(0, 22);
const NSID = '00030000';
const UNKNOWN = 'fde90002aabb';
const A = record('www.Example.org. 300 IN A 192.0.2.1');

/** Octets in front of a message, so that an offset that is forgotten shows. */
const OFFSET = 7;

function placed(packet: Uint8Array, room = 0): Uint8Array {
  const bytes = new Uint8Array(OFFSET + packet.length + room).fill(0xee);
  bytes.set(packet, OFFSET);
  return bytes;
}

const optionsOf = (packet: Uint8Array): string | undefined => {
  const found = decodeMessage(packet, 0, packet.length)?.additional.find(({ type }) => type === Type.OPT);
  return found && Buffer.from(found.data).toString('hex');
};

describe('a request on its way to an upstream', () => {
  function forUpstream(whole: Message): Uint8Array | undefined {
    const packet = encoded(whole);
    const bytes = placed(packet, packet.length);
    const view = new QueryView();
    expect(readQuery(bytes, OFFSET, packet.length, view)).toBe(Verdict.ACCEPT);
    const target = OFFSET + packet.length;
    const length = copyForUpstream(bytes, view, target);
    expect(Buffer.from(bytes.subarray(OFFSET, OFFSET + packet.length))).toEqual(Buffer.from(packet)); // Untouched.
    return length === 0 ? undefined : bytes.slice(target, target + length);
  }

  test.each([
    ['a cookie (RFC 7873)', COOKIE, ''],
    ['keepalive (RFC 7828)', KEEPALIVE, ''],
    ['both, others around and between', NSID + COOKIE + SUBNET + KEEPALIVE + UNKNOWN, NSID + SUBNET + UNKNOWN],
    ['one twice', COOKIE + COOKIE, ''],
  ])('loses %s', (_, options, left) => {
    const sent = forUpstream(message({ additional: [opt(1232, 0x8000, options)] }))!;
    expect(optionsOf(sent)).toBe(left);
    expect(Buffer.from(sent)).toEqual(Buffer.from(encoded(message({ additional: [opt(1232, 0x8000, left)] }))));
  });

  test.each([
    ['without OPT', []],
    ['without options', [opt(1232, 0)]],
    ['with others', [opt(1232, 0, NSID + SUBNET + UNKNOWN)]],
    ['with something behind the OPT, which may be signed', [opt(1232, 0, COOKIE), A]],
  ])('goes as it is %s', (_, additional) => {
    expect(forUpstream(message({ additional }))).toBeUndefined();
  });
});

describe('an upstream’s answer', () => {
  function forClient(whole: Message): Uint8Array {
    const bytes = placed(encoded(whole));
    const walk = new RecordWalk();
    expect(walkRecords(bytes, OFFSET, bytes.length - OFFSET, walk)).toBe(true);
    const end = dropHopOptions(bytes, walk);
    const again = new RecordWalk();
    expect(walkRecords(bytes, OFFSET, end, again)).toBe(true);
    expect([again.messageEnd, [...again.recordEnds.slice(0, again.count)]]).toEqual([
      walk.messageEnd,
      [...walk.recordEnds.slice(0, walk.count)],
    ]);
    return bytes.slice(OFFSET, OFFSET + end);
  }
  const reply = { flags: 0x8180, answer: [A] };

  test.each([
    ['the server’s cookie', SERVER_COOKIE, ''],
    ['its keepalive', KEEPALIVE_ANSWER, ''],
    ['both among others', NSID + SERVER_COOKIE + KEEPALIVE_ANSWER + UNKNOWN, NSID + UNKNOWN],
  ])('loses %s', (_, options, left) => {
    const received = forClient(message({ ...reply, additional: [opt(1232, 0, options)] }));
    expect(Buffer.from(received)).toEqual(
      Buffer.from(encoded(message({ ...reply, additional: [opt(1232, 0, left)] }))),
    );
  });

  test('in front of other records they become padding: nothing moves', () => {
    const received = forClient(message({ ...reply, additional: [opt(1232, 0, SERVER_COOKIE + NSID), A] }));
    expect(optionsOf(received)).toBe(`000c0018${'00'.repeat(24)}${NSID}`);
    expect(decodeMessage(received, 0, received.length)!.additional).toHaveLength(2);
  });
});

test('a right answer without such options is not changed by a single octet', () => {
  const walk = new RecordWalk();
  let seen = 0;
  for (const seed of seedMessages()) {
    const options = optionsOf(seed) ?? '';
    if ((seed[2] & 0x80) === 0 || /^(000a|000b)|000b0000$/.test(options)) continue;
    seen++;
    const query = encoded({
      ...decodeMessage(seed, 0, seed.length)!,
      flags: 0x0100,
      answer: [],
      authority: [],
      additional: [],
    });
    const view = new QueryView();
    readQuery(query, 0, query.length, view);
    const bytes = placed(seed);
    expect(answersQuestion(bytes, OFFSET, seed.length, view)).toBe(true);
    expect(usableBytes(bytes, OFFSET, seed.length, view, walk)).toBe(seed.length);
    expect(Buffer.from(bytes.subarray(OFFSET))).toEqual(Buffer.from(seed));
  }
  expect(seen).toBeGreaterThan(40);
});
