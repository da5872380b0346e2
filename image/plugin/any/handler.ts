/**
 * Answers questions for all types with one small record: whoever asks them wants an amplifier, or should ask for a type.
 * @source RFC 8482 §4.2; coredns plugin/any/any.go at v1.13.2
 */
import type { HandlerContext, HandlerFactory, Scratch } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import { Class, Rcode, Type } from '../../wire/codes';
import { questionName, replyWith } from '../reply';
import type { AnyOptions } from './setup';

/** A number that is remembered. */
const TTL_SECONDS = 8482;
/** CPU and OS of a HINFO record (RFC 1035 §3.3.2). */
const DATA = Uint8Array.from(
  ['ANY obsoleted', 'See RFC 8482'].flatMap((text) => [text.length, ...Buffer.from(text, 'latin1')]),
);

class AnyHandler implements Handler {
  readonly name = 'any';
  private readonly scratch: Scratch;

  constructor({ scratch }: HandlerContext) {
    this.scratch = scratch;
  }

  handle(query: Query): Step {
    if (query.view.type !== Type.ANY) return Step.PASS;
    const record = { name: questionName(query), type: Type.HINFO, class: Class.IN, ttl: TTL_SECONDS, data: DATA };
    const records = { answer: [record], authority: [], additional: [] };
    return replyWith(query, this.name, this.scratch, Rcode.NOERROR, records, 0);
  }
}

/** Make the handler. */
export const handler: HandlerFactory<AnyOptions> = (_options, context) => new AnyHandler(context);
