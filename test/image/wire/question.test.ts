import { QueryView, readQuery, Verdict } from '../../../image/wire/question';
import { Random } from '../../fuzz/random';
import { fillPacket } from '../../fuzz/wire';
import { seedMessages } from '../../fuzz/wire-seeds';
import { type Reading, read } from './oracle';

const VERDICTS: Reading['verdict'][] = [
  'accept',
  'drop',
  'not implemented',
  'format error',
  'format error, question',
  'no question bytes',
];
const OFFSET = 777; // Never 0: what is absolute and what is relative must not be mixed up.
const arena = new Uint8Array(70_000).fill(0xee);
const view = new QueryView();

function place(hex: string): number {
  arena.set(Buffer.from(hex, 'hex'), OFFSET);
  return hex.length / 2;
}

function verdictOf(hex: string): string {
  return VERDICTS[readQuery(arena, OFFSET, place(hex), view)];
}

/** What the view says, in the oracle's words. */
function reading(hex: string): Reading {
  const length = place(hex);
  const verdict = readQuery(arena, OFFSET, length, view);
  const found: Reading = { verdict: VERDICTS[verdict] };
  if (verdict !== Verdict.ACCEPT && verdict !== Verdict.FORMAT_ERROR_QUESTION) return found;
  Object.assign(found, { type: view.type, class: view.class, others: view.hasOtherAdditional === 1 });
  found.name = Buffer.from(view.key.subarray(0, view.nameBytes)).toString('hex');
  const optionsStart = OFFSET + view.optOffset + view.optBytes - view.optionsBytes;
  const options = Buffer.from(arena.subarray(optionsStart, optionsStart + view.optionsBytes)).toString('hex');
  const { udpSize: udp, ednsVersion: version, ednsFlags: flags } = view;
  if (view.optOffset > 0) found.opt = { udp, version, flags, options };
  return found;
}

const QUESTION = '03777777076578616d706c65036f726700' + '00010001'; // www.example.org. IN A
const OPT = (size: string, ttl: string, options = '') =>
  `000029${size}${ttl}${(options.length / 2).toString(16).padStart(4, '0')}${options}`;
const head = (flags: string, counts: string) => '1234' + flags + counts;
/** www.example.org. 60 IN A 192.0.2.1 */
const RECORD = 'c00c00010001' + '0000003c' + '0004c0000201';
const ONE = '0001000000000000';
const ONE_AND_OPT = '0001000000000001';

describe('readQuery decides in CoreDNS’s order', () => {
  test.each([
    ['a question', head('0100', ONE) + QUESTION, 'accept'],
    ['a question with EDNS', head('0100', ONE_AND_OPT) + QUESTION + OPT('04d0', '00008000'), 'accept'],
    ['junk behind the message', head('0100', ONE) + QUESTION + 'deadbeef', 'accept'],
    ['counts of one without the records', head('0100', '0001000100010002') + QUESTION, 'accept'],
    ['TC, Z and an rcode in a query', head('034f', ONE) + QUESTION, 'accept'],
    ['NOTIFY', head('2400', ONE) + QUESTION, 'accept'],
    [
      'EDNS version 1: the server answers BADVERS later',
      head('0100', ONE_AND_OPT) + QUESTION + OPT('04d0', '00010000'),
      'accept',
    ],
    ['an OPT with an owner', head('0100', ONE_AND_OPT) + QUESTION + '0161' + OPT('04d0', '00000000'), 'accept'],
    [
      'a record with an owner that points at the question',
      head('0100', ONE_AND_OPT) + QUESTION + 'c00c00010001000000050004c0000201',
      'accept',
    ],
    ['the root', head('0100', ONE) + '0000020001', 'accept'],
    ['nothing', '', 'drop'],
    ['eleven octets', head('0100', ONE).slice(0, 22), 'drop'],
    ['a reply', head('8180', ONE) + QUESTION, 'drop'],
    ['IQUERY', head('0900', ONE) + QUESTION, 'not implemented'],
    ['STATUS', head('1100', ONE) + QUESTION, 'not implemented'],
    ['UPDATE', head('2800', ONE) + QUESTION, 'not implemented'],
    ['opcode 15', head('7900', ONE) + QUESTION, 'not implemented'],
    ['UPDATE with wrong counts: the opcode is looked at first', head('2800', '0002000900090009'), 'not implemented'],
    ['no question', head('0100', '0000000000000000') + QUESTION, 'format error'],
    ['two questions', head('0100', '0002000000000000') + QUESTION + QUESTION, 'format error'],
    ['two answers', head('0100', '0001000200000000') + QUESTION, 'format error'],
    ['two authorities', head('0100', '0001000000020000') + QUESTION, 'format error'],
    ['three additionals', head('0100', '0001000000000003') + QUESTION, 'format error'],
    [
      'wrong counts and nothing behind: the counts are looked at first',
      head('0100', '0000000000000000'),
      'format error',
    ],
    ['a header only', head('0100', ONE), 'no question bytes'],
    ['a question without its class', head('0100', ONE) + QUESTION.slice(0, -4), 'format error'],
    ['a compressed question', head('0100', ONE) + 'c00c00010001', 'format error'],
    ['label type 0x40', head('0100', ONE) + '4161' + QUESTION, 'format error'],
    ['label type 0x80', head('0100', ONE) + '8161' + QUESTION, 'format error'],
    [
      'a record cut short',
      head('0100', ONE_AND_OPT) + QUESTION + OPT('04d0', '00008000').slice(0, -2),
      'format error, question',
    ],
    ['a record of one octet', head('0100', ONE_AND_OPT) + QUESTION + '00', 'format error, question'],
    [
      'an owner that points at itself',
      head('0100', ONE_AND_OPT) + QUESTION + 'c0210001000100000005000401020304',
      'format error, question',
    ],
    ['data behind the end', head('0100', ONE_AND_OPT) + QUESTION + '00002904d0000080000004', 'format error, question'],
    [
      'an A record of three octets',
      head('0100', ONE_AND_OPT) + QUESTION + '0000010001000000050003010203',
      'format error, question',
    ],
  ])('%s', (_, hex, wanted) => {
    expect(verdictOf(hex)).toBe(wanted);
  });

  test.each([
    ['a subnet of IPv4', '000800070001180 0c00002', 'accept'],
    ['a subnet of IPv6', '0008000b0002380020010db8000000', 'accept'],
    ['family 0 with prefix 0, as dig +subnet=0 sends', '0008000400000000', 'accept'],
    ['a cookie', '000a00080102030405060708', 'accept'],
    ['an empty keepalive', '000b0000', 'accept'],
    ['an empty EXPIRE', '00090000', 'accept'],
    ['an unknown option', 'fde9000411223344', 'accept'],
    ['family 3', '0008000400030000', 'format error, question'],
    ['family 0 with prefix 8', '0008000400000800', 'format error, question'],
    ['IPv4 prefix 33', '0008000400012100', 'format error, question'],
    ['IPv4 scope 33', '0008000400010021', 'format error, question'],
    ['IPv6 prefix 129', '0008000400028100', 'format error, question'],
    ['a subnet of three octets', '00080003000118', 'format error, question'],
    ['a keepalive of one octet', '000b000100', 'format error, question'],
    ['an EXPIRE of three octets', '00090003000000', 'format error, question'],
    ['an extended error of one octet', '000f000100', 'format error, question'],
    ['LLQ of 17 octets', '00010011' + '00'.repeat(17), 'format error, question'],
    ['an update lease of five octets', '000200050000000000', 'format error, question'],
    ['a length over the end', '000a000901020304', 'format error, question'],
    ['half an option header', '000a00', 'format error, question'],
  ])('options: %s', (_, spaced, wanted) => {
    const options = spaced.replaceAll(' ', '');
    expect(verdictOf(head('0100', ONE_AND_OPT) + QUESTION + OPT('04d0', '00008000', options))).toBe(wanted);
  });
});

describe('the view', () => {
  test('says where everything is, from the beginning of the message', () => {
    const hex =
      head('0110', ONE_AND_OPT) +
      '034e733107457841' +
      '6d504c65 00 001c 0003'.replaceAll(' ', '') +
      OPT('1000', '0001c0ff', '00030000');
    expect(verdictOf(hex)).toBe('accept');
    expect(view).toMatchObject({ id: 0x1234, flags: 0x0110, messageOffset: OFFSET, messageBytes: hex.length / 2 });
    expect(Buffer.from(view.key.subarray(0, view.nameBytes)).toString('latin1')).toBe('\x03ns1\x07example\0');
    expect([...view.labelStarts.subarray(0, view.labelCount)]).toEqual([0, 4]);
    expect(view).toMatchObject({ type: 28, class: 3, questionEnd: 29, optOffset: 29, optBytes: 15, optionsBytes: 4 });
    expect(view).toMatchObject({ udpSize: 4096, ednsVersion: 1, ednsFlags: 0xc0ff, doBit: 1, hasOtherAdditional: 0 });
  });

  test('holds one OPT record; two are refused (RFC 6891 §6.1.1), CoreDNS takes the last', () => {
    const both = OPT('04d0', '00008000') + OPT('0200', '00000000');
    expect(verdictOf(head('0100', '0001000000000002') + QUESTION + both)).toBe('format error, question');
    expect(verdictOf(head('0100', ONE_AND_OPT) + QUESTION + both)).toBe('accept'); // The second is junk behind the message.
    expect(view).toMatchObject({ udpSize: 1232, doBit: 1, optOffset: 12 + QUESTION.length / 2 });
  });

  test.each([
    ['no record', '0001000100010002', QUESTION, '0001000000000000'],
    ['two claimed, one there', '0001000000000002', QUESTION + OPT('04d0', '00000000'), '0001000000000001'],
    ['the first one claimed is there', '0001000100010002', QUESTION + RECORD, '0001000100000000'],
    ['all are there', '0001000100000001', QUESTION + RECORD + OPT('04d0', '00000000'), '0001000100000001'],
  ])('has counts that are true, so that nobody behind refuses the packet: %s', (_, claimed, rest, counts) => {
    expect(verdictOf(head('0100', claimed) + rest)).toBe('accept');
    expect(Buffer.from(arena.subarray(OFFSET + 4, OFFSET + 12)).toString('hex')).toBe(counts);
  });

  test('keeps nothing of the query before', () => {
    verdictOf(head('0100', ONE_AND_OPT) + QUESTION + OPT('04d0', '00018000', '00030000'));
    verdictOf(head('0100', ONE) + '0000020001');
    expect(view).toMatchObject({ nameBytes: 1, labelCount: 0, optOffset: 0, optBytes: 0, optionsBytes: 0 });
    expect(view).toMatchObject({ udpSize: 512, ednsVersion: 0, ednsFlags: 0, doBit: 0 });
  });

  test('ends where the message ends, not the junk', () => {
    verdictOf(head('0100', ONE) + QUESTION + '00'.repeat(100));
    expect(view.messageBytes).toBe(12 + QUESTION.length / 2);
  });

  test('notes a TSIG beside the OPT', () => {
    const tsig = '000000fa00ff00000000' + '0010' + '0161000000000000012c00000000' + '0000';
    verdictOf(head('0100', '0001000000000002') + QUESTION + OPT('04d0', '00000000') + tsig);
    expect(view).toMatchObject({ hasOtherAdditional: 1, udpSize: 1232 });
  });
});

describe('readQuery agrees with the oracle', () => {
  test('on every prefix of good queries', () => {
    for (const seed of seedMessages()) {
      const hex = Buffer.from(seed).toString('hex');
      for (let octets = 0; octets <= Math.min(seed.length, 200); octets++) {
        const cut = hex.slice(0, 2 * octets);
        expect(withoutRest(reading(cut))).toEqual(withoutRest(read(cut)));
      }
    }
  });

  test('on 30 000 spoiled packets', () => {
    const random = new Random(20260101);
    const seeds = seedMessages().filter((seed) => seed.length < 400);
    const bytes = new Uint8Array(4096);
    const seen = new Set<string>();
    for (let round = 0; round < 30_000; round++) {
      const length = fillPacket(bytes, seeds, random);
      // Mostly queries: the oracle has little to say to replies.
      if (length > 2) bytes[2] &= round % 8 === 0 ? 0xff : 0x07;
      const hex = Buffer.from(bytes.subarray(0, length)).toString('hex');
      const wanted = read(hex);
      seen.add(wanted.verdict);
      const found = reading(hex);
      if (JSON.stringify(withoutRest(found)) !== JSON.stringify(withoutRest(wanted)))
        throw new Error(`differ on ${hex}: ${JSON.stringify([found, wanted])}`);
    }
    expect(seen.size).toBe(VERDICTS.length);
  });
});

/** What a verdict promises: the rest of the fields for ACCEPT only. In one order, to be compared as text. */
function withoutRest({ verdict, name, type, class: dnsClass, opt, others }: Reading): Reading {
  if (verdict === 'accept') return { verdict, name, type, class: dnsClass, opt, others };
  return verdict === 'format error, question' ? { verdict, name, type, class: dnsClass } : { verdict };
}
