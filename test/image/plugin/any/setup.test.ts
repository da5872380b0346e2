import { setup } from '../../../../image/plugin/any/setup';
import { SETUPS } from '../../../../image/plugin/setups';
import { optionsOf } from '../../../support/corefile';

test.each([['any'], ['any x y'], ['any\nany'], ['any {\nx\n}']])('%j is accepted, as by CoreDNS', (body) => {
  expect(SETUPS.any).toBe(setup);
  expect(optionsOf('any', body)).toEqual({});
});
