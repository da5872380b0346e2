/**
 * Changes questions on their way to who answers them, and answers on their way back. The client sees its own question in
 * every answer.
 *
 *   handle ─▶ rules ─▶ question put in place ─▶ handlers behind ─▶ leave: question given back, answer changed
 *                 └─▶ a `cname` rule: handlers behind are asked, then the server itself, as often as aliases want it
 *
 * @source coredns plugin/rewrite/rewrite.go at v1.13.2; reference coredns-semantics 3.18
 */
import type { HandlerContext, HandlerFactory } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import { Rcode } from '../../wire/codes';
import { keepOption } from '../../wire/edns';
import { setFlags } from '../../wire/header';
import { askBehind, takeOutcome } from '../behind';
import { type AnswerChange, AnswerDraft, changeAnswer } from './answer';
import type { Draft } from './draft';
import { revertOptions } from './edns-change';
import { Lookups } from './lookup';
import { QuestionRules, type Rewritten } from './question';
import { restoreQuestion, startAnswer, writeAnswerDraft } from './reply';
import type { RewriteOptions } from './setup';

/** What a query needs when it comes back. */
interface Journey {
  readonly rewritten: Rewritten;
  /** The request to give back; undefined when it was left as it was. */
  readonly original: Uint8Array | undefined;
}

export class RewriteHandler implements Handler {
  readonly name = 'rewrite';
  private readonly rules: QuestionRules;
  private readonly context: HandlerContext;
  /** Queries that went on changed. */
  private readonly journeys = new Map<Query, Journey>();

  constructor({ rules }: RewriteOptions, context: HandlerContext) {
    this.rules = new QuestionRules(rules);
    this.context = context;
    for (const rule of rules) if (rule.kind === 'edns0' && rule.option === 'local') keepOption(rule.code);
  }

  handle(query: Query): Step {
    this.journeys.delete(query); // A walk that a mistake of ours ended never came back.
    const rewritten = this.rules.rewrite(query, this.context);
    if (rewritten === undefined) return Step.PASS;
    const { draft, wrongName, changes } = rewritten;
    if (wrongName !== '') return query.fail(Rcode.SERVFAIL, `invalid name after rewrite: ${wrongName}`);
    const request = draft?.encode();
    if (draft !== undefined && request === undefined)
      return query.fail(Rcode.SERVFAIL, 'request too long after rewrite');
    if (changes.some(({ kind }) => kind === 'cname')) return this.ask(query, rewritten, request ?? query.copyRequest());
    const original = draft && query.copyRequest();
    if (request !== undefined && !query.replaceRequest(request))
      return query.fail(Rcode.SERVFAIL, 'request too long after rewrite');
    this.journeys.set(query, { rewritten, original });
    return Step.PASS;
  }

  /** The way of `cname` rules: what stands behind us is asked with a question of our own, since its answer takes time. */
  private ask(query: Query, rewritten: Rewritten, request: Uint8Array): Step {
    return askBehind(this.context, query, this, request, (inner, finish) => {
      takeOutcome(query, inner);
      this.finish(query, { rewritten, original: undefined }, finish);
    });
  }

  /** Behind one of these CoreDNS writes each answer anew: it counts as ours. */
  private sign(query: Query, { stopped, changes }: Rewritten): void {
    if (query.replyBytes > 0 && (stopped || changes.length > 0)) query.writer = this.name;
  }

  leave(query: Query): void {
    const journey = this.journeys.get(query);
    if (journey === undefined) return;
    this.journeys.delete(query);
    this.finish(query, journey, () => {});
  }

  /** @param done called when the answer is ready: within the call unless there is something to look up */
  private finish(query: Query, { rewritten, original }: Journey, done: () => void): void {
    const { changes, draft } = rewritten;
    const { flags } = query.view;
    if (original !== undefined) query.replaceRequest(original);
    if (draft?.optionsChanged && query.view.optOffset > 0) leaveOptions(query, draft, changes);
    query.view.flags = flags; // Handlers behind may have changed them: `header`.
    setFlags(query.bytes, query.requestOffset, flags);
    query.joined = false; // An equal question behind us is not an equal question in front.
    const message = isReady(query, rewritten) ? undefined : startAnswer(query);
    if (message === undefined) {
      this.sign(query, rewritten);
      done();
      return;
    }
    const answer = new AnswerDraft(message);
    const steps = changeAnswer(answer, changes);
    const finished = (): void => {
      writeAnswerDraft(query, message, answer, this.context.scratch);
      done();
    };
    if (changes.some(({ kind }) => kind === 'cname')) {
      new Lookups(this.context, query, draft, steps, finished).run();
      return;
    }
    steps.next(); // There is nothing to look up, so it runs to its end.
    finished();
  }
}

/** Is there nothing, or nothing more, to do with an answer than to put the question back? */
function isReady(query: Query, { changes, stopped }: Rewritten): boolean {
  if (query.silent) return true;
  if (query.replyBytes === 0) return !stopped; // Only behind a rule without `continue` is a failure made an answer.
  return changes.length === 0 && restoreQuestion(query);
}

/** What the client's OPT says when rules changed it: CoreDNS repeats their options to the client, but for `revert`. */
function leaveOptions(query: Query, draft: Draft, changes: readonly AnswerChange[]): void {
  const reverts = changes.flatMap((change) => (change.kind === 'option' ? [change.revert] : []));
  const request = draft.encodeAsked(revertOptions(draft.options ?? [], reverts));
  if (request !== undefined) query.replaceRequest(request);
}

/** Make the handler; its expressions are compiled here, once per worker. */
export const handler: HandlerFactory<RewriteOptions> = (options, context) => new RewriteHandler(options, context);
