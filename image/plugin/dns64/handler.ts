/**
 * IPv6 addresses for names that have IPv4 addresses only, for clients behind a NAT64.
 *
 *   handle ─▶ handlers behind: AAAA ─▶ there is one, or no such name: passed on
 *                                  └─▶ the server itself: A ─▶ addresses embedded in the prefix
 *
 * @source RFC 6147; coredns plugin/dns64/dns64.go at v1.13.2
 */
import type { HandlerContext, HandlerFactory } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import { HEADER_BYTES } from '../../limits';
import { Class, Rcode, Type } from '../../wire/codes';
import { FLAG_TC } from '../../wire/header';
import { decodeMessage, type Message } from '../../wire/message';
import { RecordWalk, walkRecords } from '../../wire/record';
import { askBehind, takeOutcome } from '../behind';
import { replyClass } from '../log/reply-class';
import { replyWith } from '../reply';
import type { Dns64Options } from './setup';
import { synthesize } from './synthesis';

/** Used by one answer at a time. */
const WALK = new RecordWalk();
const EMPTY: Pick<Message, 'answer' | 'authority' | 'additional'> = { answer: [], authority: [], additional: [] };

export class Dns64Handler implements Handler {
  readonly name = 'dns64';
  private readonly options: Dns64Options;
  private readonly context: HandlerContext;

  constructor(options: Dns64Options, context: HandlerContext) {
    this.options = options;
    this.context = context;
  }

  handle(query: Query): Step {
    const { view, family } = query;
    const isForUs = view.type === Type.AAAA && view.class === Class.IN && (this.options.allowIpv4 || family === 2);
    if (!isForUs) return Step.PASS;
    return askBehind(this.context, query, this, query.copyRequest(), (inner, finish) => {
      takeOutcome(query, inner);
      if (query.replyBytes > 0) query.writer = this.name; // CoreDNS writes what it passes on, too.
      const denial = this.denial(query);
      if (denial === undefined) finish();
      else this.askIpv4(query, denial, finish);
    });
  }

  /** What denies IPv6 addresses, or fails to give any; undefined when the answer is to be passed on. */
  private denial(query: Query): Message | undefined {
    const { reply, replyOffset, replyBytes } = query;
    if (replyBytes === 0 || !walkRecords(reply, replyOffset, replyBytes, WALK)) return undefined;
    // RFC 6147 §5.1.2: no such name is no such name. §5.1.2 has all other errors count as empty answers.
    const isDenial = replyClass(reply, WALK, Type.AAAA, Date.now() / 1000) === 'denial';
    if (isDenial && query.rcode === Rcode.NXDOMAIN) return undefined;
    const message = decodeMessage(reply, replyOffset, replyBytes);
    const has = message?.answer.some(({ type }) => type === Type.AAAA);
    return has && !this.options.translateAll ? undefined : message;
  }

  private askIpv4(query: Query, denial: Message, finish: () => void): void {
    const asker = {
      answered: (inner: Query): void => {
        this.answer(query, denial, inner);
        finish();
      },
    };
    if (this.context.ask({ parent: query, request: ipv4Request(query), asker })) return;
    query.fail(Rcode.SERVFAIL, 'too many questions in flight');
    finish();
  }

  /** As in CoreDNS, a failure of the A question is an answer without addresses. */
  private answer(query: Query, denial: Message, inner: Query): void {
    const { reply, replyOffset, replyBytes, silent } = inner;
    if (silent) {
      query.fail(Rcode.SERVFAIL, '');
      return;
    }
    const message = replyBytes === 0 ? undefined : decodeMessage(reply, replyOffset, replyBytes);
    const { answer, authority, additional } = message ?? EMPTY;
    const { prefix, prefixBits } = this.options;
    const { counters, servers, scratch } = this.context;
    const translated = counters.slot('coredns_dns64_requests_translated_total', servers[query.listener]);
    counters.add(translated, 1);
    const records = { answer: synthesize(denial, answer, prefix, prefixBits), authority, additional };
    replyWith(query, this.name, scratch, Rcode.NOERROR, records, (message?.flags ?? 0) & FLAG_TC);
  }
}

/** The query's request with the name in lower case, as CoreDNS writes it, and type A. */
function ipv4Request(query: Query): Uint8Array {
  const { key, nameBytes, questionEnd } = query.view;
  const request = query.copyRequest();
  request.set(key.subarray(0, nameBytes), HEADER_BYTES);
  request[questionEnd - 4] = 0;
  request[questionEnd - 3] = Type.A;
  return request;
}

/** Make the handler. */
export const handler: HandlerFactory<Dns64Options> = (options, context) => new Dns64Handler(options, context);
