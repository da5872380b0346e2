/**
 * Sets and clears flags of questions on their way to upstreams and of answers on their way to clients.
 * @source coredns plugin/header/handler.go, header.go at v1.13.2
 */
import type { HandlerFactory } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import { getFlags, setFlags } from '../../wire/header';
import type { FlagChange, HeaderOptions } from './setup';

function changed(flags: number, { set, clear }: FlagChange): number {
  return (flags & ~clear) | set;
}

class HeaderHandler implements Handler {
  readonly name = 'header';
  private readonly options: HeaderOptions;

  constructor(options: HeaderOptions) {
    this.options = options;
  }

  /** The question stays changed: CoreDNS makes SERVFAIL and REFUSED from the changed one, too. */
  handle({ bytes, requestOffset, view }: Query): Step {
    view.flags = changed(view.flags, this.options.query);
    setFlags(bytes, requestOffset, view.flags);
    return Step.PASS;
  }

  leave(query: Query): void {
    const { reply, replyOffset, replyBytes } = query;
    if (replyBytes === 0) return;
    setFlags(reply, replyOffset, changed(getFlags(reply, replyOffset), this.options.response));
    query.writer = this.name; // CoreDNS's label `plugin`: the outermost one that writes it.
  }
}

/** Make the handler. */
export const handler: HandlerFactory<HeaderOptions> = (options) => new HeaderHandler(options);
