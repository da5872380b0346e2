/** Answers that need more questions: `cname` rules ask the server itself where an alias leads now. */
import type { HandlerContext } from '../../chain/context';
import type { InternalAsker, Query } from '../../chain/query';
import { QUERY_DEADLINE_MS, REWRITE_LOOKUPS_MAX } from '../../limits';
import { Class } from '../../wire/codes';
import { FLAG_TC } from '../../wire/header';
import { decodeMessage } from '../../wire/message';
import type { LookedUp } from './answer';
import { Draft } from './draft';

/** What a look-up brings that brings nothing. */
const NOTHING: LookedUp = { answer: [], isTruncated: false };

/** Runs a generator that yields names to look up, one after the other, as long as it takes. */
export class Lookups implements InternalAsker {
  private readonly context: HandlerContext;
  private readonly parent: Query;
  private readonly type: number;
  private readonly request: Draft;
  private readonly steps: Generator<string, void, LookedUp>;
  private readonly done: () => void;
  /** An answer that came before `ask` returned. */
  private early: LookedUp | undefined = undefined;
  private asking = false;
  private asked = 0;

  /**
   * @param parent whose request the questions are made of
   * @param changed that request as rules changed it: its type and options are asked with
   * @param done called once, when the generator has ended; perhaps within `run`
   */
  constructor(
    context: HandlerContext,
    parent: Query,
    changed: Draft | undefined,
    steps: Generator<string, void, LookedUp>,
    done: () => void,
  ) {
    this.context = context;
    this.parent = parent;
    this.request = new Draft(parent);
    this.type = changed?.type ?? parent.view.type;
    if (changed !== undefined) this.request.options = changed.options;
    this.steps = steps;
    this.done = done;
  }

  run(): void {
    this.take(this.steps.next());
  }

  private take(first: IteratorResult<string, void>): void {
    let step = first;
    while (step.done !== true) {
      const found = this.lookUp(step.value);
      if (found === undefined) return;
      step = this.steps.next(found);
    }
    this.done();
  }

  /** @returns what was found, or undefined when that is not known yet */
  private lookUp(name: string): LookedUp | undefined {
    const { request, parent } = this;
    const isOverdue = this.context.clock.now() >= parent.receivedAtMs + QUERY_DEADLINE_MS;
    if (this.asked++ >= REWRITE_LOOKUPS_MAX || isOverdue || !request.rename(name)) return NOTHING;
    request.type = this.type;
    request.class = Class.IN;
    const bytes = request.encode();
    this.early = undefined;
    this.asking = true;
    const asked = bytes !== undefined && this.context.ask({ parent, request: bytes, asker: this });
    this.asking = false;
    return asked ? this.early : NOTHING;
  }

  answered({ reply, replyOffset, replyBytes }: Query): void {
    const message = replyBytes === 0 ? undefined : decodeMessage(reply, replyOffset, replyBytes);
    const found = message && { answer: message.answer, isTruncated: (message.flags & FLAG_TC) !== 0 };
    if (this.asking) this.early = found ?? NOTHING;
    else this.take(this.steps.next(found ?? NOTHING));
  }
}
