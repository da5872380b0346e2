import { nameChange, nameTest } from '../../../../image/plugin/rewrite/name-test';
import type { MatchKind } from '../../../../image/plugin/rewrite/rules';

test.each<[MatchKind, string, string, string, string | undefined]>([
  // Good rows.
  ['exact', 'a.', 'b.', 'a.', 'b.'],
  ['prefix', 'foo.', 'bar.', 'foo.x.', 'bar.x.'],
  ['suffix', 'a.', 'b.', 'xa.', 'xb.'],
  ['substring', 'a.', 'b.', 'a.xa.', 'b.xb.'],
  ['substring', 'a.', '$&.', 'a.', '$&.'],
  ['regex', '^(.)', '{1}z.', 'a.', 'az.'],
  // Bad rows.
  ['exact', 'a.', 'b.', 'x.a.', undefined],
  ['prefix', 'foo.', 'bar.', 'foox.', undefined],
  ['suffix', '.a.', '.b.', 'a.', undefined],
  ['substring', 'a.', 'b.', 'ab.', undefined],
  ['regex', '^b', 'z.', 'a.', undefined],
])('%s %s %s makes %s %s', (kind, from, to, name, expected) => {
  expect(nameChange({ kind, from }, to)(name)).toBe(expected);
  expect(nameTest({ kind, from })(name)).toBe(expected !== undefined);
});
