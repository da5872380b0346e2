/** Asks other servers: the first stanza that takes the name forwards it, and may hand it to those behind it (`next`). */
import type { MessageToWorker } from '../../agent/messages';
import type { HandlerContext, HandlerFactory } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import { Pending } from '../../upstream/pending';
import type { ForwardOptions } from './setup';
import { type NextStanzas, Stanza } from './stanza';

/** The stanzas of a block from one on. */
class Chain implements NextStanzas {
  private readonly stanzas: readonly Stanza[];

  constructor(stanzas: readonly Stanza[]) {
    this.stanzas = stanzas;
  }

  handle(query: Query): Step {
    for (const stanza of this.stanzas) if (stanza.takes(query)) return stanza.handle(query);
    return Step.PASS;
  }
}

/** See the file's head. */
export class ForwardHandler implements Handler {
  readonly name = 'forward';
  private readonly stanzas: readonly Stanza[];
  private readonly chain: Chain;

  constructor({ stanzas }: ForwardOptions, context: HandlerContext) {
    const pending = new Pending<Query>(context.hash);
    const made: Stanza[] = [];
    for (let index = stanzas.length - 1; index >= 0; index--) {
      const next = made.length === 0 ? undefined : new Chain([...made]);
      made.unshift(new Stanza(stanzas[index], context, pending, index, next));
    }
    this.stanzas = made;
    this.chain = new Chain(made);
  }

  receive(message: MessageToWorker): void {
    if (message.kind === 'warm-up') for (const stanza of this.stanzas) stanza.warmUp();
  }

  handle(query: Query): Step {
    return this.chain.handle(query);
  }

  close(): void {
    for (const stanza of this.stanzas) stanza.close();
  }
}

/** Make the handler. */
export const handler: HandlerFactory<ForwardOptions> = (options, context) => new ForwardHandler(options, context);
