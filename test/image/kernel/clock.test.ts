import { MonotonicClock } from '../../../image/kernel/clock';

test('the clock is the kernel’s monotonic one, the same wherever it is read', () => {
  const clocks = [new MonotonicClock(), new MonotonicClock()];
  const [seconds, nanoseconds] = process.hrtime();
  const [first, second] = clocks.map((clock) => clock.now());
  expect(Math.abs(first - (seconds * 1e3 + nanoseconds / 1e6))).toBeLessThan(50);
  expect(Math.abs(second - first)).toBeLessThan(50);
  expect(clocks[0].now()).toBeGreaterThanOrEqual(first);
});
