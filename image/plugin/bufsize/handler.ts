/**
 * Lowers what clients say they take: our own answers and those of upstreams stay below it. Questions answered from the
 * cache do not come here: the short way (serve/fast-answer.ts) knows the number from its route.
 * @source coredns plugin/bufsize/bufsize.go at v1.13.2
 */
import type { HandlerFactory } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import type { BufsizeOptions } from './setup';

/** TYPE, CLASS, TTL and RDLENGTH behind the owner of an OPT record; CLASS is the size (RFC 6891 §6.1.2). */
const OPT_TAIL_BYTES = 10;
const TYPE_BYTES = 2;

export class BufsizeHandler implements Handler {
  readonly name = 'bufsize';
  /** Largest UDP answer. */
  readonly udpBytesMax: number;

  constructor({ udpBytesMax }: BufsizeOptions) {
    this.udpBytesMax = udpBytesMax;
  }

  handle({ bytes, requestOffset, view }: Query): Step {
    const { udpBytesMax } = this;
    if (view.optOffset === 0 || view.udpSize <= udpBytesMax) return Step.PASS;
    const ownerBytes = view.optBytes - view.optionsBytes - OPT_TAIL_BYTES;
    const at = requestOffset + view.optOffset + ownerBytes + TYPE_BYTES;
    bytes[at] = udpBytesMax >>> 8; // In the question, too: upstreams are asked for no more.
    bytes[at + 1] = udpBytesMax;
    view.udpSize = udpBytesMax;
    return Step.PASS;
  }
}

/** Make the handler. */
export const handler: HandlerFactory<BufsizeOptions> = (options) => new BufsizeHandler(options);
