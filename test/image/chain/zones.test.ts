import { labelStarts, Zones } from '../../../image/chain/zones';
import { NameHash } from '../../../image/memory/hash';
import { Type } from '../../../image/wire/codes';
import { textToName } from '../../../image/wire/name-text';
import { QueryView, readQuery } from '../../../image/wire/question';
import { encoded, message } from '../../fuzz/wire-seeds';
import fc from '../../support/property';

const hash = new NameHash(12345);
const view = new QueryView();

/** Zone of `zones` that a question is answered by, as the worker asks; undefined for none. */
function zoneOf(zones: readonly string[], table: Zones, ask: string, type: number = Type.A): string | undefined {
  const query = encoded(message({ ask, type }));
  readQuery(query, 0, query.length, view);
  hash.name(view.key, view.nameBytes, view.labelStarts, view.labelCount);
  return zones[table.find(view, hash.suffixes)];
}

const ZONES = ['cluster.local.', 'svc.cluster.local.', 'in-addr.arpa.', '10.in-addr.arpa.', 'a\\.b.test.', 'x.'];

describe.each([
  ['without the root', ZONES, undefined],
  ['with the root', [...ZONES.slice(0, 3), '.', ...ZONES.slice(3)], '.'],
])('%s', (_, zones, otherwise) => {
  const table = new Zones(zones, hash);

  test.each([
    ['a name in a zone', 'web.cluster.local.', 'cluster.local.'],
    ['a name far below', 'a.b.c.d.e.cluster.local.', 'cluster.local.'],
    ['the zone itself', 'cluster.local.', 'cluster.local.'],
    ['the longest zone wins', 'web.default.svc.cluster.local.', 'svc.cluster.local.'],
    ['the longer zone itself', 'svc.cluster.local.', 'svc.cluster.local.'],
    ['any case', 'WEB.SVC.Cluster.LOCAL.', 'svc.cluster.local.'],
    ['a reverse name', '1.0.0.10.in-addr.arpa.', '10.in-addr.arpa.'],
    ['a reverse name of another network', '1.0.0.11.in-addr.arpa.', 'in-addr.arpa.'],
    ['one label', 'x.', 'x.'],
    ['a dot within a label', 'y.a\\.b.test.', 'a\\.b.test.'],
  ])('%s: %s is in %s', (_what, ask, wanted) => expect(zoneOf(zones, table, ask)).toBe(wanted));

  test.each([
    ['the end of a zone’s last label', 'xcluster.local.'],
    ['a zone’s beginning', 'cluster.'],
    ['a zone’s end', 'local.'],
    ['a longer last label', 'cluster.locals.'],
    ['dots between labels where the zone has one within', 'y.a.b.test.'],
    ['the root', '.'],
    ['another domain', 'example.org.'],
  ])('%s is no match: %s', (_what, ask) => expect(zoneOf(zones, table, ask)).toBe(otherwise));

  test.each([
    ['the parent is asked when both are here', 'svc.cluster.local.', 'cluster.local.'],
    ['the only zone there is', 'cluster.local.', 'cluster.local.'],
    ['below both', 'web.svc.cluster.local.', 'cluster.local.'],
    ['none', 'example.org.', otherwise],
  ])('DS belongs to the zone above, as CoreDNS has it: %s', (_what, ask, wanted) => {
    expect(zoneOf(zones, table, ask, Type.DS)).toBe(wanted);
  });
});

test('no zones, and only the root', () => {
  expect(zoneOf([], new Zones([], hash), 'a.b.')).toBeUndefined();
  for (const ask of ['.', 'a.b.']) expect(zoneOf(['.'], new Zones(['.'], hash), ask)).toBe('.');
});

test('the longest name there is, in the longest zone', () => {
  const ask = 'a.'.repeat(127);
  const zones = [ask.slice(2), 'a.', 'a.'.repeat(64)];
  const table = new Zones(zones, hash);
  expect(zoneOf(zones, table, ask)).toBe(zones[0]);
  expect(zoneOf(zones, table, `b.${ask.slice(4)}`)).toBe('a.'.repeat(64));
});

test('10 000 zones: every one is found, what is beside them is not, and no search is long', () => {
  const zones = Array.from({ length: 10_000 }, (_, index) => `tenant-${index}.example.`);
  const table = new Zones(zones, hash);
  for (const zone of zones) {
    expect(zoneOf(zones, table, `www.${zone}`)).toBe(zone);
    expect(zoneOf(zones, table, `x${zone}`)).toBeUndefined();
  }
  const { slots } = table as unknown as { slots: Int32Array };
  let longest = 0;
  for (let slot = 0, run = 0; slot < slots.length; slot++) {
    run = slots[slot] === 0 ? 0 : run + 1;
    longest = Math.max(longest, run);
  }
  expect(longest).toBeLessThan(100);
});

/** The slow way: of all zones that end the name at a border of labels, the longest, or for DS the shortest but the root. */
function naive(zones: readonly string[], ask: string, isDs: boolean): string | undefined {
  const fits = zones.filter((zone) => zone !== '.' && (ask === zone || ask.endsWith(`.${zone}`)));
  fits.sort((left, right) => right.length - left.length);
  return (isDs ? fits.at(-1) : fits[0]) ?? (zones.includes('.') ? '.' : undefined);
}

test('against the slow way', () => {
  const label = fc.constantFrom('a', 'b', 'aa', 'ab', 'ba', 'svc', 'x'.repeat(63));
  const name = fc.array(label, { maxLength: 3 }).map((labels) => `${labels.join('.')}.`);
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { maxLength: 40 }),
      fc.array(name, { maxLength: 20 }),
      fc.boolean(),
      (zones, asks, isDs) => {
        const table = new Zones(zones, hash);
        for (const ask of [...asks, ...zones]) {
          expect(zoneOf(zones, table, ask, isDs ? Type.DS : Type.A)).toBe(naive(zones, ask, isDs));
        }
      },
    ),
    { numRuns: 300 },
  );
});

test.each([
  ['.', []],
  ['a.', [0]],
  ['web.default.svc.', [0, 4, 12]],
])('labels of %p begin at %j', (text, wanted) => {
  const starts = new Uint8Array(128);
  const count = labelStarts(textToName(text)!, starts);
  expect([...starts.subarray(0, count)]).toEqual(wanted);
});

test('CVE-2026-33489: the longest zone is the longest, not the last of the alphabet', () => {
  for (const zones of [
    ['example.org.', 'a.example.org.'],
    ['a.example.org.', 'example.org.'],
  ]) {
    const table = new Zones(zones, hash);
    expect(zoneOf(zones, table, 'x.a.example.org.')).toBe('a.example.org.');
    expect(zoneOf(zones, table, 'x.z.example.org.')).toBe('example.org.');
  }
});
