/** For handlers that want to see an answer before they decide what is asked next: the handlers behind are asked a question. */
import type { HandlerContext } from '../chain/context';
import { type Handler, Step } from '../chain/plugin';
import type { Query } from '../chain/query';
import { Rcode } from '../wire/codes';

/** A query that has its outcome: passed on, or waiting no longer. */
function outcomeStep(query: Query): Step {
  return query.replyBytes > 0 || query.silent ? Step.DONE : Step.FAIL;
}

/**
 * Ask the handlers behind `handler`.
 * @param request in place of the query's own
 * @param answered hears what became of it, with memory that is good during the call; calls `finish`, then or later, when
 *   `query` has its answer or has failed
 * @returns what `handle` is to return: WAIT when that is not known yet
 */
export function askBehind(
  context: HandlerContext,
  query: Query,
  handler: Handler,
  request: Uint8Array,
  answered: (inner: Query, finish: () => void) => void,
): Step {
  let isWaiting = false;
  let isOver = false;
  const finish = (): void => {
    isOver = true;
    if (isWaiting) query.resume(outcomeStep(query));
  };
  const asker = { answered: (inner: Query) => answered(inner, finish) };
  if (!context.ask({ parent: query, request, behind: handler, asker }))
    return query.fail(Rcode.SERVFAIL, 'too many questions in flight');
  isWaiting = true;
  return isOver ? outcomeStep(query) : Step.WAIT;
}

/** Make the outcome of a question behind us the query's own. The answer is copied. */
export function takeOutcome(query: Query, inner: Query): void {
  const { reply, replyOffset, replyBytes, rcode, writer, error } = inner;
  if (inner.extendedError >= 0) query.explain(inner.extendedError, inner.extendedErrorText);
  if (inner.silent) {
    query.silence();
    return;
  }
  query.hidesAuthenticated = inner.hidesAuthenticated;
  if (replyBytes > 0) query.answer(writer, reply.slice(replyOffset, replyOffset + replyBytes), 0, replyBytes);
  else query.fail(rcode, error);
  query.rcode = rcode;
  query.error = error;
}
