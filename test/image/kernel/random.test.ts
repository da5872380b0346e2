import { Random } from '../../../image/kernel/random';

test('65536 numbers: every half, quarter and bit as often as chance wants it', () => {
  const random = new Random();
  const seen = new Uint32Array(65536);
  const bits = new Uint32Array(16);
  for (let index = 0; index < 65536; index++) {
    const number = random.u16();
    seen[number]++;
    for (let bit = 0; bit < 16; bit++) bits[bit] += (number >>> bit) & 1;
  }
  for (const count of bits) expect(Math.abs(count - 32768)).toBeLessThan(900); // 7 sigma of 128.
  const different = seen.filter((count) => count > 0).length;
  expect(Math.abs(different - 65536 * (1 - Math.exp(-1)))).toBeLessThan(900); // A repeated pool would halve it.
});

test('two generators say different things', () => {
  const [left, right] = [new Random(), new Random()];
  const equal = Array.from({ length: 100 }, () => Number(left.u16() === right.u16())).reduce((sum, one) => sum + one);
  expect(equal).toBeLessThan(5);
});

test.each([1, 2, 64, 65536])('below %d', (count) => {
  const random = new Random();
  const seen = new Set(Array.from({ length: 5_000 }, () => random.below(count)));
  for (const number of seen) expect(number >= 0 && number < count).toBe(true);
  if (count <= 64) expect(seen.size).toBe(count);
});
