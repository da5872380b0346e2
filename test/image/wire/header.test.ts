import { getCount, getFlags, getId, Section, setCount, setFlags, setId } from '../../../image/wire/header';

test('fields are where RFC 1035 §4.1.1 draws them, and touch nothing else', () => {
  const bytes = new Uint8Array(14).fill(0xee);
  setId(bytes, 1, 0x1234);
  setFlags(bytes, 1, 0x8183);
  for (const section of Object.values(Section)) setCount(bytes, 1, section, 0x0a00 + section);
  expect(Buffer.from(bytes).toString('hex')).toBe('ee' + '1234' + '8183' + '0a00' + '0a01' + '0a02' + '0a03' + 'ee');
  expect([getId(bytes, 1), getFlags(bytes, 1)]).toEqual([0x1234, 0x8183]);
  expect(Object.values(Section).map((section) => getCount(bytes, 1, section))).toEqual([0xa00, 0xa01, 0xa02, 0xa03]);
});

test.each([
  ['an offset before the bytes', () => getId(new Uint8Array(12), -1)],
  ['a header that is cut short', () => getFlags(new Uint8Array(12), 1)],
  ['a fifth section', () => getCount(new Uint8Array(12), 0, 4)],
  ['an id of 17 bits', () => setId(new Uint8Array(12), 0, 0x10000)],
])('a programmer’s mistake stops: %s', (_, act) => expect(act).toThrow('assertion failed'));
