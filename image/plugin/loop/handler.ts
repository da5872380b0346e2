/**
 * Counts how often this server's own probe (agent/loop-probe.ts) arrives. Once is how it was sent; more than twice is a
 * loop through an upstream.
 * @source coredns plugin/loop/loop.go at v1.13.2; reference coredns-semantics 3.14
 */
import type { MessageToWorker } from '../../agent/messages';
import type { HandlerContext, HandlerFactory } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import { quote } from '../../corefile/go-quote';
import { joinHostPort } from '../../kernel/sockaddr';
import { Type } from '../../wire/codes';
import { canonicalName } from '../zone-list';
import type { LoopOptions } from './setup';

/** How often the probe may be seen. */
const SEEN_MAX = 2;

export class LoopHandler implements Handler {
  readonly name = 'loop';
  private readonly options: LoopOptions;
  private readonly context: HandlerContext;
  /** Name of the probe as queries have it; undefined when there is none (any more). */
  private probe: string | undefined;
  private readonly probeText: string;
  private seen = 0;

  constructor(options: LoopOptions, context: HandlerContext) {
    this.options = options;
    this.context = context;
    this.probeText = context.loops.find(({ block }) => block === context.blockIndex)?.name ?? '';
    this.probe = canonicalName(this.probeText);
  }

  handle(query: Query): Step {
    if (query.view.type === Type.HINFO && query.name === this.probe) this.count(query);
    return Step.PASS;
  }

  private count(query: Query): void {
    this.seen++;
    if (this.seen <= SEEN_MAX) return;
    this.probe = undefined; // The loop goes on turning until the process ends; once said is enough.
    const { context } = this;
    const client = joinHostPort(context.remoteAddress(query), context.remotePort(query));
    const { zone, address, port } = this.options;
    context.fatal(
      `plugin/loop: Loop (${client} -> ${joinHostPort(address, port)}) detected for zone ${quote(zone)}, see ` +
        `https://coredns.io/plugins/loop#troubleshooting. Query: "HINFO ${this.probeText}"`,
    );
  }

  receive(message: MessageToWorker): void {
    if (message.kind !== 'loop-reset' && message.kind !== 'loop-done') return;
    if (message.name !== this.probeText) return;
    if (message.kind === 'loop-reset') this.seen = 0;
    else this.probe = undefined;
  }
}

/** Make the handler. */
export const handler: HandlerFactory<LoopOptions> = (options, context) => new LoopHandler(options, context);
