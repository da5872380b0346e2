/**
 * Tells clients who they are: address, port and transport as we see them.
 * @source coredns plugin/whoami/whoami.go at v1.13.2
 */
import type { HandlerContext, HandlerFactory } from '../../chain/context';
import type { Handler, Step } from '../../chain/plugin';
import { type Query, TCP } from '../../chain/query';
import { parseIp } from '../../corefile/ip-address';
import { NAME_BYTES_MAX } from '../../limits';
import { Rcode, Type } from '../../wire/codes';
import type { ResourceRecord } from '../../wire/message';
import { questionName, replyWith } from '../reply';
import type { WhoamiOptions } from './setup';

const LABELS: readonly Uint8Array[] = ['_udp', '_tcp'].map((text) => Uint8Array.of(text.length, ...Buffer.from(text)));

export class WhoamiHandler implements Handler {
  readonly name = 'whoami';
  private readonly context: HandlerContext;

  constructor(context: HandlerContext) {
    this.context = context;
  }

  handle(query: Query): Step {
    const additional = [...this.address(query), ...this.service(query)];
    const records = { answer: [], authority: [], additional };
    return replyWith(query, this.name, this.context.scratch, Rcode.NOERROR, records);
  }

  private address(query: Query): ResourceRecord[] {
    const [text] = this.context.remoteAddress(query).split('%'); // A record has no place for the zone.
    const data = parseIp(text);
    if (data === undefined) return [];
    const type = data.length === 4 ? Type.A : Type.AAAA;
    return [{ name: questionName(query), type, class: query.view.class, ttl: 0, data }];
  }

  /** Priority and weight 0, the client's port, no target. A name that has no room for the label has none. */
  private service(query: Query): ResourceRecord[] {
    const label = LABELS[query.protocol === TCP ? 1 : 0];
    const name = Uint8Array.of(...label, ...questionName(query));
    if (name.length > NAME_BYTES_MAX) return [];
    const port = this.context.remotePort(query);
    const data = Uint8Array.of(0, 0, 0, 0, port >>> 8, port & 0xff, 0);
    return [{ name, type: Type.SRV, class: query.view.class, ttl: 0, data }];
  }
}

/** Make the handler. */
export const handler: HandlerFactory<WhoamiOptions> = (_options, context) => new WhoamiHandler(context);
