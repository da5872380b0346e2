import {
  appendExtendedError,
  appendExtendedErrors,
  dropTrailingOpt,
  ExtendedError,
  extendedRcode,
  keepOption,
  normaliseReplyOpt,
  OPT_BYTES,
  replyOptBytes,
  withCause,
  writeOpt,
  writeReplyOpt,
} from '../../../image/wire/edns';
import { decodeMessage } from '../../../image/wire/message';
import { QueryView, readQuery, Verdict } from '../../../image/wire/question';
import { encoded, message, opt } from '../../fuzz/wire-seeds';
import { A, GLUE, OFFSET, placed } from './reply';

const view = new QueryView();
const NSID = '00030000';
const EXPIRE = '00090000';
const PADDING = '000c00020000';
const KEEPALIVE = '000b0000';
const COOKIE = '000a00081122334455667788';
const SUBNET = '00080007000118 00c00002'.replace(' ', '');
const UNKNOWN = 'fde90001ff';

/** The OPT we answer a query with, in hex. */
function replyOpt(udpBytes: number, ttl: number, options = '', room = 100, keepsKeepalive = false): string {
  const query = encoded(message({ additional: [opt(udpBytes, ttl, options)] }));
  const bytes = new Uint8Array(query.length + 9).fill(0xee);
  bytes.set(query, 4);
  expect(readQuery(bytes, 4, query.length, view)).toBe(Verdict.ACCEPT);
  const out = new Uint8Array(120).fill(0xee);
  const written = writeReplyOpt(bytes, view, out, 10, 10 + room, keepsKeepalive);
  if (room === 100) expect(written).toBe(replyOptBytes(bytes, view, keepsKeepalive));
  expect(
    out.slice(0, 10).every((byte) => byte === 0xee) && out.slice(10 + written).every((byte) => byte === 0xee),
  ).toBe(true);
  return Buffer.from(out.slice(10, 10 + written)).toString('hex');
}

describe('the OPT of our reply', () => {
  const bare = (size: string, ttl: string, options = '') =>
    `000029${size}${ttl}${(options.length / 2).toString(16).padStart(4, '0')}${options}`;
  test.each([
    ['the size is the client’s, even a silly one', replyOpt(100, 0), bare('0064', '00000000')],
    ['DO stays', replyOpt(1232, 0x8000), bare('04d0', '00008000')],
    ['reserved bits: the upper stay, the lower go', replyOpt(1232, 0x4040), bare('04d0', '00004000')],
    ['extended rcode and version go', replyOpt(1232, 0xff018000), bare('04d0', '00008000')],
    [
      'NSID, EXPIRE and PADDING stay in order',
      replyOpt(1232, 0, PADDING + NSID + EXPIRE),
      bare('04d0', '00000000', PADDING + NSID + EXPIRE),
    ],
    [
      'cookies, subnets and the unknown go',
      replyOpt(1232, 0, COOKIE + NSID + SUBNET + UNKNOWN),
      bare('04d0', '00000000', NSID),
    ],
    ['keepalive goes over UDP', replyOpt(1232, 0, KEEPALIVE + NSID), bare('04d0', '00000000', NSID)],
    ['keepalive stays over TCP', replyOpt(1232, 0, KEEPALIVE, 100, true), bare('04d0', '00000000', KEEPALIVE)],
    ['what does not fit is left out', replyOpt(1232, 0, PADDING + NSID, 11 + 5), bare('04d0', '00000000', NSID)],
    ['no room for a record', replyOpt(1232, 0, '', 10), ''],
  ])('%s', (_, found, wanted) => expect(found).toBe(wanted));

  test('codes that a Corefile names stay, their neighbours go', () => {
    const [named, next] = ['fdf0000101', 'fdf1000102'];
    expect(replyOpt(1232, 0, named + next)).toBe(bare('04d0', '00000000'));
    keepOption(0xfdf0);
    expect(replyOpt(1232, 0, named + next)).toBe(bare('04d0', '00000000', named));
  });
  test('a query without one gets none', () => {
    const query = encoded(message({}));
    readQuery(query, 0, query.length, view);
    expect([writeReplyOpt(query, view, new Uint8Array(50), 0, 50), replyOptBytes(query, view)]).toEqual([0, 0]);
  });
});

describe('the OPT of an upstream', () => {
  test('at the end is cut off', () => {
    const { bytes, length, walk } = placed({ answer: [A(1)], additional: [GLUE, opt(4096, 0x8000, NSID)] });
    const size = dropTrailingOpt(bytes, OFFSET, length, walk);
    expect(size).toBe(length - 15);
    expect(decodeMessage(bytes, OFFSET, size)?.additional.map(({ type }) => type)).toEqual([GLUE.type]);
  });
  test('as the only record is cut off', () => {
    const { bytes, length, walk } = placed({ additional: [opt(4096, 0)] });
    expect(dropTrailingOpt(bytes, OFFSET, length, walk)).toBe(length - 11);
  });
  test('that is absent changes nothing', () => {
    const { bytes, length, walk } = placed({ answer: [A(1)] });
    expect(dropTrailingOpt(bytes, OFFSET, length, walk)).toBe(length);
  });
  test('before other records is left to the slow path', () => {
    const { bytes, length, walk } = placed({ additional: [opt(4096, 0), GLUE] });
    expect(dropTrailingOpt(bytes, OFFSET, length, walk)).toBe(0);
  });
  test.each([
    ['nothing of it', [opt(4096, 0xffff)], 0],
    ['BADVERS', [opt(4096, 0x01000000)], 1],
    ['all of it, in front of another record', [opt(4096, 0xff000000), GLUE], 255],
    ['no OPT record', [GLUE], 0],
  ])('has the upper part of the response code: %s', (_, additional, wanted) => {
    const { bytes, walk } = placed({ additional });
    expect(extendedRcode(bytes, walk)).toBe(wanted);
  });
  test.each([
    [0x8000, 0x4040, 0xc000],
    [0, 0x8040, 0x8000],
    [0, 0xff014040, 0xff004000], // The upper bits of the response code are the upstream's to say.
  ])('becomes the client’s: DO %i, upstream TTL %i', (clientTtl, upstreamTtl, wanted) => {
    const query = encoded(message({ additional: [opt(1400, clientTtl)] }));
    readQuery(query, 0, query.length, view);
    const { bytes, length, walk } = placed({ additional: [opt(4096, upstreamTtl, UNKNOWN)] });
    normaliseReplyOpt(bytes, OFFSET, walk, view);
    expect(decodeMessage(bytes, OFFSET, length)?.additional).toEqual([opt(1400, wanted, UNKNOWN)]);
  });
});

describe('extended errors (RFC 8914)', () => {
  const AT = 7;
  /** The OPT record with these codes, in hex, in `room` octets. */
  function explained(codes: number, text: string, room: number): string {
    const out = new Uint8Array(120).fill(0xee);
    const end = AT + writeOpt(out, AT, 1232, 0, 0);
    const added = appendExtendedErrors(out, AT, end, AT + room, codes, text);
    expect(out.slice(end + added).every((byte) => byte === 0xee)).toBe(true);
    return Buffer.from(out.slice(AT + 9, end + added)).toString('hex');
  }
  const TWO = withCause(ExtendedError.CACHED_ERROR, ExtendedError.NETWORK_ERROR);
  test.each<[string, number, string, number, string]>([
    ['one', ExtendedError.STALE_ANSWER, '', 100, '0006' + '000f00020003'],
    ['one with a text', ExtendedError.STALE_ANSWER, 'old', 100, '0009' + '000f00050003' + '6f6c64'],
    ['without room for the text', ExtendedError.STALE_ANSWER, 'old', OPT_BYTES + 8, '0006' + '000f00020003'],
    ['without room', ExtendedError.STALE_ANSWER, '', OPT_BYTES + 5, '0000'],
    ['what happened, and what had happened before', TWO, '', 100, '000c' + '000f0002000d' + '000f00020017'],
    ['the text is the first one’s', TWO, 'x', 100, '000d' + '000f0003000d78' + '000f00020017'],
    ['room for one only', TWO, '', OPT_BYTES + 11, '0006' + '000f0002000d'],
    ['room for none', TWO, '', OPT_BYTES, '0000'],
  ])('%s', (_, codes, text, room, wanted) => expect(explained(codes, text, room)).toBe(wanted));

  test('an option in front stays', () => {
    const out = new Uint8Array(60);
    let end = writeOpt(out, 0, 1232, 0, 0);
    end += appendExtendedError(out, 0, end, 60, 3, '');
    end += appendExtendedError(out, 0, end, 60, 19, '');
    expect(Buffer.from(out.slice(9, end)).toString('hex')).toBe('000c' + '000f00020003' + '000f00020013');
  });
});
