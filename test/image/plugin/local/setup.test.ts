import { setup } from '../../../../image/plugin/local/setup';
import { SETUPS } from '../../../../image/plugin/setups';
import { optionsOf } from '../../../support/corefile';

test.each([['local'], ['local x'], ['local\nlocal']])('%j is accepted, as by CoreDNS', (body) => {
  expect(SETUPS.local).toBe(setup);
  expect(optionsOf('local', body)).toEqual({});
});
