import { Answer, SUCCESS } from '../../../image/memory/table';
import { HITS_MAX } from '../../../image/memory/uses';
import fc from '../../support/property';
import { fillAnswer, makeTable, questionFor } from './answers';

const MINUTE = 60_000;

/** A table with two entries; what one of them is told must not show in the other. */
function entries() {
  const { table } = makeTable(8, 8);
  const answer = new Answer();
  const [first, second] = ['a.', 'b.'].map((name) => {
    const question = questionFor(name);
    table.store(question, fillAnswer(answer, question, 1));
    return table.find(question);
  });
  return { table, uses: table.uses, first, second };
}

describe('hits', () => {
  test.each<[string, number[], number]>([
    ['none', [], 0],
    ['the first', [0], 1],
    ['three in a row', [0, 1, 2], 3],
    ['a pause of exactly the longest', [0, MINUTE], 2],
    ['a longer one: counting begins anew', [0, 1, MINUTE + 2], 1],
    ['each pause counts for itself', [0, MINUTE, 2 * MINUTE, 3 * MINUTE], 4],
    ['over the end of the 32 bits', [2 ** 32 - 2, 2 ** 32 + 5], 2],
    ['in parts of a millisecond', [0.9, MINUTE + 0.5], 2],
  ])('%s', (_, times, hits) => {
    const { uses, first, second } = entries();
    for (const time of times) {
      const wanted = uses.hitsNow(first, time, MINUTE);
      uses.count(first, time, MINUTE);
      expect(uses.hits(first)).toBe(wanted);
    }
    expect([uses.hits(first), uses.hits(second)]).toEqual([hits, 0]);
  });

  test('are counted up to what 16 bits hold', () => {
    const { uses, first } = entries();
    uses.carry(first, HITS_MAX - 1, 0);
    for (const wanted of [HITS_MAX, HITS_MAX]) {
      uses.count(first, 1, MINUTE);
      expect(uses.hits(first)).toBe(wanted);
    }
  });

  test('with a negative pause every hit is the first', () => {
    const { uses, first } = entries();
    for (const time of [0, 0, 1]) uses.count(first, time, -1);
    expect(uses.hits(first)).toBe(1);
  });

  test('are carried from one answer to the one that replaces it, which begins with none', () => {
    const { table, uses, first } = entries();
    uses.count(first, 0, MINUTE);
    const question = questionFor('a.');
    table.store(question, fillAnswer(new Answer(), question, 2));
    const fresh = table.find(question);
    expect(uses.hits(fresh)).toBe(0);
    uses.carry(fresh, 5, 1000);
    expect([uses.hitsNow(fresh, 1000 + MINUTE, MINUTE), uses.hitsNow(fresh, 1001 + MINUTE, MINUTE)]).toEqual([6, 1]);
  });
});

test('an entry is being fetched from the beginning of that to its end, or until another takes its place', () => {
  const { table, uses, first, second } = entries();
  uses.beginRefresh(first);
  expect([uses.isRefreshing(first), uses.isRefreshing(second)]).toEqual([true, false]);
  uses.endRefresh(first);
  expect(uses.isRefreshing(first)).toBe(false);
  uses.beginRefresh(first);
  const question = questionFor('a.');
  table.store(question, fillAnswer(new Answer(), question, 2));
  expect(uses.isRefreshing(table.find(question))).toBe(false);
});

test('a failure is known for as long as asked', () => {
  const { uses, first, second } = entries();
  expect(uses.hasFailed(first, 0, 1000)).toBe(false);
  uses.fail(first, 500);
  expect([500, 1499, 1500].map((now) => uses.hasFailed(first, now, 1000))).toEqual([true, true, false]);
  expect([uses.hasFailed(first, 500, 0), uses.hasFailed(second, 500, 1000)]).toEqual([false, false]);
});

test('whatever is noted, nothing of it changes anything else', () => {
  const notes = fc.record({ what: fc.constantFrom('visit', 'count', 'begin', 'end', 'carry'), hits: fc.nat(HITS_MAX) });
  fc.assert(
    fc.property(fc.array(notes, { maxLength: 30 }), (all) => {
      const { table, uses, first } = entries();
      let [hits, refreshing] = [0, false];
      for (const { what, hits: some } of all) {
        if (what === 'visit') uses.visit(first);
        if (what === 'count') hits = Math.min(hits + 1, HITS_MAX);
        if (what === 'count') uses.count(first, 0, MINUTE);
        if (what === 'begin') uses.beginRefresh(first);
        if (what === 'end') uses.endRefresh(first);
        if (what === 'begin' || what === 'end') refreshing = what === 'begin';
        if (what === 'carry') hits = some;
        if (what === 'carry') uses.carry(first, some, 0);
        expect([uses.hits(first), uses.isRefreshing(first)]).toEqual([hits, refreshing]);
      }
      expect([table.kind(first), table.ttl(first), table.count(SUCCESS)]).toEqual([SUCCESS, 30, 2]);
    }),
  );
});
