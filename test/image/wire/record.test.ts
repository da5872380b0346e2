import { Type } from '../../../image/wire/codes';
import {
  RecordWalk,
  recordClass,
  recordDataBytes,
  recordDataOffset,
  recordOffset,
  recordTtl,
  recordType,
  walkRecords,
} from '../../../image/wire/record';
import { record } from '../../fuzz/wire-seeds';
import { A, GLUE, NS, OFFSET, OPT, placed, SOA } from './reply';

describe('walkRecords', () => {
  test('finds each record and what it says', () => {
    const { bytes, length, walk } = placed({ answer: [A(1), A(2)], authority: [NS, SOA], additional: [GLUE, OPT] });
    expect(walk).toMatchObject({
      count: 6,
      answerCount: 2,
      authorityCount: 2,
      additionalCount: 2,
      optIndex: 5,
      soaIndex: 3,
    });
    expect(walk).toMatchObject({ messageOffset: OFFSET, recordsStart: 33, messageEnd: length });
    const all = [0, 1, 2, 3, 4, 5];
    expect(all.map((index) => recordType(walk, bytes, index))).toEqual([1, 1, Type.NS, Type.SOA, Type.AAAA, Type.OPT]);
    expect(all.map((index) => recordClass(walk, bytes, index))).toEqual([1, 1, 1, 1, 1, 1232]);
    expect(all.map((index) => recordTtl(walk, bytes, index))).toEqual([60, 60, 600, 900, 6000, 0x8000]);
    expect([0, 1, 4].map((index) => recordDataBytes(walk, bytes, index))).toEqual([4, 4, 16]);
    const data = recordDataOffset(walk, bytes, 1);
    expect([...bytes.subarray(data, data + 4)]).toEqual([192, 0, 2, 2]);
    expect(recordOffset(walk, 0)).toBe(OFFSET + 33);
    expect(recordOffset(walk, 1)).toBe(recordDataOffset(walk, bytes, 0) + 4);
  });

  test('a TTL above 2^31 is not negative', () => {
    const { bytes, walk } = placed({ answer: [{ ...A(1), ttl: 0xffffffff }] });
    expect(recordTtl(walk, bytes, 0)).toBe(0xffffffff);
  });

  test('an OPT among the answers and a SOA among the answers are only records', () => {
    const { walk } = placed({ answer: [OPT, SOA], authority: [NS] });
    expect(walk).toMatchObject({ optIndex: -1, soaIndex: -1 });
  });

  test('holds nothing of the message before', () => {
    const { walk } = placed({ authority: [SOA], additional: [OPT] });
    const plain = placed({});
    walkRecords(plain.bytes, OFFSET, plain.length, walk);
    expect(walk).toMatchObject({ count: 0, optIndex: -1, soaIndex: -1, messageEnd: plain.length });
  });

  test('ends where the records end, not the junk', () => {
    const { bytes, length, walk } = placed({ answer: [A(1)] });
    expect(walkRecords(bytes, OFFSET, length + 9, walk)).toBe(true);
    expect(walk.messageEnd).toBe(length);
  });

  test('the fullest message that can be has a place for every record', () => {
    const bytes = new Uint8Array(65535);
    const most = Math.floor((65535 - 12) / 11);
    bytes.set([most >>> 8, most & 0xff], 6);
    const walk = new RecordWalk();
    expect(walkRecords(bytes, 0, bytes.length, walk)).toBe(true);
    expect([walk.count, walk.messageEnd]).toEqual([most, 12 + 11 * most]);
  });

  test('refuses every prefix, and counts that are too high', () => {
    const parts = {
      answer: [A(1), record('a.example.org. CNAME www.example.org.')],
      authority: [NS],
      additional: [OPT],
    };
    const { bytes, length, walk } = placed(parts);
    for (let octets = 0; octets < length; octets++) expect(walkRecords(bytes, OFFSET, octets, walk)).toBe(false);
    bytes[OFFSET + 11] += 1;
    expect(walkRecords(bytes, OFFSET, length, walk)).toBe(false);
    bytes[OFFSET + 10] = 0xff;
    expect(walkRecords(bytes, OFFSET, length, walk)).toBe(false);
  });
});
