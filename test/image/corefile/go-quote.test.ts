import { quote } from '../../../image/corefile/go-quote';

test.each([
  ['plain ünïcode 日本 🙂', '"plain ünïcode 日本 🙂"'],
  ['a"b\\c', '"a\\"b\\\\c"'],
  ['\n\t\r\x07', '"\\n\\t\\r\\a"'],
  ['\x00\x1f\x7f', '"\\x00\\x1f\\x7f"'],
  ['\u00a0\u2028\ufeff', '"\\u00a0\\u2028\\ufeff"'],
  ['\u{e0001}', '"\\U000e0001"'],
])('%j', (value, quoted) => {
  expect(quote(value)).toBe(quoted);
});
