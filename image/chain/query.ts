/**
 * A question on its way through the handlers, with everything they may want to know of it. Queries are pooled: nothing of one
 * may be kept after it is finished.
 */
import { assert } from '../assert';
import type { Arena } from '../kernel/arena';
import { PEER_BYTES } from '../kernel/batch';
import { HEADER_BYTES, REQUEST_BYTES_MAX } from '../limits';
import { Rcode } from '../wire/codes';
import { FLAG_AD, getFlags } from '../wire/header';
import { nameToText } from '../wire/name-text';
import { QueryView, readQuery, Verdict } from '../wire/question';
import { type Handler, Step } from './plugin';
import type { ListenerRoutes, Route } from './route';

/** How a query came. Index of the `proto` label. */
export const UDP = 0;
export const TCP = 1;

/** What the server does with a query that has gone in and out. */
export interface QueryOwner {
  /** The walk is over: send what is there, then release the query. */
  finished(query: Query): void;
  /** A handler threw: a mistake of ours, not of the packet. */
  panicked(query: Query, error: unknown): void;
}

/** Follows a query on its way: the trace plugin. */
export interface QueryTrace {
  /** The query meets the handler at this position. */
  enter(position: number, name: string): void;
  /** It has left it. */
  exit(position: number): void;
  /** An upstream is asked. */
  connect(to: string): void;
  /** It has answered, or failed. */
  connected(): void;
}

/** Tells collectors of a query: the dnstap plugin. */
export interface QueryTap {
  /**
   * An upstream was asked.
   * @param to `10.0.0.10:53` @param sentAtMs on the worker's clock @param reply a copy; undefined when none came
   */
  forwarded(query: Query, to: string, overTcp: boolean, sentAtMs: number, reply: Uint8Array | undefined): void;
}

/** Hears the answer to a query that no client sent: see HandlerContext.ask. */
export interface InternalAsker {
  /** The walk is over. `query.reply` and everything else of the query is valid during this call only. */
  answered(query: Query): void;
}

/** Reads a request before it takes another's place. */
const PROBE = new QueryView();

export class Query {
  /** Memory in which the request lies: `bytes[requestOffset .. requestOffset + view.messageBytes - 1]`. */
  readonly bytes: Uint8Array;
  readonly requestOffset: number;
  /** Where the asker's address lies (kernel/batch.ts PEER). */
  readonly peerOffset: number;
  /** The request, read. */
  readonly view = new QueryView();
  /** Bytes of the request as received. */
  requestBytes = 0;

  /** Number of the listener. */
  listener = 0;
  /** What that listener leads to. */
  listenerRoutes!: ListenerRoutes;
  /** UDP or TCP. */
  protocol: number = UDP;
  /** 1 IPv4, 2 IPv6. */
  family: 1 | 2 = 1;
  /** TCP: slot and serial of the connection; a connection that closed and came back has another serial. */
  client = -1;
  clientSerial = 0;
  /** Zone and handlers that answer it. */
  route!: Route;
  /** Milliseconds of the monotonic clock. */
  receivedAtMs = 0;

  /** The answer: a whole message at `reply[replyOffset ..]`; 0 bytes when there is none (yet). Valid until the walk is over. */
  reply: Uint8Array;
  replyOffset = 0;
  replyBytes = 0;
  /** Response code of the answer, or of the failure. */
  rcode = 0;
  /** Name of the handler that wrote the answer; '' when the server writes it. */
  writer = '';
  /** Name of the handler that first had an answer: behind a cache {@link writer} becomes `cache`. */
  maker = '';
  /** The upstream that was asked last, `10.0.0.10:53`; '' for none. */
  upstream = '';
  /** Why it failed, for the errors plugin; '' when nothing went wrong. */
  error = '';
  /** An equal question in flight brought this answer: it has been stored already. */
  joined = false;
  /** The answer's AD bit is not for this client (RFC 6840 §5.8). */
  hidesAuthenticated = false;

  /** No answer is sent at all, on purpose: the acl plugin's `drop`. */
  silent = false;
  /** RFC 8914 INFO-CODE that goes into the client's OPT, if it sent one; -1 for none. */
  extendedError = -1;
  /** EXTRA-TEXT for it, ASCII. */
  extendedErrorText = '';

  /** Who hears the answer when no client asked; undefined for a client's query. */
  asker: InternalAsker | undefined = undefined;
  /** What the asker keeps with the query, by which it knows it again. */
  subject: unknown = undefined;
  /** 0 for a client's query, one more than its parent's for one asked on behalf of another. */
  depth = 0;

  /** Nothing new is tried for it from then on, on the worker's clock. */
  cancelAtMs = Number.POSITIVE_INFINITY;

  /** Set while it is followed. */
  trace: QueryTrace | undefined = undefined;
  /** Set where collectors are told. */
  tap: QueryTap | undefined = undefined;
  /** When they were told of the question, Unix time. */
  tappedAtMs = 0;
  /** Notes of plugins by label, `forward/upstream`; only with the metadata plugin. */
  metadata: Map<string, string> | undefined = undefined;

  /** Equal questions that wait for this one's answer. */
  readonly followers: Query[] = [];
  /** What the forward plugin keeps while it asks; see plugin/forward/stanza.ts. */
  attempt: unknown = undefined;

  private readonly owner: QueryOwner;
  private position = 0;
  /** Handlers before this one take no part. */
  private first = 0;
  private waiting = false;
  private nameText = '';

  constructor(arena: Arena, owner: QueryOwner) {
    this.bytes = arena.u8;
    this.reply = arena.u8;
    this.owner = owner;
    this.requestOffset = arena.allocate(REQUEST_BYTES_MAX);
    this.peerOffset = arena.allocate(PEER_BYTES);
  }

  /** Bytes of arena that a query takes. */
  static readonly ARENA_BYTES = REQUEST_BYTES_MAX + 128;

  /** Make ready for a new question; the owner has copied request and peer and read the view. */
  begin(route: Route, nowMs: number): void {
    assert(!this.waiting && this.followers.length === 0);
    this.route = route;
    this.receivedAtMs = nowMs;
    this.replyBytes = 0;
    this.rcode = Rcode.NOERROR;
    this.writer = '';
    this.maker = '';
    this.upstream = '';
    this.error = '';
    this.joined = false;
    this.hidesAuthenticated = false;
    this.attempt = undefined;
    this.silent = false;
    this.trace = undefined;
    this.tap = undefined;
    this.metadata = undefined;
    this.cancelAtMs = Number.POSITIVE_INFINITY;
    this.extendedError = -1;
    this.extendedErrorText = '';
    this.asker = undefined;
    this.subject = undefined;
    this.depth = 0;
    this.position = 0;
    this.first = 0;
    this.nameText = '';
  }

  /**
   * After {@link begin}: only the handlers behind this one take part, and notes are the parent's.
   * @param isAside notes are its own: as in CoreDNS a prefetch begins without any
   * @source coredns plugin/cache/handler.go doPrefetch, doRefresh: the context goes along
   */
  startBehind(handler: Handler, parent: Query, isAside: boolean): void {
    this.metadata = parent.metadata && isAside ? new Map() : parent.metadata;
    this.first = this.route.block.handlers.indexOf(handler) + 1;
    assert(this.first > 0 && this.position === 0);
    this.position = this.first;
  }

  /** The request as it stands, to be given back to {@link replaceRequest} later. Allocates. */
  copyRequest(): Uint8Array {
    return this.bytes.slice(this.requestOffset, this.requestOffset + this.view.messageBytes);
  }

  /**
   * Put another request in place of this one: handlers behind see and forward it, and nobody's answer is changed by it. Who
   * changes the question gives it back in `leave`, and the answer with it.
   * @returns false when it is no acceptable query or longer than REQUEST_BYTES_MAX; nothing is changed then
   */
  replaceRequest(request: Uint8Array): boolean {
    if (request.length > REQUEST_BYTES_MAX) return false;
    if (readQuery(request, 0, request.length, PROBE) !== Verdict.ACCEPT) return false;
    this.bytes.set(request, this.requestOffset);
    const verdict = readQuery(this.bytes, this.requestOffset, request.length, this.view);
    assert(verdict === Verdict.ACCEPT); // The same bytes.
    this.nameText = '';
    return true;
  }

  /** Tell the client why, if it sent an OPT record (RFC 8914). The first to speak is nearest to the cause and wins. */
  explain(infoCode: number, text = ''): void {
    if (this.extendedError >= 0) return;
    this.extendedError = infoCode;
    this.extendedErrorText = text;
  }

  /** The name asked for: lower-case FQDN in presentation form. Made on first use. */
  get name(): string {
    if (this.nameText === '') this.nameText = nameToText(this.view.key, 0);
    return this.nameText;
  }

  /** Flags of the answer as its client gets them; 0 when there is none. */
  get replyFlags(): number {
    if (this.replyBytes === 0) return 0;
    const flags = getFlags(this.reply, this.replyOffset);
    return this.hidesAuthenticated ? flags & ~FLAG_AD : flags;
  }

  /** Go inwards from the first handler. */
  run(): void {
    const { handlers } = this.route.block;
    try {
      while (this.position < handlers.length) {
        this.trace?.enter(this.position, handlers[this.position].name);
        const step = handlers[this.position].handle(this);
        if (step === Step.PASS) {
          this.position++;
          continue;
        }
        if (step === Step.WAIT) {
          this.waiting = true;
          return;
        }
        this.leave();
        return;
      }
      assert(handlers.length > 0);
      const last = handlers[handlers.length - 1];
      this.fail(Rcode.SERVFAIL, `plugin/${last.name}: no next plugin found`);
      this.leave();
    } catch (error) {
      this.owner.panicked(this, error);
    }
  }

  /** The handler that said WAIT is done. @param step DONE or FAIL, or PASS to ask the handlers behind it */
  resume(step: Step): void {
    assert(this.waiting && step !== Step.WAIT);
    this.waiting = false;
    if (step === Step.PASS) {
      this.position++;
      this.run();
      return;
    }
    try {
      this.leave();
    } catch (error) {
      this.owner.panicked(this, error);
    }
  }

  /** Go outwards from the handler that ended the way in. */
  private leave(): void {
    const { handlers } = this.route.block;
    this.trace?.exit(this.position);
    for (let index = this.position - 1; index >= this.first; index--) {
      handlers[index].leave?.(this);
      this.trace?.exit(index);
    }
    this.owner.finished(this);
  }

  /**
   * Answer with a whole message.
   * @param writer name of the plugin
   * @param reply memory that stays as it is until the walk is over
   */
  answer(writer: string, reply: Uint8Array, offset: number, bytes: number): Step {
    assert(bytes >= HEADER_BYTES && offset + bytes <= reply.length);
    this.reply = reply;
    this.replyOffset = offset;
    this.replyBytes = bytes;
    this.rcode = reply[offset + 3] & 0x0f;
    this.writer = writer;
    if (this.maker === '') this.maker = writer;
    return Step.DONE;
  }

  /** Send nothing at all. */
  silence(): Step {
    this.replyBytes = 0;
    this.silent = true;
    return Step.DONE;
  }

  /** Let the server answer with `rcode` and nothing else. @param error for the log; '' for none */
  fail(rcode: number, error: string): Step {
    this.replyBytes = 0;
    this.rcode = rcode;
    this.error = error;
    return Step.FAIL;
  }
}
