import { setTtls, setTtlsAt } from '../../../image/wire/age';
import { recordTtl } from '../../../image/wire/record';
import { A, NS, OFFSET, OPT, placed } from './reply';

test('every record but the OPT gets the TTL, nothing else changes', () => {
  const { bytes, walk } = placed({ answer: [A(1)], authority: [NS], additional: [OPT] });
  const before = bytes.slice();
  setTtls(bytes, OFFSET, walk, 0x01020304);
  expect([0, 1, 2].map((index) => recordTtl(walk, bytes, index))).toEqual([0x01020304, 0x01020304, 0x8000]);
  const changed = [...bytes.keys()].filter((index) => bytes[index] !== before[index]);
  expect(changed).toHaveLength(8);
});

test('a message that has moved since its walk is aged where it is now', () => {
  const { bytes, length, walk } = placed({ answer: [A(1)] });
  const moved = new Uint8Array(length + 3);
  moved.set(bytes.subarray(OFFSET, OFFSET + length), 3);
  setTtls(moved, 3, walk, 5);
  walk.messageOffset = 3;
  expect(recordTtl(walk, moved, 0)).toBe(5);
});

test('only the listed places are written', () => {
  const { bytes, walk } = placed({ answer: [A(1), A(2), A(3)] });
  const list = Uint16Array.of(9, ...walk.typeOffsets.slice(0, 3).map((offset) => offset + 4), 9);
  setTtlsAt(bytes, OFFSET, list, 2, 1, 7);
  expect([0, 1, 2].map((index) => recordTtl(walk, bytes, index))).toEqual([60, 7, 60]);
  setTtlsAt(bytes, OFFSET, list, 1, 3, 0x7fffffff);
  expect([0, 1, 2].map((index) => recordTtl(walk, bytes, index))).toEqual(Array(3).fill(0x7fffffff));
});
