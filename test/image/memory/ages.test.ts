import { Arena } from '../../../image/kernel/arena';
import { Ages } from '../../../image/memory/ages';
import { ENTRY_WORDS, Entry, tableLayout } from '../../../image/memory/layout';
import fc from '../../support/property';

const KIND = 1;
const OTHER = 2;

/** Lists of both kinds over `entries` entries, with the mark that readers set. */
function makeAges(entries: number) {
  const layout = tableLayout(entries);
  const arena = new Arena(0, new ArrayBuffer(layout.bytes));
  const ages = new Ages(arena, 0, layout);
  const visit = (entry: number) => {
    arena.i32[layout.entryWord + entry * ENTRY_WORDS + Entry.USE] = 1;
  };
  const evict = (kind = KIND) => {
    const entry = ages.victim(kind);
    ages.remove(kind, entry);
    return entry;
  };
  return { ages, visit, evict };
}

test('without visits the oldest goes first', () => {
  const { ages, evict } = makeAges(8);
  for (const entry of [3, 0, 7]) ages.insert(KIND, entry);
  expect([evict(), evict(), evict()]).toEqual([3, 0, 7]);
  expect(ages.count(KIND)).toBe(0);
});

test('a visited one is passed over once, and its mark is spent', () => {
  const { ages, visit, evict } = makeAges(8);
  for (const entry of [0, 1, 2]) ages.insert(KIND, entry);
  visit(0);
  expect([evict(), evict(), evict()]).toEqual([1, 2, 0]);
});

test('when all were visited the hand comes round', () => {
  const { ages, visit, evict } = makeAges(8);
  for (const entry of [0, 1, 2]) {
    ages.insert(KIND, entry);
    visit(entry);
  }
  expect(evict()).toBe(0);
});

test('the hand goes on where it stood, also when what it points at is taken out', () => {
  const { ages, visit, evict } = makeAges(8);
  for (const entry of [0, 1, 2, 3, 4]) ages.insert(KIND, entry);
  visit(0);
  expect(evict()).toBe(1); // The hand is at 2 now.
  ages.remove(KIND, 2);
  expect([evict(), evict(), evict()]).toEqual([3, 4, 0]);
});

test('a long run of visited ones costs a bounded walk', () => {
  const { ages, visit, evict } = makeAges(5_000);
  for (let entry = 0; entry < 5_000; entry++) {
    ages.insert(KIND, entry);
    visit(entry);
  }
  expect(evict()).toBe(1_024);
  expect(evict()).toBe(2_049);
});

test('against arrays, over both kinds: the same order whatever is put in, taken out and visited', () => {
  const step = fc.record({ what: fc.nat(3), entry: fc.nat(15), kind: fc.constantFrom(KIND, OTHER) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { ages, visit, evict } = makeAges(16);
      /** By kind: entries from old to new, and where the hand stands. */
      const model = { [KIND]: { list: [] as number[], hand: -1 }, [OTHER]: { list: [] as number[], hand: -1 } };
      const visited = new Set<number>();
      const kinds = new Map<number, number>();
      const drop = (kind: number, entry: number) => {
        const each = model[kind as 1 | 2];
        const at = each.list.indexOf(entry);
        if (each.hand === entry) each.hand = each.list[at + 1] ?? -1;
        each.list.splice(at, 1);
        kinds.delete(entry);
      };
      for (const { what, entry, kind } of steps) {
        const each = model[kind as 1 | 2];
        const has = kinds.get(entry);
        if (what === 0 && has === undefined) {
          ages.insert(kind, entry);
          each.list.push(entry);
          kinds.set(entry, kind);
          visited.delete(entry);
        } else if (what === 1 && has !== undefined) {
          ages.remove(has, entry);
          drop(has, entry);
        } else if (what === 2 && has !== undefined) {
          visit(entry);
          visited.add(entry);
        } else if (what === 3 && each.list.length > 0) {
          let at = Math.max(0, each.list.indexOf(each.hand));
          while (visited.delete(each.list[at])) at = (at + 1) % each.list.length;
          const victim = each.list[at];
          each.hand = victim;
          expect(evict(kind)).toBe(victim);
          drop(kind, victim);
        }
        expect([ages.count(KIND), ages.count(OTHER)]).toEqual([model[KIND].list.length, model[OTHER].list.length]);
      }
    }),
    { numRuns: 500 },
  );
});
