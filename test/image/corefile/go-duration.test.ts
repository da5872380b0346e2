import { formatDuration, parseDuration, toMilliseconds } from '../../../image/corefile/go-duration';

describe('parseDuration reads what Go reads', () => {
  test.each([
    ['0', 0n],
    ['-0', 0n],
    ['5s', 5_000_000_000n],
    ['1h2m3.5s', 3_723_500_000_000n],
    ['1.5h', 5_400_000_000_000n],
    ['.5s', 500_000_000n],
    ['5.s', 5_000_000_000n],
    ['+5s', 5_000_000_000n],
    ['-1s', -1_000_000_000n],
    ['10ns11us12µs13μs14ms', 14_036_010n],
    ['0.3333333333333333333h', 1_200_000_000_000n - 1n],
    ['9223372036854775807ns', 9223372036854775807n],
    ['-9223372036854775808ns', -9223372036854775808n],
  ])('%s', (text, nanoseconds) => {
    expect(parseDuration(text)).toBe(nanoseconds);
  });

  test.each([
    ['foo', 'time: invalid duration "foo"'],
    ['', 'time: invalid duration ""'],
    ['-', 'time: invalid duration "-"'],
    ['.s', 'time: invalid duration ".s"'],
    ['30', 'time: missing unit in duration "30"'],
    ['1h30', 'time: missing unit in duration "1h30"'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['1 s', 'time: unknown unit " s" in duration "1 s"'],
    ['a"b', 'time: invalid duration "a\\"b"'],
    ['ü', 'time: invalid duration "\\xc3\\xbc"'],
    ['9223372036854775808ns', 'time: invalid duration "9223372036854775808ns"'],
    ['3000000h', 'time: invalid duration "3000000h"'],
  ])('and refuses %j with Go’s words', (text, message) => {
    expect(() => parseDuration(text)).toThrow(message);
  });
});

test.each([
  [0n, '0s'],
  [1n, '1ns'],
  [1_100n, '1.1µs'],
  [2_200_000n, '2.2ms'],
  [3_300_000_000n, '3.3s'],
  [300_000_000_000n, '5m0s'],
  [245_001_000_000n, '4m5.001s'],
  [18_367_001_000_000n, '5h6m7.001s'],
  [480_000_000_001n, '8m0.000000001s'],
  [360_000_000_000_000n, '100h0m0s'],
  [-1_000_000_000n, '-1s'],
])('formatDuration prints %s as %s', (nanoseconds, text) => {
  expect(formatDuration(nanoseconds)).toBe(text);
});

test('a time shorter than a millisecond is not rounded to none', () => {
  expect(toMilliseconds(1n)).toBe(1);
  expect(toMilliseconds(1_500_000n)).toBe(2);
  expect(toMilliseconds(0n)).toBe(0);
});
