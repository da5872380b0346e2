/**
 * The cache on the long way: looks up what the short way (serve/fast-answer.ts) left, and keeps what comes back.
 * @source coredns plugin/cache/handler.go; reference coredns-semantics 4
 */
import type { HandlerContext, HandlerFactory } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import { isInZone } from '../../corefile/zone-name';
import { MESSAGE_BYTES_MAX } from '../../limits';
import { Rcode, Type } from '../../wire/codes';
import { ExtendedError, withCause } from '../../wire/edns';
import { RCODE_MASK } from '../../wire/header';
import { Keeper } from './keeper';
import { Refresher } from './refresh';
import { CacheService, FLAG_NETWORK_ERROR, FLAG_NO_ANSWER } from './service';
import type { CacheOptions } from './setup';

/** Directives behind the cache that change the request itself. */
const CHANGERS: ReadonlySet<string> = new Set(['rewrite', 'header']);
/** What forward says when it has no room to ask: that is our trouble, and says nothing of upstreams. */
const NO_EXCHANGE = 'too many questions in flight';

export class CacheHandler implements Handler {
  readonly name = 'cache';
  readonly service: CacheService;
  private readonly context: HandlerContext;
  private readonly keeper: Keeper;
  private readonly refresher: Refresher;
  /** Something behind may change requests. */
  private readonly guards: boolean;
  /** Requests as they went on. What is behind works on a copy in CoreDNS: nobody in front sees what became of it. */
  private readonly originals = new Map<Query, Uint8Array>();

  constructor(service: CacheService, context: HandlerContext) {
    this.service = service;
    this.context = context;
    this.guards = context.block.plugins.some(({ name }) => CHANGERS.has(name));
    this.keeper = new Keeper(service, context.clock, context.counters);
    this.refresher = new Refresher(context, service, this.keeper, this, (query, stale) => this.giveStale(query, stale));
  }

  /** Are names of this query looked up and kept here? */
  private covers(query: Query): boolean {
    return !this.service.closed && this.service.options.zones.some((zone) => isInZone(query.name, zone));
  }

  handle(query: Query): Step {
    const step = this.look(query);
    if (!this.guards) return step;
    this.originals.delete(query); // A walk that a mistake of ours ended never came back.
    if (step === Step.PASS) this.originals.set(query, query.copyRequest());
    return step;
  }

  private look(query: Query): Step {
    if (!this.covers(query)) return Step.PASS;
    const { service } = this;
    service.askAnew(query.view);
    const now = this.context.clock.now();
    const entry = service.lookUp(now);
    if (entry >= 0) {
      const isNothing = (service.table.flags(entry) & FLAG_NO_ANSWER) !== 0;
      const step = isNothing ? this.failAgain(query, entry, now) : this.hit(query, entry, now);
      if (step !== Step.PASS) return step;
    }
    service.countMiss(query.listener);
    return Step.PASS;
  }

  /** Answer from an entry, and see that it is fetched anew when it is time. @returns PASS when it cannot be read */
  private hit(query: Query, entry: number, nowMs: number): Step {
    const { service, refresher } = this;
    const { bytes, offset } = this.context.scratch;
    const { left } = service;
    const written = service.writeHit(entry, query.bytes, query.view, bytes, offset, MESSAGE_BYTES_MAX);
    if (written === 0) return Step.PASS;
    const isDue = left > 0 ? service.isDue(entry, nowMs) : refresher.isWanted(entry, nowMs);
    service.countHit(query.listener, entry, nowMs);
    if (!isDue)
      return left > 0 ? query.answer(this.name, bytes, offset, written) : this.giveStale(query, bytes, offset, written);
    // What is asked now may be answered at once, and that answer is made where this one lies.
    const held = bytes.slice(offset, offset + written);
    if (left <= 0 && service.options.staleVerify) return refresher.verify(query, entry, held, left, nowMs);
    refresher.fetch(query, entry, left, nowMs);
    return left > 0 ? query.answer(this.name, held, 0, written) : this.giveStale(query, held);
  }

  private giveStale(query: Query, bytes: Uint8Array, offset = 0, length = bytes.length): Step {
    if (!this.service.closed) this.service.countStale(query.listener);
    const step = query.answer(this.name, bytes, offset, length);
    query.explain(query.rcode === Rcode.NXDOMAIN ? ExtendedError.STALE_NXDOMAIN : ExtendedError.STALE_ANSWER);
    return step;
  }

  /** Upstreams did not answer a moment ago: they are left alone for a while (RFC 9520 §3.2). */
  private failAgain(query: Query, entry: number, nowMs: number): Step {
    const { service } = this;
    const isNetworkError = (service.table.flags(entry) & FLAG_NETWORK_ERROR) !== 0;
    if (!service.table.whole(entry)) return Step.PASS;
    service.countHit(query.listener, entry, nowMs);
    const cause = isNetworkError ? ExtendedError.NETWORK_ERROR : ExtendedError.NO_REACHABLE_AUTHORITY;
    query.explain(withCause(ExtendedError.CACHED_ERROR, cause));
    return query.fail(Rcode.SERVFAIL, '');
  }

  leave(query: Query): void {
    const original = this.originals.get(query);
    if (original !== undefined) {
      this.originals.delete(query);
      query.replaceRequest(original);
    }
    if (!this.covers(query)) return;
    if (query.replyBytes > 0) {
      this.keeper.settle(query);
      query.writer = this.name; // What goes through the cache is its answer, in CoreDNS's label `plugin`, too.
      // What is kept has no OPT: a miss says no more than the hits after it. Failures say why, wherever they come from.
      if ((query.rcode & RCODE_MASK) !== Rcode.SERVFAIL) query.extendedError = -1;
      return;
    }
    const { extendedError } = query;
    const isNetworkError = extendedError === ExtendedError.NETWORK_ERROR;
    if (!isNetworkError && extendedError !== ExtendedError.NO_REACHABLE_AUTHORITY) return;
    if (query.error === NO_EXCHANGE || query.view.type === Type.HINFO) return; // The loop plugin repeats its probe.
    if ((query.rcode & RCODE_MASK) === Rcode.SERVFAIL) this.keeper.rememberFailure(query, isNetworkError);
  }

  close(): void {
    this.service.close();
  }
}

/** Make the handler and its table, or take over the table of the block before. */
export const handler: HandlerFactory<CacheOptions> = (options, context) => {
  const before = context.predecessor('cache');
  const service = new CacheService(options, context, before instanceof CacheHandler ? before.service : undefined);
  return new CacheHandler(service, context);
};
