import { decodeMessage } from '../../../image/wire/message';
import { truncateAt, truncateMessage } from '../../../image/wire/truncate';
import { A, GLUE, NS, OFFSET, placed } from './reply';

const PARTS = { answer: [A(1), A(2)], authority: [NS], additional: [GLUE] };
/** Where each record of PARTS ends: what a limit must reach for it to stay. */
const { recordEnds } = placed(PARTS).walk;
const [END_1, END_2, END_3, END_4] = recordEnds;
const QUESTION_END = 33;

describe.each(['by a walk', 'by places of TTLs'])('cut %s', (how) => {
  const cut = (limit: number) => {
    const { bytes, length, walk } = placed(PARTS);
    const places = Uint16Array.of(0, ...walk.typeOffsets.slice(0, walk.count).map((offset) => offset + 4));
    const size =
      how === 'by a walk'
        ? truncateMessage(bytes, OFFSET, length, walk, limit)
        : truncateAt(bytes, OFFSET, length, places, 1, walk.count, limit);
    return { size, decoded: decodeMessage(bytes, OFFSET, size), behind: bytes.slice(OFFSET + length) };
  };

  test.each([
    ['all fit', 65535, END_4, 2, 1, 1, false],
    ['just all fit', END_4, END_4, 2, 1, 1, false],
    ['one octet is missing', END_4 - 1, END_3, 2, 1, 0, true],
    ['authority just fits', END_3, END_3, 2, 1, 0, true],
    ['both answers just fit', END_2, END_2, 2, 0, 0, true],
    ['one answer fits', END_2 - 1, END_1, 1, 0, 0, true],
    ['no answer fits', END_1 - 1, QUESTION_END, 0, 0, 0, true],
    ['not even the question fits', 12, QUESTION_END, 0, 0, 0, true],
  ])('%s', (_, limit, size, answers, authorities, additionals, isTruncated) => {
    const result = cut(limit);
    expect(result.size).toBe(size);
    expect(result.decoded?.flags).toBe(isTruncated ? 0x8380 : 0x8180);
    expect(result.decoded?.answer).toHaveLength(answers);
    expect(result.decoded?.authority).toHaveLength(authorities);
    expect(result.decoded?.additional).toHaveLength(additionals);
    expect(result.behind.every((byte) => byte === 0xee)).toBe(true);
  });
});

test('TC that the upstream set stays, and junk goes', () => {
  const { bytes, length, walk } = placed({ flags: 0x8380, answer: [A(1)] });
  expect(truncateMessage(bytes, OFFSET, length + 10, walk, 512)).toBe(length);
  expect(bytes[OFFSET + 2]).toBe(0x83);
});

test('60 addresses for a client of 512 octets: 29 with an OPT, as CoreDNS sends', () => {
  const addresses = Array.from({ length: 60 }, (_, index) => A(index));
  const { bytes, length, walk } = placed({ ask: 'www.example.org.', answer: addresses });
  const size = truncateMessage(bytes, OFFSET, length, walk, 512 - 11);
  expect(decodeMessage(bytes, OFFSET, size)?.answer).toHaveLength(29);
  expect(size + 11).toBe(508);
});
