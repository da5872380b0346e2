import { QuestionRules, type Rewritten } from '../../../../image/plugin/rewrite/question';
import type { RewriteOptions } from '../../../../image/plugin/rewrite/setup';
import { optionsOf } from '../../../support/corefile';
import { HandlerWorld } from '../../../support/query';

/** What rules make of a question. */
function rewrite(lines: string, name: string, type = 'A'): Rewritten | undefined {
  const rules = new QuestionRules(optionsOf<RewriteOptions>('rewrite', lines).rules);
  let rewritten: Rewritten | undefined;
  const world = new HandlerWorld('. {\nerrors\n}', {}, (query) => {
    rewritten = rules.rewrite(query, world.context);
    return query.fail(2, '');
  });
  world.ask(name, { type });
  return rewritten;
}

test.each([
  ['rewrite name a b', 'a.', 'b.', true, 2],
  ['rewrite continue name a b\nrewrite name b c', 'A.', 'c.', true, 4],
  ['rewrite continue name a b\nrewrite name a c', 'a.', 'b.', false, 2],
  ['rewrite name suffix a b', 'x.a.', 'x.b.', true, 0],
  ['rewrite name suffix a b answer auto', 'x.a.', 'x.b.', true, 2],
  ['rewrite ttl a 5', 'a.', undefined, true, 1],
  ['rewrite cname exact a. b.', 'any.', undefined, true, 1],
])('%j makes of %s the name %s', (lines, name, renamed, stopped, changes) => {
  const rewritten = rewrite(lines, name);
  expect(rewritten?.draft?.nameText).toBe(renamed);
  expect([rewritten?.stopped, rewritten?.changes.length, rewritten?.wrongName]).toEqual([stopped, changes, '']);
});

test('type and class are what they become, and a rule is not for itself', () => {
  const { draft } = rewrite('rewrite continue type A MX\nrewrite continue type MX TXT\nrewrite class IN CH', 'a.')!;
  expect([draft?.type, draft?.class]).toEqual([16, 3]);
});

test.each(['rewrite name a b', 'rewrite type MX TXT', 'rewrite ttl b 5', 'rewrite rcode regex ^b 0 1'])(
  '%s is not for another question',
  (lines) => {
    expect(rewrite(lines, 'c.')).toBeUndefined();
  },
);

test('a name that is none ends the list, even behind continue', () => {
  const rewritten = rewrite('rewrite continue name prefix a. .\nrewrite ttl regex . 5', 'a.b.');
  expect([rewritten?.wrongName, rewritten?.changes]).toEqual(['.b.', []]);
});
