/** Handlers that ask those behind them. The rest is tested with dns64 and rewrite. */
import type { HandlerContext, InternalQuestion } from '../../../image/chain/context';
import { Step } from '../../../image/chain/plugin';
import type { Query } from '../../../image/chain/query';
import { askBehind, takeOutcome } from '../../../image/plugin/behind';
import { Rcode } from '../../../image/wire/codes';
import { HandlerWorld } from '../../support/query';

const inner = { replyBytes: 0, rcode: Rcode.REFUSED, error: 'because', extendedError: 22, extendedErrorText: 'x' };

/** A query whose handler asks behind, where `ask` says what happens. */
function world(ask: (question: InternalQuestion) => boolean) {
  const context = { ask } as unknown as HandlerContext;
  const one: HandlerWorld = new HandlerWorld('. {\nerrors\n}', {}, (query) =>
    askBehind(context, query, one.handlers[0], query.copyRequest(), (answer, finish) => {
      takeOutcome(query, answer);
      finish();
    }),
  );
  return one;
}

test('an outcome that is known at once is the query’s own', () => {
  const one = world(({ asker }) => {
    asker.answered(inner as Query);
    return true;
  });
  expect(one.ask('a.test.')).toMatchObject({ rcode: 'REFUSED', error: 'because' });
});

test('an outcome that comes later resumes the query', () => {
  const asked: InternalQuestion[] = [];
  const one = world((question) => asked.push(question) > 0);
  expect(one.ask('a.test.').error).toBe('');
  asked[0].asker.answered(inner as Query);
  expect(one.lines).toEqual(['[ERROR] plugin/errors: 5 a.test. A: because']);
});

test('an answer is copied, with what the server needs to know of it', () => {
  const reply = Uint8Array.from([0, 1, 0x81, 0x83, 0, 0, 0, 0, 0, 0, 0, 0]);
  const answer = { reply, replyOffset: 0, replyBytes: 12, rcode: 23, writer: 'forward', error: 'e', silent: false };
  const query = new HandlerWorld('. {\nerrors\n}', {}, (one) => {
    takeOutcome(one, { ...answer, extendedError: -1, hidesAuthenticated: true } as Query);
    reply.fill(0xff);
    expect([one.hidesAuthenticated, one.reply[3], one.writer]).toEqual([true, 0x83, 'forward']);
    return Step.DONE;
  }).ask('a.test.');
  expect(query).toMatchObject({ rcode: 'BADCOOKIE', error: 'e' });
});

test('silence stays silence', () => {
  const query = new HandlerWorld('. {\nerrors\n}', {}, (one) => {
    takeOutcome(one, { silent: true, extendedError: -1 } as Query);
    expect(one.silent).toBe(true);
    return Step.DONE;
  }).ask('a.test.');
  expect(query.message).toBeUndefined();
});

test('what cannot be asked is SERVFAIL', () => {
  expect(world(() => false).ask('a.test.')).toMatchObject({ rcode: 'SERVFAIL', error: 'too many questions in flight' });
});
