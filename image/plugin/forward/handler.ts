/** Asks other servers: the first stanza that takes the name forwards it. */
import type { HandlerContext, HandlerFactory } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import { Pending } from '../../upstream/pending';
import type { ForwardOptions } from './setup';
import { Stanza } from './stanza';

export class ForwardHandler implements Handler {
  readonly name = 'forward';
  private readonly stanzas: readonly Stanza[];

  constructor(options: ForwardOptions, context: HandlerContext) {
    const pending = new Pending<Query>(context.hash);
    this.stanzas = options.stanzas.map((stanza, index) => new Stanza(stanza, context, pending, index));
  }

  handle(query: Query): Step {
    for (const stanza of this.stanzas) if (stanza.takes(query)) return stanza.handle(query);
    return Step.PASS;
  }

  close(): void {
    for (const stanza of this.stanzas) stanza.close();
  }
}

/** Make the handler. */
export const handler: HandlerFactory<ForwardOptions> = (options, context) => new ForwardHandler(options, context);
