import { beginWrite, endWrite, readAgain, readBegin, releaseWriter, tryWriter } from '../../../image/memory/sequence';

test('a read between two writes is good', () => {
  const words = new Int32Array(4);
  endWrite(words, 2);
  const begun = readBegin(words, 2);
  expect([begun & 1, readAgain(words, 2, begun)]).toEqual([1, true]);
});

test.each<[string, (words: Int32Array) => void]>([
  ['a write that has begun', (words) => beginWrite(words, 2)],
  [
    'a whole write',
    (words) => {
      beginWrite(words, 2);
      endWrite(words, 2);
    },
  ],
  [
    'many writes',
    (words) => {
      for (let count = 0; count < 1_000; count++) {
        beginWrite(words, 2);
        endWrite(words, 2);
      }
    },
  ],
])('%s spoils a read', (_, write) => {
  const words = new Int32Array([0, 0, 1, 0]);
  const begun = readBegin(words, 2);
  write(words);
  expect(readAgain(words, 2, begun)).toBe(false);
});

test('while an entry is written its number is even, and no other word changes', () => {
  const words = new Int32Array([0, 0, 1, 0]);
  beginWrite(words, 2);
  expect(readBegin(words, 2) & 1).toBe(0);
  endWrite(words, 2);
  expect([...words]).toEqual([0, 0, 3, 0]);
});

test('memory never written is not to be read', () => {
  expect(readBegin(new Int32Array(1), 0) & 1).toBe(0);
});

test('the number may go round', () => {
  const words = new Int32Array([-1]);
  const begun = readBegin(words, 0);
  beginWrite(words, 0);
  expect([readAgain(words, 0, begun), readBegin(words, 0) & 1]).toEqual([false, 0]);
});

test('of two writers one gets in, the other when it has left', () => {
  const words = new Int32Array(2);
  expect([tryWriter(words, 1), tryWriter(words, 1)]).toEqual([true, false]);
  releaseWriter(words, 1);
  expect(tryWriter(words, 1)).toBe(true);
});
