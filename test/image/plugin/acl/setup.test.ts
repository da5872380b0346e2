import { ALL_NETWORKS } from '../../../../image/plugin/acl/network';
import { type AclOptions, setup } from '../../../../image/plugin/acl/setup';
import { SETUPS } from '../../../../image/plugin/setups';
import { bodyRefusal, optionsOf } from '../../../support/corefile';

const rules = (body: string) => optionsOf<AclOptions>('acl', body).rules;

test('types, networks and zones', () => {
  expect(SETUPS.acl).toBe(setup);
  expect(
    rules('acl a.example b.example {\nblock type A AAAA net 10.0.0.0/8 ::1\nallow\n}\nacl {\nDROP net *\n}'),
  ).toEqual([
    {
      zones: ['a.example.', 'b.example.'],
      policies: [
        {
          action: 'block',
          types: [1, 28],
          networks: [
            { bytes: [10, 0, 0, 0], bits: 8 },
            { bytes: [...Array(15).fill(0), 1], bits: 128 },
          ],
        },
        { action: 'allow', types: undefined, networks: ALL_NETWORKS },
      ],
    },
    { zones: ['example.org.'], policies: [{ action: 'drop', types: undefined, networks: ALL_NETWORKS }] },
  ]);
});

test('sections in any order, and twice', () => {
  const [{ policies }] = rules('acl {\nfilter net 10.0.0.1 TYPE A Net 10.0.0.2 type MX\n}');
  expect(policies[0].types).toEqual([1, 15]);
  expect(policies[0].networks.map(({ bytes }) => bytes[3])).toEqual([1, 2]);
  expect(rules('acl {\nblock type * type A\n}')[0].policies[0].types).toBeUndefined();
  expect(rules('acl {\nblock type A *\n}')[0].policies[0].types).toBeUndefined();
});

test('nothing at all is a rule that lets everybody through', () => {
  expect(rules('acl')).toEqual([{ zones: ['example.org.'], policies: [] }]);
});

test.each([
  ['blck type A', "unexpected token \"blck\"; expect 'allow', 'block', 'filter' or 'drop'"],
  ['block A', 'unexpected token "A"; expect \'type | net\''],
  ['block type net 10.0.0.1', 'no token specified in "type" section'],
  ['block type ABC', 'unexpected token "ABC"; expect legal QTYPE'],
  ['block type a', 'unexpected token "a"; expect legal QTYPE'],
  ['block net 10.0.0/8', 'illegal CIDR notation "10.0.0/8"'],
  ['block net 2001::85a3::1', 'illegal CIDR notation "2001::85a3::1/128"'],
])('%j is refused', (line, message) => {
  expect(bodyRefusal(`acl {\n${line}\n}`)).toBe(`plugin/acl: Cf:3 - Error during parsing: ${message}`);
});
