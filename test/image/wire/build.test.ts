import { writeBadVersionReply, writeHeaderReply, writeRcodeReply, writeRefusal } from '../../../image/wire/build';
import { Rcode } from '../../../image/wire/codes';
import { QueryView, readQuery } from '../../../image/wire/question';

const QUESTION = '03575777' + '00' + '00010001';
const COUNTS = '0001000000000000';
const view = new QueryView();

/** The reply to a packet, in hex; written over nothing but its own octets. */
function reply(
  hex: string,
  write: (bytes: Uint8Array, offset: number, verdict: number, out: Uint8Array) => number,
): string {
  const octets = Buffer.from(hex, 'hex');
  const bytes = new Uint8Array(octets.length + 3);
  bytes.set(octets, 3);
  const verdict = readQuery(bytes, 3, octets.length, view);
  const out = new Uint8Array(100).fill(0xee);
  const written = write(bytes, 3, verdict, out);
  expect(out.slice(0, 5).every((byte) => byte === 0xee) && out.slice(5 + written).every((byte) => byte === 0xee)).toBe(
    true,
  );
  return Buffer.from(out.slice(5, 5 + written)).toString('hex');
}

const refusal = (hex: string) =>
  reply(hex, (bytes, offset, verdict, out) => writeRefusal(bytes, offset, view, verdict as 2, out, 5));

describe('refusals, as recorded from CoreDNS', () => {
  test.each([
    ['IQUERY', '0900', COUNTS + QUESTION, '8904', ''],
    ['STATUS', '1100', COUNTS + QUESTION, '9104', ''],
    ['UPDATE', '2800', COUNTS + QUESTION, 'a804', ''],
    ['opcode 15', '7900', COUNTS + QUESTION, 'f904', ''],
    ['no question', '0100', '0000000000000000', '8101', ''],
    ['AD and CD as dig sends them', '0130', '0000000000000000', '8131', ''],
    ['AA and Z are not repeated, TC is', '0640', '0000000000000000', '8201', ''],
    ['a NOTIFY of wrong form forgets its opcode', '2400', '0000000000000000', '8001', ''],
    [
      'a bad record: the question is repeated in its case',
      '0100',
      '0001000000000001' + QUESTION + '00',
      '8101',
      QUESTION,
    ],
    ['a header only', '0110', COUNTS, '8112', ''],
    ['a header only of a NOTIFY', '2510', COUNTS, 'a002', ''],
  ])('%s', (_, flags, rest, replyFlags, question) => {
    const counts = question === '' ? '0000' : '0001';
    expect(refusal('beef' + flags + rest)).toBe('beef' + replyFlags + counts + '000000000000' + question);
  });
});

describe('answers with a response code', () => {
  test.each([
    ['RD and CD are repeated', '0110', Rcode.SERVFAIL, '8112'],
    ['the rest is not', '07ef', Rcode.REFUSED, '8105'],
    ['RD and CD of NOTIFY are not', '2510', Rcode.REFUSED, 'a005'],
  ])('%s', (_, flags, rcode, replyFlags) => {
    const found = reply('beef' + flags + COUNTS + QUESTION + 'dead', (bytes, offset, _verdict, out) =>
      writeRcodeReply(bytes, offset, view, rcode, out, 5),
    );
    expect(found).toBe('beef' + replyFlags + COUNTS + QUESTION);
  });

  test('may be written over the query itself', () => {
    const bytes = Uint8Array.from(Buffer.from('beef01000001000000000001' + QUESTION + '00002904d0000000000000', 'hex'));
    readQuery(bytes, 0, bytes.length, view);
    expect(writeRcodeReply(bytes, 0, view, Rcode.SERVFAIL, bytes, 0)).toBe(21);
    expect(Buffer.from(bytes.subarray(0, 21)).toString('hex')).toBe('beef8102' + COUNTS + QUESTION);
  });

  test('BADVERS: rcode 0, the question, an OPT of size 0 with extended rcode 1', () => {
    const query = 'beef0120' + '0001000000000001' + QUESTION + '000029' + '04d0' + '00018000' + '0000';
    const found = reply(query, (bytes, offset, _verdict, out) => writeBadVersionReply(bytes, offset, view, out, 5));
    expect(found).toBe('beef8100' + '0001000000000001' + QUESTION + '000029' + '0000' + '01000000' + '0000');
  });

  test('a header reply does not need a view', () => {
    const bytes = Uint8Array.from(Buffer.from('beef0100' + 'ff'.repeat(8), 'hex'));
    expect(writeHeaderReply(bytes, 0, Rcode.FORMERR, bytes, 0)).toBe(12);
    expect(Buffer.from(bytes).toString('hex')).toBe('beef8101' + '00'.repeat(8));
  });
});
