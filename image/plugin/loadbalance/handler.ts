/**
 * Changes the order of addresses in answers, so that clients that take the first one spread.
 * @source coredns plugin/loadbalance/handler.go, loadbalance.go at v1.13.2
 */
import type { MessageToWorker } from '../../agent/messages';
import type { HandlerContext, HandlerFactory } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import type { HitOrder } from '../../chain/route';
import { MESSAGE_BYTES_MAX } from '../../limits';
import { Rcode, Type } from '../../wire/codes';
import { RCODE_MASK } from '../../wire/header';
import { decodeMessage, encodeMessage, type Message, type ResourceRecord } from '../../wire/message';
import { shuffleInPlace } from './in-place';
import { preferred, shuffled, weighted } from './order';
import type { LoadbalanceOptions } from './setup';
import type { WeightedNames } from './weights';

/** Types that weights are for. */
const WEIGHTED_TYPES: ReadonlySet<number> = new Set([Type.A, Type.AAAA, Type.SRV]);
type Sections = Pick<Message, 'answer' | 'authority' | 'additional'>;

export class LoadbalanceHandler implements Handler, HitOrder {
  readonly name = 'loadbalance';
  private readonly options: LoadbalanceOptions;
  private readonly context: HandlerContext;
  private names: WeightedNames;

  constructor(options: LoadbalanceOptions, context: HandlerContext) {
    this.options = options;
    this.context = context;
    this.names = options.weighted?.names ?? {};
    const { weighted } = options;
    if (weighted !== undefined && weighted.names !== null) this.say(weighted.path);
  }

  private say(path: string): void {
    this.context.log.plugin(this.name, 'INFO', `Successfully reloaded weight file ${path}`);
  }

  receive(message: MessageToWorker): void {
    if (message.kind !== 'weights' || message.path !== this.options.weighted?.path) return;
    this.names = message.names;
    this.say(message.path);
  }

  handle(): Step {
    return Step.PASS;
  }

  leave(query: Query): void {
    const { reply, replyOffset, replyBytes, rcode, view } = query;
    if (replyBytes > 0) query.writer = this.name; // CoreDNS's label `plugin`: the outermost one that writes it.
    if (replyBytes === 0 || rcode !== Rcode.NOERROR || view.type === Type.AXFR || view.type === Type.IXFR) return;
    const { random, scratch } = this.context;
    if (this.isPlain && shuffleInPlace(reply, replyOffset, replyBytes, random)) return;
    const message = decodeMessage(reply, replyOffset, replyBytes);
    if (message === undefined) return;
    const sections = this.ordered(message, view.type);
    const written = encodeMessage({ ...message, ...sections }, scratch.bytes, scratch.offset, MESSAGE_BYTES_MAX);
    if (written === 0) return; // It was longer with other endings of names first: it stays as it is.
    query.answer(this.name, scratch.bytes, scratch.offset, written);
  }

  /** For hits of the short way, when {@link isPlain}. */
  arrange(bytes: Uint8Array, offset: number, length: number): boolean {
    if ((bytes[offset + 3] & RCODE_MASK) !== Rcode.NOERROR) return true;
    return shuffleInPlace(bytes, offset, length, this.context.random);
  }

  /** Any order is as good as any other. */
  get isPlain(): boolean {
    return this.options.weighted === undefined && this.options.prefer.length === 0;
  }

  private ordered({ answer, authority, additional }: Message, type: number): Sections {
    const { random } = this.context;
    const { prefer } = this.options;
    const first = (records: readonly ResourceRecord[]) => (prefer.length > 0 ? preferred(records, prefer) : records);
    if (this.options.weighted === undefined) {
      return {
        answer: first(shuffled(answer, random)),
        authority: shuffled(authority, random),
        additional: first(shuffled(additional, random)),
      };
    }
    if (!WEIGHTED_TYPES.has(type)) return { answer, authority, additional };
    return {
      answer: weighted(answer, this.names, random),
      authority,
      additional: weighted(additional, this.names, random),
    };
  }
}

/** Make the handler. */
export const handler: HandlerFactory<LoadbalanceOptions> = (options, context) =>
  new LoadbalanceHandler(options, context);
