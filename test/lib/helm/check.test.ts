/** Values that do not fit, each in a sentence. */
import { misfits } from '../../../lib/helm/check';
import * as values from '../../../lib/helm/values';

const { text, integer, flag, list, map, group } = values;
const ADDRESS = '^[0-9.]+$';
const DECLARED = group('Whole.', {
  cache: group('Cache.', { success: integer(1, 'Size.', { minimum: 1, maximum: 9 }), keepTtl: flag(false, 'Keep.') }),
  mode: text('auto', 'Mode.', { enum: ['auto', 'iptables'] }),
  ips: list<string>(['1'], 'Addresses.', { type: 'string', pattern: ADDRESS }, { minItems: 1, uniqueItems: true }),
  labels: map<object>({}, 'Labels.', { properties: { taken: false }, additionalProperties: { type: 'string' } }),
  servers: values.entries('Servers.', values.shape({ to: text('', 'To.') }, ['to']), { pattern: '^[a-z]+$' }),
});

const said = (given: object): string[] =>
  misfits(DECLARED.schema, values.merge(DECLARED.initial, given as never), { [ADDRESS]: 'an address' });

test('values that fit are passed over in silence', () => {
  expect(said({ cache: { success: 9 }, ips: ['1.2'], labels: { a: 'b' }, servers: { a: { to: 'x' } } })).toEqual([]);
});

test.each<[object, string]>([
  [{ cache: { sucess: 2 } }, 'cache.sucess is not known: did you mean success?'],
  [{ cache: { keep_ttl: true } }, 'cache.keep_ttl is not known: did you mean keepTtl?'],
  [{ cache: { other: 1 } }, 'cache.other is not known: there are success, keepTtl'],
  [{ cache: { success: '5' } }, 'cache.success is "5": wanted an integer, 1 to 9'],
  [{ cache: { success: 0 } }, 'cache.success is 0: wanted 1 to 9'],
  [{ cache: { keepTtl: 'yes' } }, 'cache.keepTtl is "yes": wanted a boolean'],
  [{ cache: null }, 'cache is missing: it needs a value, and null takes its default away'],
  [{ mode: 'iptabes' }, 'mode is "iptabes": wanted "auto" or "iptables" (did you mean iptables?)'],
  [{ mode: 'x' }, 'mode is "x": wanted "auto" or "iptables"'],
  [{ ips: ['1', '1.2 '] }, 'ips[1] is "1.2 ": wanted an address, without blanks'],
  [{ ips: ['a'] }, 'ips[0] is "a": wanted an address'],
  [{ ips: [] }, 'ips is []: wanted 1 or more of them'],
  [{ ips: ['1', '1'] }, 'ips is ["1","1"]: wanted each of them once'],
  [{ labels: { taken: 'x' } }, 'labels.taken may not be set'],
  [{ labels: { a: 1 } }, 'labels.a is 1: wanted a string'],
  [{ ips: [undefined] }, 'ips[0] is undefined: wanted a string'],
  [{ servers: { A: { to: 'x' } } }, 'servers.A cannot be a name there: wanted text that fits ^[a-z]+$'],
  [{ servers: { a: { too: 'x', to: 'x' } } }, 'servers.a.too is not known: did you mean to?'],
])('%j: %s', (given, sentence) => {
  expect(said(given)).toEqual([sentence]);
});

test('every misfit is said, and long values are cut', () => {
  expect(said({ ips: ['a'.repeat(100)], mode: 'x' })).toEqual([
    'mode is "x": wanted "auto" or "iptables"',
    expect.stringMatching(/^ips\[0\] is "a{56}\.\.\.: wanted an address$/),
  ]);
});
