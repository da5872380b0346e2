import { integerOrNothing, parseInteger, parseUint32 } from '../../../image/corefile/go-integer';

test.each([
  ['0', 0],
  ['30', 30],
  ['+30', 30],
  ['-1', -1],
  ['007', 7],
])('%s is a whole number', (text, number) => {
  expect(parseInteger(text)).toBe(number);
  expect(integerOrNothing(text)).toBe(number);
});

test.each([
  ['abc', 'strconv.Atoi: parsing "abc": invalid syntax'],
  ['', 'strconv.Atoi: parsing "": invalid syntax'],
  ['1_000', 'strconv.Atoi: parsing "1_000": invalid syntax'],
  ['0x10', 'strconv.Atoi: parsing "0x10": invalid syntax'],
  ['}', 'strconv.Atoi: parsing "}": invalid syntax'],
  ['9223372036854775808', 'strconv.Atoi: parsing "9223372036854775808": value out of range'],
])('%j is none: %s', (text, message) => {
  expect(() => parseInteger(text)).toThrow(message);
  expect(integerOrNothing(text)).toBeUndefined();
});

test('parseUint32 knows no signs and ends at 2^32-1', () => {
  expect(parseUint32('4294967295')).toBe(4294967295);
  expect(() => parseUint32('-4')).toThrow('strconv.ParseUint: parsing "-4": invalid syntax');
  expect(() => parseUint32('+4')).toThrow('strconv.ParseUint: parsing "+4": invalid syntax');
  expect(() => parseUint32('4294967296')).toThrow('strconv.ParseUint: parsing "4294967296": value out of range');
});
