import { optionsOf, withOption } from '../../../../image/plugin/nsid/options';

const bytes = (...values: number[]) => Uint8Array.from(values);

test('options are read one after another; what is cut short is left out', () => {
  expect(optionsOf(bytes())).toEqual([]);
  expect(optionsOf(bytes(0, 3, 0, 0, 0, 10, 0, 2, 7, 8))).toEqual([
    { code: 3, data: bytes() },
    { code: 10, data: bytes(7, 8) },
  ]);
  expect(optionsOf(bytes(0, 3, 0, 1))).toEqual([]);
  expect(optionsOf(bytes(0, 3, 0))).toEqual([]);
});

test('an option replaces those of its code, in their place, or comes last', () => {
  expect(withOption(bytes(0, 3, 0, 0, 0, 10, 0, 1, 7), 3, bytes(1, 2))).toEqual(
    bytes(0, 3, 0, 2, 1, 2, 0, 10, 0, 1, 7),
  );
  expect(withOption(bytes(0, 10, 0, 1, 7), 3, bytes(1))).toEqual(bytes(0, 10, 0, 1, 7, 0, 3, 0, 1, 1));
});
