/** Numbers as operators read them. */
import { age, compact, duration, grouped, mebibytes, percent } from '../../../image/commands/numbers';

test.each([
  [0, '0'],
  [0.034, '0.03'],
  [7.314, '7.31'],
  [9.996, '10.0'],
  [42.06, '42.1'],
  [980.4, '980'],
  [9_999, '9999'],
  [12_345, '12.3k'],
  [1_200_000, '1.20M'],
  [5e9, '5.00G'],
])('compact %d is %s', (value, text) => expect(compact(value)).toBe(text));

test.each([
  [null, '–'],
  [0, '0 %'],
  [1, '100 %'],
  [0.9731, '97.3 %'],
  [0.9987, '99.87 %'],
  [0.0004, '0.04 %'],
])('percent %p is %s', (value, text) => expect(percent(value)).toBe(text));

test.each([
  [null, '–'],
  [8.21, '8.21 µs'],
  [412, '412 µs'],
  [999.6, '1.00 ms'],
  [1310, '1.31 ms'],
  [2_000_000, '2.00 s'],
])('duration %p is %s', (value, text) => expect(duration(value)).toBe(text));

test.each([
  [0, '0 s'],
  [8.4, '8 s'],
  [725, '12 min 5 s'],
  [3600, '1 h'],
  [3 * 86_400 + 4 * 3600 + 59, '3 d 4 h'],
  [-5, '0 s'], // Clocks of two machines.
])('age %d is %s', (value, text) => expect(age(value)).toBe(text));

test('large counts and memory', () => {
  expect(grouped(1_234_567)).toBe('1,234,567');
  expect(mebibytes(88 * 2 ** 20 + 1)).toBe('88 MiB');
});
