import { findString, StringPacker, stringAt } from '../../../../image/plugin/hosts/strings';

test('each string has one number, in the order of coming', () => {
  const packer = new StringPacker(1);
  expect(['a', 'b', 'a', '', 'ab', ''].map((text) => packer.add(text))).toEqual([0, 1, 0, 2, 3, 2]);
  const packed = packer.pack();
  expect([0, 1, 2, 3].map((number) => stringAt(packed, number))).toEqual(['a', 'b', '', 'ab']);
  expect(['', 'ab', 'b', 'ba', 'abc'].map((text) => findString(packed, text))).toEqual([2, 3, 1, -1, -1]);
});

test('of nothing nothing is found', () => {
  expect(findString(new StringPacker(1).pack(), 'a')).toBe(-1);
});

test.each([0, 1, 0xdeadbeef])('20,000 strings are found whatever the seed: %p', (seed) => {
  const packer = new StringPacker(seed);
  for (let index = 0; index < 20_000; index++) expect(packer.add(`${index}`)).toBe(index);
  const packed = packer.pack();
  for (let index = 0; index < 20_000; index++) expect(findString(packed, `${index}`)).toBe(index);
  expect(findString(packed, '20000')).toBe(-1);
  expect(packed.slots.length).toBeGreaterThanOrEqual(2 * packed.ends.length);
});

test('one that is longer than all room there was', () => {
  const packer = new StringPacker(1);
  const long = 'x'.repeat(100_000);
  packer.add(long);
  expect(findString(packer.pack(), long)).toBe(0);
});
