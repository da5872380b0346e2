import { SETUPS } from '../../../../image/plugin/setups';
import { setup } from '../../../../image/plugin/whoami/setup';
import { bodyRefusal, optionsOf } from '../../../support/corefile';

test('whoami has no options, and may stand twice', () => {
  expect(SETUPS.whoami).toBe(setup);
  expect(optionsOf('whoami', 'whoami')).toEqual({});
  expect(optionsOf('whoami', 'whoami\nwhoami')).toEqual({});
});

test.each([
  ['whoami x', "Wrong argument count or unexpected line ending after 'x'"],
  ['whoami {\nx\n}', "Unexpected token '{', expecting argument"],
])('%j is refused', (body, message) => {
  expect(bodyRefusal(body)).toBe(`plugin/whoami: Cf:2 - Error during parsing: ${message}`);
});
