/**
 * One `forward`: which names it takes, which upstream is tried when, and what becomes of answers and errors.
 *
 *   handle ─▶ equal question under way? wait with it
 *          ─▶ tryNext ─▶ send ─▶ answered ─▶ `failover`? tryNext   `next`? the next stanza   else all who wait have it
 *                 ▲        └───▶ failed ──┐   (health of that upstream is looked into)
 *                 └── time and tries left ┘─▶ SERVFAIL for all but those who came too late to have had a try
 *
 * @source coredns plugin/forward/forward.go; reference coredns-semantics 5.2, with CoreDNS 1.14's cap on attempts and its
 *   rule that `failover` asks each upstream once
 */
import { assert } from '../../assert';
import type { HandlerContext } from '../../chain/context';
import { Step } from '../../chain/plugin';
import { type Query, TCP } from '../../chain/query';
import { isInZone } from '../../corefile/zone-name';
import { HEADER_BYTES, QUERY_DEADLINE_MS, REQUEST_BYTES_MAX } from '../../limits';
import type { Asker, Exchange } from '../../upstream/exchange';
import { Health } from '../../upstream/health';
import { copyForUpstream } from '../../upstream/hop-options';
import type { Pending } from '../../upstream/pending';
import { Share } from '../../upstream/share';
import { Rcode, rcodeText, Type } from '../../wire/codes';
import { extendedRcode } from '../../wire/edns';
import { FLAG_TC, getCount, RCODE_MASK, Section } from '../../wire/header';
import { Attempt, type Server } from './attempt';
import { Order } from './policy';
import type { ForwardStanza } from './setup';
import type { UpstreamOptions } from './upstreams';

/** Extended errors (RFC 8914 §4.23, §4.24): nobody answered; what came was an error of the network. */
const NO_REACHABLE_AUTHORITY = 22;
const NETWORK_ERROR = 23;

/** Takes over questions whose answers here say so (`next`). */
export interface NextStanzas {
  /** @returns the step of the stanza that took it; PASS when none does */
  handle(query: Query): Step;
}

export class Stanza implements Asker {
  private readonly options: ForwardStanza;
  private readonly context: HandlerContext;
  private readonly pending: Pending<Query>;
  private readonly scope: number;
  private readonly next: NextStanzas | undefined;
  private readonly servers: readonly Server[];
  private readonly order: Order;
  private readonly failuresMax: number;
  private readonly share: Share;
  private readonly attempts: Attempt[] = [];
  private inFlight = 0;
  private readonly joined: number;
  private readonly broken: number;
  private readonly rejects: number;
  private readonly overShare: number;

  /**
   * @param scope a number of its own: questions of different stanzas are not joined
   * @param next the stanzas behind this one; undefined for the last
   */
  constructor(
    options: ForwardStanza,
    context: HandlerContext,
    pending: Pending<Query>,
    scope: number,
    next: NextStanzas | undefined,
  ) {
    this.options = options;
    this.context = context;
    this.pending = pending;
    this.scope = scope;
    this.next = next;
    this.servers = options.upstreams.map((upstream) => this.server(upstream));
    this.order = new Order(options.policy, this.servers.length, context.random);
    this.failuresMax = options.connectAttemptsMax || 2 * this.servers.length;
    this.share = new Share(context.upstreams.places);
    const { counters } = context;
    this.joined = counters.slot('nodelocaldns_queries_joined_total');
    this.broken = counters.slot('coredns_forward_healthcheck_broken_total');
    this.rejects = counters.slot('coredns_forward_max_concurrent_rejects_total');
    this.overShare = counters.slot('nodelocaldns_queries_rejected_total', 'forward_share');
  }

  private server({ address, port, label, tls }: UpstreamOptions): Server {
    const { context, options } = this;
    const upstream = context.upstreams.get({ address, port, label, tls, sourceAddress: options.sourceAddress });
    upstream.wish(options);
    const { counters } = context;
    // Series with labels come into being with their first event, as in CoreDNS.
    const countFailure = (): void =>
      counters.add(counters.slot('coredns_proxy_healthcheck_failures_total', 'forward', label), 1);
    const healthOptions = { ...options.healthCheck, failsMax: options.failsMax, overTcp: options.forceTcp };
    const health = new Health(context.upstream, upstream, healthOptions, countFailure, (isDown) =>
      upstream.turned(isDown),
    );
    return { upstream, health };
  }

  /** Open connections to upstreams that are always asked through one. */
  warmUp(): void {
    const { forceTcp, upstreams } = this.options;
    for (const [index, { upstream }] of this.servers.entries()) {
      if (forceTcp || upstreams[index].tls !== undefined) upstream.warmUp();
    }
  }

  /** Is the name for us? A name equal to FROM always is. */
  takes(query: Query): boolean {
    const { from, except } = this.options;
    if (from === '.' && except.length === 0) return true;
    const { name } = query;
    if (!isInZone(name, from)) return false;
    return name === from || !except.some((zone) => isInZone(name, zone));
  }

  /** Ask, or wait with an equal question. */
  handle(query: Query): Step {
    const overTcp = this.overTcp(query);
    const key = this.pending.key(query, this.scope * 2 + (overTcp ? 1 : 0));
    const { counters } = this.context;
    if (!this.share.take()) {
      counters.add(this.overShare, 1);
      return query.fail(Rcode.SERVFAIL, `more than ${this.share.taken} queries wait for this forward`);
    }
    // HINFO is what the loop plugin probes with: a probe that came back and waited for itself would not be noticed.
    if (query.view.type !== Type.HINFO && this.pending.follow(query, key)) {
      counters.add(this.joined, 1);
      return Step.WAIT;
    }
    const { concurrentMax } = this.options;
    if (concurrentMax > 0 && this.inFlight >= concurrentMax) {
      this.share.give();
      counters.add(this.rejects, 1);
      return query.fail(Rcode.REFUSED, `concurrent queries exceeded maximum ${concurrentMax}`);
    }
    return this.lead(query, this.begin(query, overTcp, key));
  }

  private overTcp(query: Query): boolean {
    if (this.options.forceTcp) return true;
    return !this.options.preferUdp && query.protocol === TCP;
  }

  private begin(query: Query, overTcp: boolean, pendingKey: number): Attempt {
    const attempt = this.attempts.pop() ?? new Attempt();
    this.order.fill(attempt.order);
    attempt.begin(Math.min(this.context.clock.now() + QUERY_DEADLINE_MS, query.cancelAtMs), overTcp, pendingKey);
    const { requestOffset, view } = query;
    const copyOffset = requestOffset + view.messageBytes;
    // Behind the request there is room for another of its size; only one of over 2 KiB goes out with all its options.
    const fits = 2 * view.messageBytes <= REQUEST_BYTES_MAX;
    const copied = fits ? copyForUpstream(query.bytes, view, copyOffset) : 0;
    attempt.requestOffset = copied > 0 ? copyOffset : requestOffset;
    attempt.requestBytes = copied > 0 ? copied : view.messageBytes;
    query.attempt = attempt;
    return attempt;
  }

  private lead(query: Query, attempt: Attempt): Step {
    this.inFlight++;
    const step = this.tryNext(query, attempt);
    if (step === Step.WAIT) this.pending.lead(query, attempt.pendingKey);
    else this.end(query, attempt);
    return step;
  }

  /** Send the question to the next upstream in order. @returns WAIT when it is on its way */
  private tryNext(query: Query, attempt: Attempt): Step {
    const { servers } = this;
    while (attempt.failures < this.failuresMax && this.context.clock.now() < attempt.deadlineMs) {
      const server = this.pick(attempt);
      if (server === undefined) continue;
      if (attempt.down === servers.length && this.options.failfastAllUnhealthy) break;
      attempt.server = server;
      query.upstream = server.upstream.label;
      query.metadata?.set('forward/upstream', query.upstream);
      const error = this.send(query, attempt, server);
      if (error === '') return Step.WAIT;
      this.noteFailure(attempt, server, error);
      if (attempt.down === servers.length) break;
    }
    return this.giveUp(query, attempt);
  }

  /** The next in order; undefined when that one is down and others may be up. When all are, any one: probes may be wrong. */
  private pick(attempt: Attempt): Server | undefined {
    const { servers } = this;
    if (attempt.next === attempt.order.length) {
      attempt.next = 0;
      attempt.down = 0;
    }
    const server = servers[attempt.order[attempt.next++]];
    if (!server.health.down) return server;
    attempt.down++;
    if (attempt.down < servers.length) return undefined;
    this.context.counters.add(this.broken, 1);
    return servers[this.context.random.below(servers.length)];
  }

  private noteFailure(attempt: Attempt, server: Server, error: string): void {
    attempt.failures++;
    attempt.error = error;
    server.upstream.failed(error);
    server.health.check();
  }

  private giveUp(query: Query, attempt: Attempt): Step {
    const error = attempt.error || 'no healthy proxies';
    const isSilence = attempt.error === '' || error.endsWith('i/o timeout');
    query.explain(isSilence ? NO_REACHABLE_AUTHORITY : NETWORK_ERROR);
    return query.fail(Rcode.SERVFAIL, error);
  }

  private send(query: Query, attempt: Attempt, server: Server): string {
    const { clock, upstream } = this.context;
    const timeoutMs = Math.min(this.options.readTimeoutMs, attempt.deadlineMs - clock.now());
    const exchange = upstream.exchanges.begin(this, query, timeoutMs);
    if (exchange === undefined) return 'too many questions in flight';
    exchange.bytes = query.bytes;
    exchange.requestOffset = attempt.requestOffset;
    exchange.requestBytes = attempt.requestBytes;
    exchange.view = query.view;
    attempt.sentAtMs = exchange.sentAtMs;
    query.trace?.connect(server.upstream.label);
    const error = server.upstream.send(exchange, attempt.overTcp);
    if (error !== '') upstream.exchanges.drop(exchange);
    return error;
  }

  answered(exchange: Exchange, bytes: Uint8Array, offset: number, length: number): void {
    const query = exchange.subject as Query;
    const attempt = query.attempt as Attempt;
    const server = attempt.server!;
    query.trace?.connected();
    query.tap?.forwarded(
      query,
      server.upstream.label,
      attempt.overTcp,
      exchange.sentAtMs,
      bytes.slice(offset, offset + length),
    );
    if ((bytes[offset + 2] & (FLAG_TC >>> 8)) !== 0 && this.options.preferUdp && !attempt.overTcp) {
      this.askOverTcp(query, attempt, server);
      return;
    }
    const rcode = bytes[offset + 3] & RCODE_MASK;
    server.upstream.answered(rcode, (this.context.clock.now() - exchange.sentAtMs) / 1000);
    if (this.options.failoverRcodes.includes(rcode) && ++attempt.failovers < this.servers.length) {
      const step = this.tryNext(query, attempt);
      if (step !== Step.WAIT) this.finish(query, attempt, step);
      return;
    }
    if (this.isForNext(rcode, bytes, offset)) {
      this.handOver(query, attempt);
      return;
    }
    if (bytes[offset + 5] === 0) {
      this.finish(query, attempt, query.fail(rcode, '')); // An error without question: the server writes a whole one.
      return;
    }
    const extended = this.extendedRcode(bytes, offset);
    if (extended > 0) {
      const error = `${server.upstream.label} answered ${rcodeText((extended << 4) | rcode)}`;
      this.finish(query, attempt, query.fail(Rcode.SERVFAIL, error));
      return;
    }
    this.answerFollowers(query, attempt, bytes, offset, length);
    this.done(query, attempt, query.answer('forward', bytes, offset, length));
  }

  /**
   * BADVERS, BADCOOKIE and such are said by one neighbour to the other (RFC 6891 §6.1.3, RFC 7873 §5.2.3). Passed on to who has
   * no OPT record, or kept without it, they would be taken for their lower bits: for NOERROR, and for no data.
   */
  private extendedRcode(bytes: Uint8Array, offset: number): number {
    if (getCount(bytes, offset, Section.ADDITIONAL) === 0) return 0;
    const { walk } = this.context.upstream; // Of this answer: see Asker.
    assert(walk.messageOffset === offset);
    return extendedRcode(bytes, walk);
  }

  private askOverTcp(query: Query, attempt: Attempt, server: Server): void {
    attempt.overTcp = true;
    const error = this.send(query, attempt, server);
    if (error === '') return;
    attempt.error = error;
    this.finish(query, attempt, this.giveUp(query, attempt));
  }

  private isForNext(rcode: number, bytes: Uint8Array, offset: number): boolean {
    const { nextRcodes, nextOnNodata } = this.options;
    if (this.next === undefined) return false;
    if (nextRcodes.includes(rcode)) return true;
    return nextOnNodata && rcode === Rcode.NOERROR && getCount(bytes, offset, Section.ANSWER) === 0;
  }

  /** The next stanza that takes the name asks its own upstreams; who waits here goes along. */
  private handOver(query: Query, attempt: Attempt): void {
    const all = [query, ...this.pending.release(query, attempt.pendingKey).splice(0)];
    this.end(query, attempt);
    for (let followers = all.length - 1; followers > 0; followers--) this.share.give();
    for (const one of all) {
      const step = this.next!.handle(one);
      if (step !== Step.WAIT) one.resume(step);
    }
  }

  /** The answer may be changed on its way out, so each follower gets a copy of it as it came. */
  private answerFollowers(query: Query, attempt: Attempt, bytes: Uint8Array, offset: number, length: number): void {
    const followers = this.pending.release(query, attempt.pendingKey);
    const { scratch } = this.context;
    assert(length >= HEADER_BYTES && offset !== scratch.offset);
    while (followers.length > 0) {
      const follower = followers.pop()!;
      this.share.give();
      scratch.bytes.set(bytes.subarray(offset, offset + length), scratch.offset);
      follower.joined = true;
      follower.upstream = query.upstream;
      follower.resume(follower.answer('forward', scratch.bytes, scratch.offset, length));
    }
  }

  failed(exchange: Exchange, error: string): void {
    const query = exchange.subject as Query;
    const attempt = query.attempt as Attempt;
    query.trace?.connected();
    query.tap?.forwarded(query, attempt.server!.upstream.label, attempt.overTcp, exchange.sentAtMs, undefined);
    this.noteFailure(attempt, attempt.server!, error);
    const more = attempt.down < this.servers.length;
    const step = more ? this.tryNext(query, attempt) : this.giveUp(query, attempt);
    if (step !== Step.WAIT) this.finish(query, attempt, step);
  }

  /** No answer to pass on. It counts for all who waited during a whole try; who came later is asked for again. */
  private finish(query: Query, attempt: Attempt, step: Step): void {
    const followers = this.pending.release(query, attempt.pendingKey).splice(0);
    const { rcode, error, extendedError } = query;
    for (const follower of followers) {
      this.share.give();
      if (follower.receivedAtMs > attempt.sentAtMs) {
        const again = this.handle(follower);
        if (again !== Step.WAIT) follower.resume(again);
        continue;
      }
      if (extendedError >= 0) follower.explain(extendedError);
      follower.resume(follower.fail(rcode, error));
    }
    this.done(query, attempt, step);
  }

  private done(query: Query, attempt: Attempt, step: Step): void {
    this.end(query, attempt);
    query.resume(step);
  }

  /** The question is no longer asked here. */
  private end(query: Query, attempt: Attempt): void {
    this.inFlight--;
    this.share.give();
    attempt.server = undefined;
    query.attempt = undefined;
    this.attempts.push(attempt);
  }

  close(): void {
    for (const { health } of this.servers) health.close();
  }
}
