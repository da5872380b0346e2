/**
 * Tells collectors of every question and answer, of clients and of upstreams.
 * @source coredns plugin/dnstap/handler.go, writer.go, plugin/forward/dnstap.go at v1.13.2
 */
import type { HandlerContext, HandlerFactory } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import { type Query, type QueryTap, TCP } from '../../chain/query';
import { hostPortOrNothing } from '../../corefile/go-host-port';
import { parseIp } from '../../corefile/ip-address';
import { HEADER_BYTES } from '../../limits';
import { setFlags, setId } from '../../wire/header';
import { type FormatPiece, parseFormat } from '../log/format';
import { localAddress } from '../log/handler';
import { formatQuery } from '../log/line';
import { traceKey } from '../trace/report';
import { encodeTap, type TapMessage, TapType } from './message';
import type { DnstapOptions, TapOptions } from './setup';

/** A collector. */
interface Tap {
  readonly options: TapOptions;
  readonly key: string;
  readonly extra: readonly FormatPiece[];
}

type Facts = Omit<TapMessage, 'queryAddress' | 'queryPort'>;

/** Unix time in milliseconds, with fractions. */
const now = (): number => performance.timeOrigin + performance.now();

class DnstapHandler implements Handler, QueryTap {
  readonly name = 'dnstap';
  private readonly taps: readonly Tap[];
  private readonly context: HandlerContext;
  /** Our own addresses by listener. */
  private readonly locals: readonly string[];

  constructor({ taps }: DnstapOptions, context: HandlerContext) {
    this.taps = taps.map((options) => ({ options, key: traceKey(options), extra: extraPieces(options.extra) }));
    this.context = context;
    this.locals = context.servers.map(localAddress);
  }

  handle(query: Query): Step {
    query.tap = this;
    query.tappedAtMs = now();
    const { CLIENT_QUERY: type } = TapType;
    const queryMessage = query.copyRequest();
    this.tell(query, { type, overTcp: query.protocol === TCP, queryMs: query.tappedAtMs, queryMessage });
    return Step.PASS;
  }

  /** An answer that the server makes by itself is not told of, as in CoreDNS. */
  leave(query: Query): void {
    if (query.replyBytes === 0) return;
    query.writer = this.name; // CoreDNS's label `plugin`: the outermost one that writes it.
    const overTcp = query.protocol === TCP;
    const { CLIENT_RESPONSE: type } = TapType;
    const times = { queryMs: query.tappedAtMs, responseMs: now() };
    this.tell(query, { type, overTcp, ...times, responseMessage: answerOf(query) });
  }

  forwarded(query: Query, to: string, overTcp: boolean, sentAtMs: number, reply: Uint8Array | undefined): void {
    const queryMs = now() - (this.context.clock.now() - sentAtMs);
    const { host = '', port = '0' } = hostPortOrNothing(to) ?? {};
    const responseAddress = parseIp(host.split('%')[0]);
    const common = { overTcp, responseAddress, responsePort: Number(port), queryMs };
    this.tell(query, { type: TapType.FORWARDER_QUERY, ...common, queryMessage: query.copyRequest() });
    if (reply === undefined) return;
    this.tell(query, { type: TapType.FORWARDER_RESPONSE, ...common, responseMs: now(), responseMessage: reply });
  }

  private tell(query: Query, facts: Facts): void {
    const remote = this.context.remoteAddress(query);
    const remotePort = this.context.remotePort(query);
    const queryAddress = parseIp(remote.split('%')[0]) ?? new Uint8Array(0);
    const message = { ...facts, queryAddress, queryPort: remotePort };
    const local = this.locals[query.listener];
    const { queryMessage: _query, responseMessage: _response, ...bare } = message;
    for (const { options, key, extra } of this.taps) {
      const line = formatQuery(extra, query, { remote, local, remotePort, durationMs: 0 });
      this.context.tap(key, encodeTap(options.full ? message : bare, options.identity, options.version, line));
    }
  }
}

/** What a log line says of the answer is not known to CoreDNS here. */
const OF_ANSWER: ReadonlySet<string> = new Set(['{rcode}', '{rsize}', '{duration}', '{>rflags}']);

function extraPieces(format: string): FormatPiece[] {
  return parseFormat(format).map((piece) =>
    piece.kind === 'placeholder' && OF_ANSWER.has(piece.name) ? { kind: 'text', text: '-' } : piece,
  );
}

/** The answer with the client's own id and spelling. */
function answerOf(query: Query): Uint8Array {
  const { reply, replyOffset, replyBytes, view, bytes, requestOffset } = query;
  const answer = reply.slice(replyOffset, replyOffset + replyBytes);
  setId(answer, 0, view.id);
  setFlags(answer, 0, query.replyFlags);
  if (answer[5] === 1) {
    answer.set(bytes.subarray(requestOffset + HEADER_BYTES, requestOffset + view.questionEnd), HEADER_BYTES);
  }
  return answer;
}

/** Make the handler. */
export const handler: HandlerFactory<DnstapOptions> = (options, context) => new DnstapHandler(options, context);
