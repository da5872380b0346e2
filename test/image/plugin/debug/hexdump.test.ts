import { hexdump } from '../../../../image/plugin/debug/hexdump';

test('sixteen octets a line, and the offset of the end', () => {
  const bytes = Uint8Array.from({ length: 40 }, (_, index) => index);
  expect(hexdump(bytes, 2, 18)).toEqual([
    'debug: 000000 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11',
    'debug: 000010 12 13',
    'debug: 000012',
  ]);
  expect(hexdump(bytes, 0, 0)).toEqual(['debug: 000000']);
});

test('of a long message the first 512 octets', () => {
  expect(hexdump(new Uint8Array(2000), 0, 2000)).toHaveLength(33);
});
