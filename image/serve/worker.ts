/**
 * One worker: the rooms of the data path put together, and the loop.
 *
 *   wait ─▶ events: questions, answers of upstreams, mail ─▶ deadlines ─▶ what was put off: send in batches ─▶ wait …
 *
 * The loop does not return to libuv while it runs; mail from main is read when the wake-up descriptor says so.
 */
import type { MessageToMain, MessageToWorker, PlanData, TapFrame, WorkerData } from '../agent/messages';
import type { Scratch } from '../chain/context';
import { type Query, TCP, UDP } from '../chain/query';
import type { Plan } from '../corefile/plan';
import { type Arena, mapArena } from '../kernel/arena';
import { ArenaPool } from '../kernel/arena-pool';
import { Batch } from '../kernel/batch';
import { Blocks } from '../kernel/blocks';
import type { Clock } from '../kernel/clock';
import { checkLayout } from '../kernel/layout';
import { EPOLLIN, type Libc } from '../kernel/libc';
import { Poller } from '../kernel/poller';
import { Random } from '../kernel/random';
import { Reactor, type Watcher } from '../kernel/reactor';
import { sockaddrPort, sockaddrText } from '../kernel/sockaddr';
import { Sockets } from '../kernel/socket';
import { Timer, Timers } from '../kernel/timers';
import { LISTENERS_MIN, MESSAGE_BYTES_MAX, PROBES_MIN, UPSTREAM_CONNECTIONS_ALL_MAX, WARM_UP_MS } from '../limits';
import { NameHash } from '../memory/hash';
import { Counters } from '../observe/counters';
import type { MetricName } from '../observe/metrics';
import { Profiler } from '../observe/profiler';
import { NO_HOSTS } from '../plugin/hosts/pack';
import type { TraceReport } from '../plugin/trace/report';
import type { UpstreamEnvironment } from '../upstream/environment';
import { Exchanges } from '../upstream/exchange';
import { Health } from '../upstream/health';
import { CONNECTION_BLOCK_BYTES } from '../upstream/tcp-connection';
import { Upstreams } from '../upstream/upstreams';
import { QueryView } from '../wire/question';
import { RecordWalk } from '../wire/record';
import { FastAnswer } from './fast-answer';
import { Generations, upstreamCount } from './generations';
import type { CommonContext } from './handlers';
import { TurnLog } from './log';
import { Mismatches } from './mismatches';
import { Panics } from './panics';
import { Sampler } from './sampler';
import { Server } from './server';
import { TcpService } from './tcp';
import { TurnReports } from './turn-reports';

/** The outside of a worker; tests put fakes here. */
export interface WorkerWorld {
  readonly libc: Libc;
  readonly clock: Clock;
  post(message: MessageToMain): void;
  /** Next message from main, if one is there. */
  receive(): MessageToWorker | undefined;
}

/** Looks for events before what was put off is sent: bounds how long an answer waits for its neighbours. */
const ROUNDS_PER_TURN = 4;

export class Worker implements Watcher {
  private readonly world: WorkerWorld;
  private readonly data: Pick<WorkerData, 'wakeFd'>;
  private readonly arena: Arena;
  private readonly reactor: Reactor;
  private readonly timers: Timers;
  private readonly counters: Counters;
  private readonly log: TurnLog;
  private readonly traces: TurnReports<TraceReport>;
  private readonly taps: TurnReports<TapFrame>;
  private readonly panics: Panics;
  private readonly sampler: Sampler;
  private readonly exchanges: Exchanges;
  private readonly upstreams: Upstreams;
  private readonly server: Server;
  private readonly tcp: TcpService;
  private readonly generations: Generations;
  private readonly arenas: ArenaPool;
  private readonly profiler = new Profiler();
  /** Where handlers put answers together. */
  private readonly scratch: Scratch;
  /** A plan that came while older ones had still much to do. */
  private nextPlan: PlanData | undefined;
  private readonly wakeWord: number;
  private readonly grace = new Timer(() => {
    this.running = false;
  });
  private readonly warmUp = new Timer(() => this.endWarmUp());
  private running = true;
  private stopping = false;
  /** The UDP sockets were read to their end. */
  private heard = false;

  constructor(data: WorkerData, world: WorkerWorld) {
    const { libc, clock } = world;
    this.world = world;
    this.data = data;
    const listenersMax = Math.max(LISTENERS_MIN, 2 * data.plan.listeners.length);
    const probesMax = Math.max(PROBES_MIN, 4 * upstreamCount(data.plan));
    this.arena = mapArena(libc, arenaBytes(listenersMax, probesMax));
    this.arenas = new ArenaPool(libc);
    checkLayout(libc, this.arena);
    this.reactor = new Reactor(libc, this.arena);
    this.timers = new Timers(clock.now());
    this.counters = new Counters(new Float64Array(data.counters), (series) => world.post({ kind: 'series', series }));
    this.log = new TurnLog(data.logBacklog, this.counters, (text, bytes) => world.post({ kind: 'log', text, bytes }));
    const { reportsWaiting } = data;
    this.traces = new TurnReports(
      reportsWaiting,
      (reports) => world.post({ kind: 'traces', reports }),
      ({ spans }) => this.countDropped('nodelocaldns_trace_spans_dropped_total', spans.length),
    );
    this.taps = new TurnReports(
      reportsWaiting,
      (frames) => world.post({ kind: 'taps', frames }),
      () => this.countDropped('nodelocaldns_dnstap_messages_dropped_total', 1),
    );
    this.panics = new Panics(clock, this.counters, this.log);
    const { arena, reactor, timers, counters } = this;
    const hash = new NameHash(new Random().u16() | (new Random().u16() << 16));
    const sockets = new Sockets(libc, arena);
    const upstream = this.upstreamEnvironment(sockets, probesMax);
    this.exchanges = upstream.exchanges;
    this.upstreams = new Upstreams(upstream, counters);
    this.sampler = new Sampler(arena, clock, hash);
    this.server = new Server(arena, clock, hash, counters, this.panics, this.sampler);
    const fast = new FastAnswer(hash, clock);
    const services = {
      libc,
      arena,
      clock,
      reactor,
      server: this.server,
      fast,
      sockets,
      sampler: this.sampler,
      view: new QueryView(),
      batches: [],
    };
    this.tcp = new TcpService(services, timers, sockets, counters);
    this.scratch = { bytes: arena.u8, offset: arena.allocate(MESSAGE_BYTES_MAX) };
    this.generations = new Generations({
      ...{ services, tcp: this.tcp, clock, timers, hash, counters, upstreams: this.upstreams, listenersMax },
      probesFree: () => upstream.probeBlocks.freeCount,
      context: (plan, servers) => this.context(plan, servers, hash, upstream),
    });
    this.generations.take(data);
    this.setDebug(data.plan);
    this.server.outlets[UDP] = {
      deliver: (query) => this.generations.deliver(query),
      discard: () => {}, // Nothing waits for the answer to a datagram.
    };
    this.server.outlets[TCP] = this.tcp;
    this.wakeWord = arena.allocate(8);
    reactor.add(data.wakeFd, EPOLLIN, this);
  }

  private upstreamEnvironment(sockets: Sockets, probesMax: number): UpstreamEnvironment {
    const { arena, timers, reactor, counters } = this;
    const { libc, clock } = this.world;
    const random = new Random();
    const mismatches = new Mismatches(clock, counters, this.log);
    return {
      libc,
      arena,
      clock,
      timers,
      reactor,
      sockets,
      random,
      exchanges: new Exchanges(clock, timers, random),
      connectionBlocks: new Blocks(arena, CONNECTION_BLOCK_BYTES, UPSTREAM_CONNECTIONS_ALL_MAX),
      probeBlocks: new Blocks(arena, Health.ARENA_BYTES, probesMax),
      datagram: arena.allocate(MESSAGE_BYTES_MAX),
      walk: new RecordWalk(),
      openTls: (open) => this.world.post({ kind: 'tls-open', ...open }),
      mismatched: (offset, length) => mismatches.note(arena.u8, offset, length),
    };
  }

  private context(
    { hosts, loops }: PlanData,
    servers: readonly string[],
    hash: NameHash,
    upstream: UpstreamEnvironment,
  ): CommonContext {
    const { arena, arenas, timers, counters, log, scratch } = this;
    return {
      servers,
      libc: this.world.libc,
      arena,
      arenas,
      clock: this.world.clock,
      timers,
      random: upstream.random,
      hash,
      counters,
      log,
      scratch,
      upstream,
      upstreams: this.upstreams,
      hostsFile: (path) => hosts.find((file) => file.path === path)?.pack ?? NO_HOSTS,
      loops,
      remoteAddress: (query: Query) => sockaddrText(arena, query.peerOffset),
      remotePort: (query: Query) => sockaddrPort(arena, query.peerOffset),
      ask: (question) => this.server.ask(question),
      report: (report) => this.traces.add(report),
      tap: (key, frame) => this.taps.add({ key, frame }),
      fatal: (text) => this.world.post({ kind: 'fatal', text }),
    };
  }

  /** Serve until told to stop and done with it. */
  run(): void {
    this.world.post({ kind: 'ready' });
    while (this.running) this.turn();
    this.close();
    this.world.post({ kind: 'stopped' });
  }

  /** One turn of the loop. */
  turn(): void {
    const { reactor, timers, world } = this;
    try {
      let events = reactor.turn(timers.delay(world.clock.now()));
      // Under load the next events are there already: taken together they leave in fewer, larger sends.
      for (let round = 1; round < ROUNDS_PER_TURN && events > 0 && reactor.holdsBack; round++) events = reactor.turn(0);
      timers.sweep(world.clock.now());
      reactor.flush();
    } catch (error) {
      this.panics.recovered(error);
    }
    if (this.generations.isRetiring) this.endOldPlans();
    this.log.flush();
    this.traces.flush();
    this.taps.flush();
    if (this.warmUp.running && !this.upstreams.isConnecting) this.endWarmUp();
    if (this.stopping) this.finishStop();
  }

  /** Main has woken us. */
  ready(): void {
    this.world.libc.read(this.data.wakeFd, this.arena.address(this.wakeWord), 8);
    for (let message = this.world.receive(); message !== undefined; message = this.world.receive()) this.take(message);
  }

  private take(message: MessageToWorker): void {
    if (message.kind === 'ping') this.world.post({ kind: 'pong' });
    else if (message.kind === 'stop') this.drain(message.graceMs);
    else if (message.kind === 'hand-over') for (const service of this.generations.udp()) service.deafen();
    else if (message.kind === 'plan') this.takePlan(message);
    else if (message.kind === 'sample') this.sampler.use(message.ring);
    else if (message.kind === 'profile-start' || message.kind === 'profile-stop') this.takeProfile(message);
    else for (const handler of this.generations.handlers()) handler.receive?.(message);
    if (message.kind === 'warm-up') this.timers.start(this.warmUp, this.world.clock.now() + WARM_UP_MS);
  }

  /** Connections are open, have failed, or have taken too long. */
  private endWarmUp(): void {
    this.timers.stop(this.warmUp);
    this.upstreams.endWarmUp();
    this.world.post({ kind: 'warmed-up' });
  }

  /** Main posts one plan at a time and waits for what becomes of it. */
  private takePlan(data: PlanData): void {
    if (this.stopping) {
      this.world.post({ kind: 'plan-refused', reason: 'the process stops' });
      return;
    }
    if (!this.generations.hasRoom) {
      this.nextPlan = data;
      return;
    }
    try {
      this.generations.take(data);
    } catch (error) {
      this.world.post({ kind: 'plan-refused', reason: (error as Error).message });
      return;
    }
    this.setDebug(data.plan);
    this.world.post({ kind: 'plan-taken' });
  }

  /** Main is too slow for what is to be told. */
  private countDropped(metric: MetricName, count: number): void {
    this.counters.add(this.counters.slot(metric, 'main'), count);
  }

  /** What fails is told with the end: main waits for it. */
  private takeProfile(message: MessageToWorker & { kind: 'profile-start' | 'profile-stop' }): void {
    try {
      if (message.kind === 'profile-start') this.profiler.start(message.what);
      else this.world.post({ kind: 'profile', text: this.profiler.stop(), error: '' });
    } catch (error) {
      this.profiler.abandon();
      this.world.post({ kind: 'profile', text: '', error: (error as Error).message });
    }
  }

  /** A setting of the process: CoreDNS's log knows no servers. */
  private setDebug({ blocks }: Plan): void {
    const debug = blocks.some(({ plugins }) => plugins.some(({ name }) => name === 'debug'));
    this.log.debug = debug;
    this.panics.debug = debug;
  }

  private endOldPlans(): void {
    try {
      this.generations.sweep();
    } catch (error) {
      this.panics.recovered(error);
    }
    const data = this.nextPlan;
    if (data === undefined || !this.generations.hasRoom) return;
    this.nextPlan = undefined;
    this.takePlan(data);
  }

  /**
   * No new connections, and an end as soon as nothing is in flight. UDP is served until then: a bound socket that nobody
   * reads would swallow the questions of a whole node for as long as one upstream is slow.
   */
  private drain(graceMs: number): void {
    if (this.stopping) return;
    this.stopping = true;
    if (this.nextPlan !== undefined) this.world.post({ kind: 'plan-refused', reason: 'the process stops' });
    this.nextPlan = undefined;
    this.timers.start(this.grace, this.world.clock.now() + graceMs);
    this.tcp.drain();
  }

  private finishStop(): void {
    if (this.server.inFlight > 0 || this.tcp.connections > 0) return;
    if (this.heard) {
      this.running = false;
      return;
    }
    this.heard = true;
    for (const service of this.generations.udp()) service.drain(); // What the kernel holds may start new questions: they are waited for.
    this.reactor.flush();
    if (this.server.inFlight === 0) this.running = false;
  }

  private close(): void {
    for (const handler of this.generations.handlers()) handler.close?.();
    this.exchanges.close();
    this.upstreams.close(); // What is still in flight fails now, and is answered while the sockets are open.
    this.reactor.flush();
    this.log.flush();
    this.traces.flush();
    this.taps.flush();
    for (const service of this.generations.udp()) service.close();
    this.tcp.close();
    this.reactor.close();
  }
}

/**
 * Memory of a worker: a sum with a line per term. Address space, not memory: pages come when they are touched. It is made
 * once, so what later plans may need is in it: the reload that needs more is refused.
 */
function arenaBytes(listenersMax: number, probesMax: number): number {
  return (
    64 * 1024 + // layout check, reactor, sockets, wake-up word and roundings
    Poller.ARENA_BYTES +
    Sockets.ARENA_BYTES +
    listenersMax * Batch.ARENA_BYTES +
    Server.ARENA_BYTES +
    TcpService.ARENA_BYTES +
    Blocks.arenaBytes(CONNECTION_BLOCK_BYTES, UPSTREAM_CONNECTIONS_ALL_MAX) +
    2 * (MESSAGE_BYTES_MAX + 64) + // a datagram from upstream; an answer that a handler makes
    Blocks.arenaBytes(Health.ARENA_BYTES, probesMax)
  );
}
