/**
 * The long way: from an accepted query to its route, through the handlers, and back to whoever asked. UDP and TCP bring
 * packets here and take answers from here; this file knows neither.
 */
import { assert } from '../assert';
import type { InternalQuestion } from '../chain/context';
import { Query, type QueryOwner } from '../chain/query';
import type { ListenerRoutes, Route } from '../chain/route';
import type { Arena } from '../kernel/arena';
import { PEER_BYTES } from '../kernel/batch';
import type { Clock } from '../kernel/clock';
import { HEADER_BYTES, INTERNAL_DEPTH_MAX, QUERIES_MAX, REQUEST_BYTES_MAX } from '../limits';
import type { NameHash } from '../memory/hash';
import type { Counters } from '../observe/counters';
import type { ZoneMeter } from '../plugin/prometheus/meter';
import { writeBadVersionReply, writeRefusal } from '../wire/build';
import { Class, Rcode } from '../wire/codes';
import { QueryView, readQuery, Verdict } from '../wire/question';
import type { Panics } from './panics';
import { writeRcode } from './reply';
import type { Sampler } from './sampler';

/** How packets of one listener are answered when no zone has a say. */
export interface ListenerService extends ListenerRoutes {
  /** Counts under zone `dropped`. */
  readonly dropped: ZoneMeter;
  /** Questions of other classes than IN go to the handlers: some block here forwards. */
  readonly takesAllClasses: boolean;
  readonly tcpLimits: TcpLimits;
}

/** Time limits of TCP connections, in milliseconds. */
export interface TcpLimits {
  readonly firstQueryMs: number;
  readonly idleMs: number;
}

/** Who asked, as UDP and TCP know them. */
export interface Asked {
  listener: ListenerService;
  protocol: number;
  family: 1 | 2;
  /** Bytes as received. */
  requestBytes: number;
  /** Offset of the peer (kernel/batch.ts). */
  peerOffset: number;
  /** TCP: slot and serial of the connection. */
  client: number;
  clientSerial: number;
  receivedAtMs: number;
}

/** Sends a finished query's answer the way its question came. */
export interface Outlet {
  deliver(query: Query): void;
  /** The query is over and its client gets nothing. */
  discard(query: Query): void;
}

export class Server implements QueryOwner {
  private readonly arena: Arena;
  private readonly clock: Clock;
  private readonly hash: NameHash;
  private readonly counters: Counters;
  private readonly panics: Panics;
  private readonly sampler: Sampler;
  private readonly free: Query[] = [];
  private made = 0;
  /** Questions of our own before they have a query. */
  private readonly internal = new QueryView();
  /** Where answers go, by protocol. Set once by the worker. */
  readonly outlets: Outlet[] = [];
  private readonly inFlightSlot: number;

  /** Bytes of arena that all queries take. */
  static readonly ARENA_BYTES = QUERIES_MAX * Query.ARENA_BYTES;

  constructor(arena: Arena, clock: Clock, hash: NameHash, counters: Counters, panics: Panics, sampler: Sampler) {
    this.arena = arena;
    this.clock = clock;
    this.hash = hash;
    this.counters = counters;
    this.panics = panics;
    this.sampler = sampler;
    this.inFlightSlot = counters.slot('nodelocaldns_queries_in_flight');
  }

  /** Queries on their way. */
  get inFlight(): number {
    return this.made - this.free.length;
  }

  /**
   * Take a packet that the short way did not answer.
   * @param view as readQuery left it, with its verdict
   * @param outOffset where an answer that is known at once may be written
   * @returns size of that answer; 0 when there is none, or when it comes later through {@link Outlet}
   */
  take(verdict: Verdict, view: QueryView, asked: Asked, outOffset: number): number {
    const { u8 } = this.arena;
    if (verdict === Verdict.DROP) {
      this.countDropped(view.messageBytes < HEADER_BYTES ? 'short' : 'response');
      return 0;
    }
    if (verdict !== Verdict.ACCEPT) return writeRefusal(u8, view.messageOffset, view, verdict, u8, outOffset);
    const { listener } = asked;
    if (view.class !== Class.IN && !listener.takesAllClasses) return this.refuse(view, asked, outOffset);
    if (view.ednsVersion !== 0) return writeBadVersionReply(u8, view.messageOffset, view, u8, outOffset);
    this.hash.name(view.key, view.nameBytes, view.labelStarts, view.labelCount);
    const zone = listener.zones.find(view, this.hash.suffixes);
    if (zone < 0 || listener.routes[zone].block.handlers.length === 0) return this.refuse(view, asked, outOffset);
    return this.start(zone, view, asked, outOffset);
  }

  /** No zone of ours, or one without plugins. */
  private refuse(view: QueryView, asked: Asked, outOffset: number): number {
    const { u8 } = this.arena;
    const written = writeRcode(u8, view, Rcode.REFUSED, asked.protocol, u8, outOffset);
    this.count(asked.listener.dropped, Rcode.REFUSED, view, asked, written);
    return written;
  }

  /** Count an answer that the server gave by itself. */
  private count(meter: ZoneMeter | undefined, rcode: number, view: QueryView, asked: Asked, bytes: number): void {
    meter?.count(asked.protocol, asked.family, view.type, view.doBit, asked.requestBytes, rcode, '', bytes);
    meter?.took((this.clock.now() - asked.receivedAtMs) / 1000);
  }

  private start(zone: number, view: QueryView, asked: Asked, outOffset: number): number {
    const { u8 } = this.arena;
    const query = this.free.pop() ?? this.make();
    if (query === undefined) {
      this.counters.add(this.counters.slot('nodelocaldns_queries_rejected_total', 'queries_max'), 1);
      const written = writeRcode(u8, view, Rcode.SERVFAIL, asked.protocol, u8, outOffset);
      this.count(asked.listener.routes[zone].meter, Rcode.SERVFAIL, view, asked, written);
      return written;
    }
    u8.copyWithin(query.requestOffset, view.messageOffset, view.messageOffset + view.messageBytes);
    u8.copyWithin(query.peerOffset, asked.peerOffset, asked.peerOffset + PEER_BYTES);
    if (view.messageBytes === view.questionEnd) {
      // Counts may claim records that are not there. Passed on so, an upstream would refuse the question.
      u8.fill(0, query.requestOffset + 6, query.requestOffset + HEADER_BYTES);
    }
    const again = readQuery(u8, query.requestOffset, view.messageBytes, query.view);
    assert(again === Verdict.ACCEPT); // The same bytes.
    query.requestBytes = asked.requestBytes;
    query.listener = asked.listener.index;
    query.protocol = asked.protocol;
    query.family = asked.family;
    query.client = asked.client;
    query.clientSerial = asked.clientSerial;
    query.begin(asked.listener.routes[zone], asked.receivedAtMs);
    query.listenerRoutes = asked.listener;
    query.route.block.work.queries++;
    this.counters.values[this.inFlightSlot] = this.inFlight;
    query.run();
    return 0;
  }

  /** HandlerContext.ask. */
  ask({ parent, request, asker, subject, behind, isAside, protocol }: InternalQuestion): boolean {
    if (parent.depth >= INTERNAL_DEPTH_MAX || request.length > REQUEST_BYTES_MAX) return false;
    if (readQuery(request, 0, request.length, this.internal) !== Verdict.ACCEPT) return false;
    const route = behind === undefined ? this.route(parent.listenerRoutes, this.internal) : parent.route;
    const query = route && (this.free.pop() ?? this.make());
    if (route === undefined || query === undefined) return false;
    query.bytes.set(request, query.requestOffset);
    query.bytes.copyWithin(query.peerOffset, parent.peerOffset, parent.peerOffset + PEER_BYTES);
    const verdict = readQuery(query.bytes, query.requestOffset, request.length, query.view);
    assert(verdict === Verdict.ACCEPT); // The same bytes.
    query.requestBytes = request.length;
    query.listener = parent.listener;
    query.listenerRoutes = parent.listenerRoutes;
    query.protocol = protocol ?? parent.protocol;
    query.family = parent.family;
    query.client = -1;
    query.begin(route, this.clock.now());
    query.asker = asker;
    query.subject = subject;
    query.depth = parent.depth + 1;
    query.cancelAtMs = parent.cancelAtMs;
    if (behind !== undefined) query.startBehind(behind, parent, isAside === true);
    route.block.work.queries++;
    this.counters.values[this.inFlightSlot] = this.inFlight;
    query.run();
    return true;
  }

  /** Where a question of ours leads; undefined when it would be refused. */
  private route({ zones, routes }: ListenerRoutes, view: QueryView): Route | undefined {
    this.hash.name(view.key, view.nameBytes, view.labelStarts, view.labelCount);
    const zone = zones.find(view, this.hash.suffixes);
    return zone < 0 || routes[zone].block.handlers.length === 0 ? undefined : routes[zone];
  }

  private make(): Query | undefined {
    if (this.made === QUERIES_MAX) return undefined;
    this.made++;
    return new Query(this.arena, this);
  }

  finished(query: Query): void {
    if (query.asker === undefined && this.sampler.isOn) this.sampler.finished(query);
    if (query.asker !== undefined) this.tell(query);
    else if (query.silent) this.outlets[query.protocol].discard(query);
    else this.outlets[query.protocol].deliver(query);
    query.route.block.work.queries--;
    this.free.push(query);
    this.counters.values[this.inFlightSlot] = this.inFlight;
  }

  /** An asker that throws must not bring its query here a second time. */
  private tell(query: Query): void {
    try {
      query.asker?.answered(query);
    } catch (error) {
      this.panics.recovered(error);
    }
  }

  /** A handler threw: ours to mend. The client gets SERVFAIL, the operator the place. */
  panicked(query: Query, error: unknown): void {
    query.fail(Rcode.SERVFAIL, '');
    this.finished(query);
    this.panics.recovered(error);
  }

  /** Count a packet that gets no answer. */
  countDropped(reason: 'short' | 'response' | 'send_failed', times = 1): void {
    this.counters.add(this.counters.slot('nodelocaldns_packets_dropped_total', reason), times);
  }
}
