import { readOptions, writeOptions } from '../../../../image/plugin/rewrite/draft';
import { revertOptions } from '../../../../image/plugin/rewrite/edns-change';

const option = (code: number, ...data: number[]) => ({ code, data: Uint8Array.from(data) });

test('options are read and written as they stand', () => {
  const data = Uint8Array.of(0xff, 0xee, 0, 2, 1, 2, 0, 3, 0, 0);
  expect(readOptions(data)).toEqual([option(0xffee, 1, 2), option(3)]);
  expect(writeOptions(readOptions(data))).toEqual(data);
  expect(writeOptions([])).toEqual(new Uint8Array(0));
});

test.each([
  ['what was put there goes', [option(1, 9)], [{ code: 1, before: undefined }], []],
  [
    'what was replaced is back',
    [option(2), option(1, 9)],
    [{ code: 1, before: option(1, 7) }],
    [option(2), option(1, 7)],
  ],
  ['what is not there stays away', [option(2)], [{ code: 1, before: option(1, 7) }], [option(2)]],
  [
    'the last change is undone first',
    [option(1, 9)],
    [
      { code: 1, before: option(1, 7) },
      { code: 1, before: option(1, 8) },
    ],
    [option(1, 7)],
  ],
])('%s', (_, options, reverts, expected) => {
  expect(revertOptions(options, reverts)).toEqual(expected);
});
