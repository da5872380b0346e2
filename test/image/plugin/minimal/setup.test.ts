import { setup } from '../../../../image/plugin/minimal/setup';
import { SETUPS } from '../../../../image/plugin/setups';
import { bodyRefusal, optionsOf } from '../../../support/corefile';

test('minimal has no options, and may stand twice', () => {
  expect(SETUPS.minimal).toBe(setup);
  expect(optionsOf('minimal', 'minimal\nminimal')).toEqual({});
});

test('an argument is refused', () => {
  expect(bodyRefusal('minimal x')).toBe(
    "plugin/minimal: Cf:2 - Error during parsing: Wrong argument count or unexpected line ending after 'x'",
  );
});
