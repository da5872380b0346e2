import type { HandlerContext, InternalQuestion } from '../../../../image/chain/context';
import type { Query } from '../../../../image/chain/query';
import { QUERY_DEADLINE_MS, REWRITE_LOOKUPS_MAX } from '../../../../image/limits';
import type { LookedUp } from '../../../../image/plugin/rewrite/answer';
import { Lookups } from '../../../../image/plugin/rewrite/lookup';
import { decodeMessage } from '../../../../image/wire/message';
import { nameToText } from '../../../../image/wire/name-text';
import { answering, HandlerWorld } from '../../../support/query';

/** Looks up `names` for a query, and what becomes of it. */
function lookUp(names: readonly string[], ask: (question: InternalQuestion) => boolean, nowMs = 1_000_000) {
  const asked: string[] = [];
  const found: (LookedUp | undefined)[] = [];
  let ends = 0;
  function* steps(): Generator<string, void, LookedUp> {
    for (const name of names) found.push(yield name);
  }
  const context: Pick<HandlerContext, 'ask' | 'clock'> = {
    clock: { now: () => nowMs },
    ask: (question) => {
      const { name } = decodeMessage(question.request, 0, question.request.length)!.question!;
      asked.push(nameToText(name, 0));
      return ask(question);
    },
  };
  const world = new HandlerWorld('. {\nerrors\n}', {}, (query: Query) => {
    new Lookups(context as HandlerContext, query, undefined, steps(), () => void ends++).run();
    return query.fail(2, '');
  });
  world.ask('q.test.');
  return { asked, found, ends: () => ends };
}

const NOTHING = { answer: [], isTruncated: false };
const answered = { replyBytes: 0 } as Query;

test('names are looked up one after the other; answers may come at once', () => {
  const { asked, found, ends } = lookUp(['a.', 'b.'], ({ asker }) => {
    asker.answered(answered);
    return true;
  });
  expect([asked, found, ends()]).toEqual([['a.', 'b.'], [NOTHING, NOTHING], 1]);
});

test('answers may come later', () => {
  const waiting: InternalQuestion[] = [];
  const { asked, found, ends } = lookUp(['a.', 'b.'], (question) => waiting.push(question) > 0);
  expect([asked, ends()]).toEqual([['a.'], 0]);
  const world = new HandlerWorld('. {\nerrors\n}', {}, (query) => {
    const step = answering(0x8200, {}, 512)(query);
    waiting[0].asker.answered(query);
    return step;
  });
  world.ask('a.');
  expect([asked, found, ends()]).toEqual([['a.', 'b.'], [{ answer: [], isTruncated: true }], 0]);
  waiting[1].asker.answered(answered);
  expect([found.length, ends()]).toEqual([2, 1]);
});

test('what cannot be asked brings nothing', () => {
  const { asked, found, ends } = lookUp(['a.', 'no..name', 'b.'], () => false);
  expect([asked, found, ends()]).toEqual([['a.', 'b.'], [NOTHING, NOTHING, NOTHING], 1]);
});

test.each([
  ['so many names', 0, REWRITE_LOOKUPS_MAX],
  ['so much time', QUERY_DEADLINE_MS, 0],
])('an upstream that fills an answer with aliases gets %s', (_, lateMs, expected) => {
  const names = Array.from({ length: 100 }, (_, index) => `n${index}.`);
  const ask = ({ asker }: InternalQuestion) => {
    asker.answered(answered);
    return true;
  };
  const { asked, found, ends } = lookUp(names, ask, 1_000_000 + lateMs);
  expect([asked.length, found.length, ends()]).toEqual([expected, 100, 1]);
});
