/**
 * Tells a client that asks for it which server answers (RFC 5001).
 * @source coredns plugin/nsid/nsid.go at v1.13.2
 */
import type { HandlerContext, HandlerFactory, Scratch } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import { MESSAGE_BYTES_MAX } from '../../limits';
import { Type } from '../../wire/codes';
import { EDNS_DO, Option } from '../../wire/edns';
import { decodeMessage, encodeMessage, type ResourceRecord } from '../../wire/message';
import { optionsOf, withOption } from './options';
import type { NsidOptions } from './setup';

class NsidHandler implements Handler {
  readonly name = 'nsid';
  private readonly data: Uint8Array;
  private readonly scratch: Scratch;

  constructor({ data }: NsidOptions, { scratch }: HandlerContext) {
    this.data = new Uint8Array(Buffer.from(data, 'utf8'));
    this.scratch = scratch;
  }

  handle(): Step {
    return Step.PASS;
  }

  leave(query: Query): void {
    const { reply, replyOffset, replyBytes, view } = query;
    if (view.optionsBytes === 0 || replyBytes === 0) return;
    const end = query.requestOffset + view.optOffset + view.optBytes;
    const asked = optionsOf(query.bytes.subarray(end - view.optionsBytes, end));
    if (!asked.some(({ code }) => code === Option.NSID)) return;
    const message = decodeMessage(reply, replyOffset, replyBytes);
    if (message === undefined) return;
    const others = message.additional.filter(({ type }) => type !== Type.OPT);
    const opt = message.additional.find(({ type }) => type === Type.OPT) ?? this.newOpt(query);
    const additional = [...others, { ...opt, data: withOption(opt.data, Option.NSID, this.data) }];
    const { bytes, offset } = this.scratch;
    const written = encodeMessage({ ...message, additional }, bytes, offset, MESSAGE_BYTES_MAX);
    if (written === 0) return; // No room: the answer matters more.
    query.reply = bytes;
    query.replyOffset = offset;
    query.replyBytes = written;
  }

  private newOpt({ view }: Query): ResourceRecord {
    const ttl = view.doBit * EDNS_DO;
    return { name: Uint8Array.of(0), type: Type.OPT, class: view.udpSize, ttl, data: new Uint8Array(0) };
  }
}

/** Make the handler. */
export const handler: HandlerFactory<NsidOptions> = (options, context) => new NsidHandler(options, context);
