/**
 * Fetching entries anew: the popular ones before their time is up (`prefetch`), stale ones after they were given
 * (`serve_stale immediate`) or before (`serve_stale verify`). A question of our own goes to the handlers behind the cache.
 *
 *   fetch  ─▶ the client has its answer; what comes takes the entry's place
 *   verify ─▶ the client waits ─▶ an answer in time: it is given that
 *                              └▶ none in time, or a failure: it is given the stale one; what comes later takes its place
 *
 * @source coredns plugin/cache/handler.go at v1.14.7; RFC 8767 §5
 */
import type { HandlerContext } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import { type InternalAsker, type Query, TCP } from '../../chain/query';
import { Timer } from '../../kernel/timers';
import { STALE_WAITING_MAX } from '../../limits';
import type { Keeper, Refreshed } from './keeper';
import type { CacheService } from './service';

/** One question of our own. */
class Refresh implements Refreshed {
  readonly atMs: number;
  readonly wasStale: boolean;
  /** The client that waits for it; undefined when none does (any more). */
  client: Query | undefined = undefined;
  /** What that client is given when nothing better comes. */
  stale: Uint8Array = NOTHING;
  /** Said WAIT for the client: it must be resumed. */
  isWaiting = false;
  timer: Timer | undefined = undefined;

  constructor(atMs: number, wasStale: boolean) {
    this.atMs = atMs;
    this.wasStale = wasStale;
  }
}

const NOTHING = new Uint8Array(0);

/** Clients that wait for `verify`, of all caches of the worker. */
let waitingClients = 0;

/** Tells a client that what it is given is stale. */
export type StaleGiver = (query: Query, stale: Uint8Array) => Step;

export class Refresher implements InternalAsker {
  private readonly context: HandlerContext;
  private readonly service: CacheService;
  private readonly keeper: Keeper;
  private readonly handler: Handler;
  private readonly giveStale: StaleGiver;

  /** @param handler whose place in the chain is where questions begin: behind it */
  constructor(context: HandlerContext, service: CacheService, keeper: Keeper, handler: Handler, giveStale: StaleGiver) {
    this.context = context;
    this.service = service;
    this.keeper = keeper;
    this.handler = handler;
    this.giveStale = giveStale;
  }

  /** May a stale entry be asked for now? Not while somebody does, nor right after a failure. */
  isWanted(entry: number, nowMs: number): boolean {
    const { uses } = this.service.table;
    return !uses.isRefreshing(entry) && !uses.hasFailed(entry, nowMs, this.service.options.staleRecheckMs);
  }

  /**
   * Fetch an entry anew for whoever asks next. The answer may be there when this returns: the entry is another then.
   * @param left seconds of its TTL; 0 or less when it is stale
   */
  fetch(query: Query, entry: number, left: number, nowMs: number): void {
    this.service.table.uses.beginRefresh(entry);
    this.service.countPrefetch(query.listener);
    // Over TCP, as CoreDNS: a large answer comes whole, whatever this client could take. `prefer_udp` overrules it.
    this.ask(query, new Refresh(nowMs + Math.min(left, 0) * 1000, left <= 0), TCP, true);
  }

  /**
   * Ask for a stale entry while its client waits.
   * @param stale what the client is given when nothing better comes
   * @returns WAIT, or what was done at once
   */
  verify(query: Query, entry: number, stale: Uint8Array, left: number, nowMs: number): Step {
    const { staleVerifyMs, staleRecheckMs } = this.service.options;
    // Each takes two places of QUERIES_MAX. In an outage the last ones must not go to those who have an answer already.
    if (waitingClients === STALE_WAITING_MAX) return this.giveStale(query, stale);
    const refresh = new Refresh(nowMs + left * 1000, true);
    refresh.client = query;
    refresh.stale = stale;
    if (staleRecheckMs > 0) this.service.table.uses.beginRefresh(entry);
    if (!this.ask(query, refresh, query.protocol, false)) return this.giveStale(query, stale);
    if (refresh.client === undefined) return Step.DONE; // It is answered already.
    refresh.isWaiting = true;
    waitingClients++;
    if (staleVerifyMs > 0) {
      refresh.timer = new Timer(() => this.late(refresh));
      this.context.timers.start(refresh.timer, nowMs + staleVerifyMs);
    }
    return Step.WAIT;
  }

  private ask(query: Query, refresh: Refresh, protocol: number, isAside: boolean): boolean {
    const request = query.copyRequest();
    const asked = this.context.ask({
      parent: query,
      request,
      asker: this,
      subject: refresh,
      behind: this.handler,
      isAside,
      protocol,
    });
    if (!asked) this.end(query, false);
    return asked;
  }

  /** The entry of a question is no longer being fetched. */
  private end({ view }: Query, isRefreshed: boolean): void {
    const { service } = this;
    service.askAnew(view);
    const entry = service.table.find(service.question);
    if (entry < 0) return;
    service.table.uses.endRefresh(entry);
    if (!isRefreshed) service.table.uses.fail(entry, this.context.clock.now());
  }

  answered(query: Query): void {
    const refresh = query.subject as Refresh;
    if (this.service.closed) {
      if (refresh.client !== undefined) this.give(refresh, this.giveStale(refresh.client, refresh.stale));
      return;
    }
    const isRefreshed = this.keeper.settle(query, refresh);
    this.end(query, isRefreshed || !refresh.wasStale);
    const { client } = refresh;
    if (client === undefined) return;
    if (!isRefreshed) {
      this.give(refresh, this.giveStale(client, refresh.stale));
      return;
    }
    const { reply, replyOffset, replyBytes, hidesAuthenticated } = query;
    client.hidesAuthenticated = hidesAuthenticated;
    // A copy: what lies in shared memory may be written over before this client's walk is over.
    this.give(
      refresh,
      client.answer(this.handler.name, reply.slice(replyOffset, replyOffset + replyBytes), 0, replyBytes),
    );
  }

  /** Upstreams take too long. */
  private late(refresh: Refresh): void {
    const { client } = refresh;
    if (client !== undefined) this.give(refresh, this.giveStale(client, refresh.stale));
  }

  /** The client's answer is settled; it is free to go if it had to wait. */
  private give(refresh: Refresh, step: Step): void {
    const { client, timer, isWaiting } = refresh;
    refresh.client = undefined;
    refresh.stale = NOTHING;
    if (timer !== undefined) this.context.timers.stop(timer);
    if (!isWaiting) return;
    waitingClients--;
    client!.resume(step);
  }
}
