/**
 * Gives a query a time after which forward gives up: the attempt under way is its last.
 * @source coredns plugin/cancel/cancel.go and plugin/forward/forward.go at v1.13.2
 */
import type { HandlerContext, HandlerFactory } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import type { Clock } from '../../kernel/clock';
import type { CancelOptions } from './setup';

class CancelHandler implements Handler {
  readonly name = 'cancel';
  private readonly timeoutMs: number;
  private readonly clock: Clock;

  constructor({ timeoutMs }: CancelOptions, { clock }: HandlerContext) {
    this.timeoutMs = timeoutMs;
    this.clock = clock;
  }

  handle(query: Query): Step {
    // A question of our own has no longer than the one it is asked for.
    query.cancelAtMs = Math.min(query.cancelAtMs, this.clock.now() + this.timeoutMs);
    return Step.PASS;
  }
}

/** Make the handler. */
export const handler: HandlerFactory<CancelOptions> = (options, context) => new CancelHandler(options, context);
