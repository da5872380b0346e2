import { setup } from '../../../../image/plugin/metadata/setup';
import { SETUPS } from '../../../../image/plugin/setups';
import { bodyRefusal, optionsOf } from '../../../support/corefile';

test('metadata is for the block’s zones or for those it names', () => {
  expect(SETUPS.metadata).toBe(setup);
  expect(optionsOf('metadata', 'metadata')).toEqual({ zones: ['example.org.'] });
  expect(optionsOf('metadata', 'metadata a B.c')).toEqual({ zones: ['a.', 'b.c.'] });
});

test.each([
  ['metadata\nmetadata', 'Cf:3', 'metadata'],
  ['metadata {\nx\n}', 'Cf:3', 'x'],
])('%j is refused', (body, place, word) => {
  expect(bodyRefusal(body)).toBe(
    `plugin/metadata: ${place} - Error during parsing: Wrong argument count or unexpected line ending after '${word}'`,
  );
});
