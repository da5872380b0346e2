import { MessageWalk, MessageWriter } from '../../../image/kernel/netlink-message';
import { NftFilter } from '../../../image/node/nft-events';
import fc from '../../support/property';

const NFTABLES = 10 << 8;
const [INET, IPV4, IPV6] = [1, 2, 10];
const [NEWTABLE, DELTABLE, NEWCHAIN, DELCHAIN, NEWRULE, DELRULE, NEWSET, DELSET] = [0, 2, 3, 5, 6, 8, 9, 11];
const filter = new NftFilter([
  { family: 'inet', name: 'nodelocaldns' },
  { family: 'ip', name: 'raw', chains: ['OUTPUT', 'PREROUTING'] },
  { family: 'ip6', name: 'raw', chains: [] },
]);

/** Is an event one of ours? @param texts values of attributes by their type */
function matches(type: number, family: number, texts: Readonly<Record<number, string>>, subsystem = NFTABLES): boolean {
  const writer = new MessageWriter(subsystem | type, 0).u8(family).u8(0).u16(0);
  for (const [kind, text] of Object.entries(texts)) writer.text(Number(kind), text);
  const bytes = writer.finish();
  const walk = new MessageWalk().over(bytes, 0, bytes.length);
  expect(walk.next()).toBe(true);
  return filter.matches(walk);
}

test.each<[string, number, number, Record<number, string>, boolean]>([
  // Good rows: a table of ours, all of it.
  ['table', NEWTABLE, INET, { 1: 'nodelocaldns' }, true],
  ['table gone', DELTABLE, INET, { 1: 'nodelocaldns' }, true],
  ['chain', NEWCHAIN, INET, { 1: 'nodelocaldns', 3: 'any' }, true],
  ['rule', DELRULE, INET, { 1: 'nodelocaldns', 2: 'any' }, true],
  ['set', NEWSET, INET, { 1: 'nodelocaldns' }, true],
  ['set gone', DELSET, INET, { 1: 'nodelocaldns' }, true],
  ['object', 18, INET, { 1: 'nodelocaldns' }, true],
  ['flow table', 22, INET, { 1: 'nodelocaldns' }, true],
  // Of a shared one, its chains that hold rules of ours.
  ['rule in our chain', NEWRULE, IPV4, { 1: 'raw', 2: 'PREROUTING' }, true],
  ['our chain gone', DELCHAIN, IPV4, { 1: 'raw', 3: 'OUTPUT' }, true],
  ['shared table gone', DELTABLE, IPV4, { 1: 'raw' }, true],
  // Bad rows.
  ['rule in another chain', NEWRULE, IPV4, { 1: 'raw', 2: 'KUBE-SERVICES' }, false],
  ['another chain', NEWCHAIN, IPV4, { 1: 'raw', 3: 'OUTPUT2' }, false],
  ['rule of no chain', NEWRULE, IPV4, { 1: 'raw' }, false],
  ['a chain where none counts', NEWCHAIN, IPV6, { 1: 'raw', 3: 'OUTPUT' }, false],
  ['a rule whose third attribute has the name', NEWRULE, IPV4, { 1: 'raw', 3: 'OUTPUT' }, false],
  ['another family', NEWTABLE, IPV4, { 1: 'nodelocaldns' }, false],
  ['a longer name', NEWTABLE, INET, { 1: 'nodelocaldns2' }, false],
  ['a shorter name', NEWTABLE, INET, { 1: 'nodelocal' }, false],
  ['no name', NEWTABLE, INET, {}, false],
  ['element', 12, INET, { 1: 'nodelocaldns' }, false],
  ['element gone', 14, INET, { 1: 'nodelocaldns' }, false],
  ['generation', 15, INET, { 1: 'nodelocaldns' }, false],
  ['trace', 17, INET, { 1: 'nodelocaldns' }, false],
])('%s', (_what, type, family, texts, wanted) => expect(matches(type, family, texts)).toBe(wanted));

test('another subsystem of netfilter is not looked at', () => {
  expect(matches(NEWTABLE, INET, { 1: 'nodelocaldns' }, 1 << 8)).toBe(false);
});

test('fuzz: any octets are an event or not', () => {
  const bare = new NftFilter([{ family: 'inet', name: 'a' }]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(30), (octets, type) => {
      const head = new MessageWriter(NFTABLES | type, 0).finish();
      const bytes = Uint8Array.from([...head, ...octets]);
      bytes[0] = bytes.length;
      const walk = new MessageWalk().over(bytes, 0, bytes.length);
      expect(walk.next()).toBe(true);
      expect(typeof bare.matches(walk)).toBe('boolean');
    }),
    { numRuns: 5_000 },
  );
});
