import { bodyRefusal, optionsOf } from '../../../support/corefile';

test.each([
  ['reload', { intervalMs: 30_000, jitterMs: 15_000 }],
  ['reload 2s', { intervalMs: 2000, jitterMs: 1000 }], // Jitter is at most half the interval.
  ['reload 1m 10s', { intervalMs: 60_000, jitterMs: 10_000 }],
])('%s', (body, expected) => {
  expect(optionsOf('reload', body)).toEqual(expected);
});

test.each([
  ['reload 1s', 'interval value must be greater or equal to 2s'],
  ['reload 2s 0s', 'jitter value must be greater or equal to 1s'],
  ['reload foo', 'time: invalid duration "foo"'],
  ['reload 5s foo', 'time: invalid duration "foo"'],
  ['reload 5s 5s 5s', "Cf:2 - Error during parsing: Wrong argument count or unexpected line ending after '5s'"],
])('%s is refused', (body, message) => {
  expect(bodyRefusal(body)).toBe(`plugin/reload: ${message}`);
});
