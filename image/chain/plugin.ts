/**
 * The contract of a plugin that takes part in answering.
 *
 * A query walks inwards through the handlers of its block, in the order of order.ts, until one answers, fails or waits.
 * Then it walks outwards: `leave` of every handler that passed it on is called, innermost first. No promises, no closures:
 * a waiting query stays where it is and `Query.resume` continues it.
 *
 *   handle ─▶ errors ─▶ log ─▶ cache ─▶ forward ─┐ WAIT … resume
 *   leave  ◀─ errors ◀─ log ◀─ cache ◀───────────┘
 */
import type { MessageToWorker } from '../agent/messages';
import type { Query } from './query';

/** What a handler did with a query. */
export const Step = {
  /** Not mine: the next handler is asked, and `leave` of this one is called on the way out. */
  PASS: 0,
  /** Answered: `query.answer(...)` or `query.answerRcode(...)` was called. */
  DONE: 1,
  /** `query.fail(rcode, text)` was called: the server writes an answer with that rcode, as for CoreDNS's SERVFAIL, REFUSED, FORMERR, NOTIMP. */
  FAIL: 2,
  /** Someone will call `query.resume(DONE | FAIL)`, at the latest at the query's deadline. */
  WAIT: 3,
} as const;
export type Step = (typeof Step)[keyof typeof Step];

export interface Handler {
  /** The directive's name; label `plugin` of `coredns_dns_responses_total` when this handler writes the answer. */
  readonly name: string;
  /** On the way in. Never throws for anything a packet contains. */
  handle(query: Query): Step;
  /** On the way out, when `handle` said PASS. May look at, replace or store the answer. */
  leave?(query: Query): void;
  /** Main has news: a hosts file changed, a loop probe came back. Others' news are to be ignored. */
  receive?(message: MessageToWorker): void;
  /** The worker stops or a new configuration takes over: let go of sockets and timers. */
  close?(): void;
}
