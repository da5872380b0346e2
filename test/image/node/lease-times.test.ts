/** Which times of the lease go together. */
import { leaseProblem } from '../../../image/node/lease-times';

test.each([
  [250, 1000],
  [50, 150],
  [10_000, 30_000],
])('%p ms and %p ms go together', (renewMs, expireMs) => {
  expect(leaseProblem(renewMs, expireMs)).toBeNull();
});

test.each([
  [49, 1000, 'want at least 50ms'],
  [250, 749, 'raise -leaseexpire to 750ms'],
  [250, 30_001, 'want at most 30000ms'],
])('%p ms and %p ms do not: the text says what to change', (renewMs, expireMs, text) => {
  expect(leaseProblem(renewMs, expireMs)).toContain(text);
});
