/**
 * One `forward`: which names it takes, which upstream is tried when, and what becomes of answers and errors.
 *
 *   handle ─▶ equal question under way? wait with it
 *          ─▶ tryNext ─▶ send ─▶ answered ─▶ all who wait are answered
 *                 ▲        └───▶ failed ──┐   (health of that upstream is looked into)
 *                 └── time and tries left ┘─▶ SERVFAIL for all
 *
 * @source coredns plugin/forward/forward.go; reference coredns-semantics 5.2, with CoreDNS 1.14's cap on attempts
 */
import { assert } from '../../assert';
import type { HandlerContext } from '../../chain/context';
import { Step } from '../../chain/plugin';
import { type Query, TCP } from '../../chain/query';
import { isInZone } from '../../corefile/zone-name';
import { EXCHANGE_TIMEOUT_MS, HEADER_BYTES, QUERY_DEADLINE_MS } from '../../limits';
import type { Asker, Exchange } from '../../upstream/exchange';
import { Health } from '../../upstream/health';
import type { Pending } from '../../upstream/pending';
import type { Upstream } from '../../upstream/upstreams';
import { Rcode, Type } from '../../wire/codes';
import { FLAG_TC, RCODE_MASK } from '../../wire/header';
import { Order } from './policy';
import type { ForwardStanza } from './setup';
import type { UpstreamOptions } from './upstreams';

interface Server {
  readonly upstream: Upstream;
  readonly health: Health;
}

/** How far the asking of one question has come. */
class Attempt {
  readonly order: number[] = [];
  next = 0;
  /** Upstreams passed over because they are down, since the list began. */
  down = 0;
  tries = 0;
  deadlineMs = 0;
  overTcp = false;
  server: Server | undefined = undefined;
  error = '';
  pendingKey = 0;
}

export class Stanza implements Asker {
  private readonly options: ForwardStanza;
  private readonly context: HandlerContext;
  private readonly pending: Pending<Query>;
  private readonly scope: number;
  private readonly servers: readonly Server[];
  private readonly order: Order;
  private readonly triesMax: number;
  private readonly attempts: Attempt[] = [];
  private inFlight = 0;
  private readonly joined: number;
  private readonly broken: number;
  private readonly rejects: number;

  /** @param scope a number of its own: questions of different stanzas are not joined */
  constructor(options: ForwardStanza, context: HandlerContext, pending: Pending<Query>, scope: number) {
    this.options = options;
    this.context = context;
    this.pending = pending;
    this.scope = scope;
    this.servers = options.upstreams.map((upstream) => this.server(upstream));
    this.order = new Order(options.policy, this.servers.length, context.random);
    this.triesMax = options.connectAttemptsMax || 2 * this.servers.length;
    const { counters } = context;
    this.joined = counters.slot('nodelocaldns_queries_joined_total');
    this.broken = counters.slot('coredns_forward_healthcheck_broken_total');
    this.rejects = counters.slot('coredns_forward_max_concurrent_rejects_total');
  }

  private server({ address, port, label }: UpstreamOptions): Server {
    const { context, options } = this;
    const upstream = context.upstreams.get(address, port, label);
    upstream.wish(options);
    const { counters } = context;
    const failures = counters.slot('coredns_proxy_healthcheck_failures_total', 'forward', label);
    const healthOptions = { ...options.healthCheck, failsMax: options.failsMax, overTcp: options.forceTcp };
    const health = new Health(context.upstream, upstream, healthOptions, () => counters.add(failures, 1));
    return { upstream, health };
  }

  /** Is the name for us? A name equal to FROM always is. */
  takes(query: Query): boolean {
    const { from, except } = this.options;
    if (from === '.' && except.length === 0) return true;
    const { name } = query;
    if (!isInZone(name, from)) return false;
    return name === from || !except.some((zone) => isInZone(name, zone));
  }

  /** Ask. */
  handle(query: Query): Step {
    const { concurrentMax } = this.options;
    if (concurrentMax > 0 && this.inFlight >= concurrentMax) {
      this.context.counters.add(this.rejects, 1);
      return query.fail(Rcode.REFUSED, `concurrent queries exceeded maximum ${concurrentMax}`);
    }
    const overTcp = this.overTcp(query);
    const key = this.pending.key(query, this.scope * 2 + (overTcp ? 1 : 0));
    // HINFO is what the loop plugin probes with: a probe that came back and waited for itself would not be noticed.
    if (query.view.type !== Type.HINFO && this.pending.follow(query, key)) {
      this.context.counters.add(this.joined, 1);
      return Step.WAIT;
    }
    const attempt = this.begin(query, overTcp, key);
    const step = this.tryNext(query, attempt);
    if (step === Step.WAIT) {
      this.inFlight++;
      this.pending.lead(query, key);
    } else this.attempts.push(attempt);
    return step;
  }

  private overTcp(query: Query): boolean {
    if (this.options.forceTcp) return true;
    return !this.options.preferUdp && query.protocol === TCP;
  }

  private begin(query: Query, overTcp: boolean, pendingKey: number): Attempt {
    const attempt = this.attempts.pop() ?? new Attempt();
    this.order.fill(attempt.order);
    attempt.next = 0;
    attempt.down = 0;
    attempt.tries = 0;
    attempt.deadlineMs = this.context.clock.now() + QUERY_DEADLINE_MS;
    attempt.overTcp = overTcp;
    attempt.error = '';
    attempt.pendingKey = pendingKey;
    query.attempt = attempt;
    return attempt;
  }

  /** Send the question to the next upstream in order. @returns WAIT when it is on its way */
  private tryNext(query: Query, attempt: Attempt): Step {
    const { servers } = this;
    while (attempt.tries < this.triesMax && this.context.clock.now() < attempt.deadlineMs) {
      if (attempt.next === attempt.order.length) {
        attempt.next = 0;
        attempt.down = 0;
      }
      let server = servers[attempt.order[attempt.next++]];
      if (server.health.down) {
        attempt.down++;
        if (attempt.down < servers.length) continue;
        this.context.counters.add(this.broken, 1);
        if (this.options.failfastAllUnhealthy) break;
        // All are down: the probes may be wrong, so one is tried all the same, and only one.
        server = servers[this.context.random.below(servers.length)];
      }
      attempt.tries++;
      attempt.server = server;
      const error = this.send(query, attempt, server);
      if (error === '') return Step.WAIT;
      attempt.error = error;
      server.health.check();
      if (attempt.down === servers.length) break;
    }
    return query.fail(Rcode.SERVFAIL, attempt.error || 'no healthy proxies');
  }

  private send(query: Query, attempt: Attempt, server: Server): string {
    const { clock, upstream } = this.context;
    const timeoutMs = Math.min(EXCHANGE_TIMEOUT_MS, attempt.deadlineMs - clock.now());
    const exchange = upstream.exchanges.begin(this, query, timeoutMs);
    if (exchange === undefined) return 'too many questions in flight';
    exchange.bytes = query.bytes;
    exchange.requestOffset = query.requestOffset;
    exchange.requestBytes = query.view.messageBytes;
    exchange.view = query.view;
    const error = server.upstream.send(exchange, attempt.overTcp);
    if (error !== '') upstream.exchanges.drop(exchange);
    return error;
  }

  answered(exchange: Exchange, bytes: Uint8Array, offset: number, length: number): void {
    const query = exchange.subject as Query;
    const attempt = query.attempt as Attempt;
    const server = attempt.server!;
    const cut = (bytes[offset + 2] & (FLAG_TC >>> 8)) !== 0;
    if (cut && this.options.preferUdp && !attempt.overTcp) {
      attempt.overTcp = true;
      const error = this.send(query, attempt, server);
      if (error === '') return;
      attempt.error = error;
      this.finish(query, attempt, query.fail(Rcode.SERVFAIL, error));
      return;
    }
    const rcode = bytes[offset + 3] & RCODE_MASK;
    server.upstream.answered(rcode, (this.context.clock.now() - exchange.sentAtMs) / 1000);
    if (bytes[offset + 5] === 0) {
      this.finish(query, attempt, query.fail(rcode, '')); // An error without question: the server writes a whole one.
      return;
    }
    this.answerFollowers(query, attempt, bytes, offset, length);
    this.done(query, attempt, query.answer('forward', bytes, offset, length));
  }

  /** The answer may be changed on its way out, so each follower gets a copy of it as it came. */
  private answerFollowers(query: Query, attempt: Attempt, bytes: Uint8Array, offset: number, length: number): void {
    const followers = this.pending.release(query, attempt.pendingKey);
    const { scratch } = this.context;
    assert(length >= HEADER_BYTES && offset !== scratch.offset);
    while (followers.length > 0) {
      const follower = followers.pop()!;
      scratch.bytes.set(bytes.subarray(offset, offset + length), scratch.offset);
      follower.joined = true;
      follower.resume(follower.answer('forward', scratch.bytes, scratch.offset, length));
    }
  }

  failed(exchange: Exchange, error: string): void {
    const query = exchange.subject as Query;
    const attempt = query.attempt as Attempt;
    attempt.error = error;
    attempt.server!.health.check();
    const more = attempt.down < this.servers.length;
    const step = more ? this.tryNext(query, attempt) : query.fail(Rcode.SERVFAIL, error);
    if (step !== Step.WAIT) this.finish(query, attempt, step);
  }

  /** It failed: so did all who waited with it. */
  private finish(query: Query, attempt: Attempt, step: Step): void {
    const followers = this.pending.release(query, attempt.pendingKey);
    while (followers.length > 0) {
      const follower = followers.pop()!;
      follower.resume(follower.fail(query.rcode, query.error));
    }
    this.done(query, attempt, step);
  }

  private done(query: Query, attempt: Attempt, step: Step): void {
    this.inFlight--;
    attempt.server = undefined;
    query.attempt = undefined;
    this.attempts.push(attempt);
    query.resume(step);
  }

  close(): void {
    for (const { health } of this.servers) health.close();
  }
}
