import { setup } from '../../../../image/plugin/cancel/setup';
import { SETUPS } from '../../../../image/plugin/setups';
import { bodyRefusal, optionsOf } from '../../../support/corefile';

test.each([
  ['cancel', 5001],
  ['cancel 1s', 1000],
  ['cancel 1ns', 1],
  ['cancel 1s\ncancel 2s', 2000],
])('%j is %p ms', (body, timeoutMs) => {
  expect(SETUPS.cancel).toBe(setup);
  expect(optionsOf('cancel', body)).toEqual({ timeoutMs });
});

test.each([
  ['cancel 5', 'invalid duration: "5"'],
  ['cancel x', 'invalid duration: "x"'],
  ['cancel 0s', 'invalid negative duration: "0s"'],
  ['cancel -1s', 'invalid negative duration: "-1s"'],
])('%j is refused', (body, message) => {
  expect(bodyRefusal(body)).toBe(`plugin/cancel: ${message}`);
});
