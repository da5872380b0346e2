/**
 * One worker: the rooms of the data path put together, and the loop.
 *
 *   wait ─▶ events: questions, answers of upstreams, mail ─▶ deadlines ─▶ what was put off: send in batches ─▶ wait …
 *
 * The loop does not return to libuv while it runs; mail from main is read when the wake-up descriptor says so.
 */
import type { MessageToMain, MessageToWorker, WorkerData } from '../agent/messages';
import type { Scratch } from '../chain/context';
import { type Query, TCP, UDP } from '../chain/query';
import type { Block } from '../chain/route';
import { type Arena, mapArena } from '../kernel/arena';
import { Batch } from '../kernel/batch';
import { Blocks } from '../kernel/blocks';
import type { Clock } from '../kernel/clock';
import { checkLayout } from '../kernel/layout';
import { EPOLLIN, type Libc } from '../kernel/libc';
import { Poller } from '../kernel/poller';
import { Random } from '../kernel/random';
import { Reactor, type Watcher } from '../kernel/reactor';
import { sockaddrPort, sockaddrText } from '../kernel/sockaddr';
import { isWildcard, Sockets } from '../kernel/socket';
import { Timer, Timers } from '../kernel/timers';
import { MESSAGE_BYTES_MAX, UPSTREAM_CONNECTIONS_ALL_MAX } from '../limits';
import { NameHash } from '../memory/hash';
import { Counters } from '../observe/counters';
import type { UpstreamEnvironment } from '../upstream/environment';
import { Exchanges } from '../upstream/exchange';
import { Health } from '../upstream/health';
import { CONNECTION_BLOCK_BYTES } from '../upstream/tcp-connection';
import { Upstreams } from '../upstream/upstreams';
import { QueryView } from '../wire/question';
import { RecordWalk } from '../wire/record';
import { FastAnswer } from './fast-answer';
import { type CommonContext, makeBlocks, makeListener } from './handlers';
import { TurnLog } from './log';
import { Panics } from './panics';
import { type ListenerService, Server } from './server';
import { TcpService } from './tcp';
import { type ServiceEnvironment, UdpService } from './udp';

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
  private readonly data: WorkerData;
  private readonly arena: Arena;
  private readonly reactor: Reactor;
  private readonly timers: Timers;
  private readonly counters: Counters;
  private readonly log: TurnLog;
  private readonly panics: Panics;
  private readonly exchanges: Exchanges;
  private readonly upstreams: Upstreams;
  private readonly server: Server;
  private readonly tcp: TcpService;
  private readonly udp: UdpService[] = [];
  private readonly blocks: readonly Block[];
  private readonly wakeWord: number;
  private readonly grace = new Timer(() => {
    this.running = false;
  });
  private running = true;
  private stopping = false;
  /** The UDP sockets were read to their end. */
  private heard = false;

  constructor(data: WorkerData, world: WorkerWorld) {
    const { libc, clock } = world;
    this.world = world;
    this.data = data;
    this.arena = mapArena(libc, arenaBytes(data));
    checkLayout(libc, this.arena);
    this.reactor = new Reactor(libc, this.arena);
    this.timers = new Timers(clock.now());
    this.counters = new Counters(new Float64Array(data.counters), (series) => world.post({ kind: 'series', series }));
    this.log = new TurnLog(data.logBacklog, this.counters, (text, bytes) => world.post({ kind: 'log', text, bytes }));
    this.panics = new Panics(clock, this.counters, this.log);
    const { arena, reactor, timers, counters } = this;
    const hash = new NameHash(new Random().u16() | (new Random().u16() << 16));
    const sockets = new Sockets(libc, arena);
    const upstream = this.upstreamEnvironment(sockets);
    this.exchanges = upstream.exchanges;
    this.upstreams = new Upstreams(upstream, counters);
    this.server = new Server(arena, clock, hash, counters, this.panics);
    const fast = new FastAnswer(hash, clock);
    const environment = { libc, arena, clock, reactor, server: this.server, fast, view: new QueryView() };
    this.tcp = new TcpService(environment, timers, sockets, counters);
    this.blocks = makeBlocks(data.plan, this.context(hash, upstream));
    const listeners = data.plan.listeners.map((_, index) =>
      makeListener(data.plan, index, this.blocks, hash, counters),
    );
    this.listen(environment, listeners);
    this.server.outlets[UDP] = {
      deliver: (query) => this.udp[query.listener].deliver(query),
      discard: () => {}, // Nothing waits for the answer to a datagram.
    };
    this.server.outlets[TCP] = this.tcp;
    this.wakeWord = arena.allocate(8);
    reactor.add(data.wakeFd, EPOLLIN, this);
  }

  private upstreamEnvironment(sockets: Sockets): UpstreamEnvironment {
    const { arena, timers, reactor, counters } = this;
    const { libc, clock } = this.world;
    const random = new Random();
    const mismatched = counters.slot('nodelocaldns_upstream_mismatched_total');
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
      datagram: arena.allocate(MESSAGE_BYTES_MAX),
      walk: new RecordWalk(),
      mismatched: () => counters.add(mismatched, 1),
    };
  }

  private context(hash: NameHash, upstream: UpstreamEnvironment): CommonContext {
    const { arena, timers, counters, log, data } = this;
    const scratch: Scratch = { bytes: arena.u8, offset: arena.allocate(MESSAGE_BYTES_MAX) };
    return {
      servers: data.plan.listeners.map(({ label }) => label),
      libc: this.world.libc,
      arena,
      clock: this.world.clock,
      timers,
      random: upstream.random,
      hash,
      counters,
      log,
      scratch,
      upstream,
      upstreams: this.upstreams,
      hostsText: (path) => data.hosts.find((file) => file.path === path)?.text ?? '',
      loops: data.loops,
      remoteAddress: (query: Query) => sockaddrText(arena, query.peerOffset),
      remotePort: (query: Query) => sockaddrPort(arena, query.peerOffset),
      ask: (question) => this.server.ask(question),
      fatal: (text) => this.world.post({ kind: 'fatal', text }),
    };
  }

  private listen(environment: ServiceEnvironment, listeners: readonly ListenerService[]): void {
    for (const [index, listener] of listeners.entries()) {
      const { udp, tcp } = this.data.listeners[index];
      const wildcard = isWildcard(this.data.plan.listeners[index].address);
      this.udp.push(new UdpService(environment, listener, udp, wildcard));
      this.tcp.listen(listener, tcp);
    }
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
    this.log.flush();
    if (this.stopping) this.finishStop();
  }

  /** Main has woken us. */
  ready(): void {
    this.world.libc.read(this.data.wakeFd, this.arena.address(this.wakeWord), 8);
    for (let message = this.world.receive(); message !== undefined; message = this.world.receive()) this.take(message);
  }

  private take(message: MessageToWorker): void {
    if (message.kind === 'stop') {
      this.drain(message.graceMs);
      return;
    }
    for (const { handlers } of this.blocks) for (const handler of handlers) handler.receive?.(message);
  }

  /**
   * No new connections, and an end as soon as nothing is in flight. UDP is served until then: a bound socket that nobody
   * reads would swallow the questions of a whole node for as long as one upstream is slow.
   */
  private drain(graceMs: number): void {
    if (this.stopping) return;
    this.stopping = true;
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
    for (const service of this.udp) service.drain(); // What the kernel holds may start new questions: they are waited for.
    this.reactor.flush();
    if (this.server.inFlight === 0) this.running = false;
  }

  private close(): void {
    for (const { handlers } of this.blocks) for (const handler of handlers) handler.close?.();
    this.exchanges.close();
    this.upstreams.close(); // What is still in flight fails now, and is answered while the sockets are open.
    this.reactor.flush();
    this.log.flush();
    for (const service of this.udp) service.close();
    this.tcp.close();
    this.reactor.close();
  }
}

/** Memory of a worker: a sum with a line per term. Address space, not memory: pages come when they are touched. */
function arenaBytes(data: WorkerData): number {
  const upstreams = data.plan.blocks.reduce((sum, { plugins }) => sum + upstreamCount(plugins), 0);
  return (
    64 * 1024 + // layout check, reactor, sockets, wake-up word and roundings
    Poller.ARENA_BYTES +
    Sockets.ARENA_BYTES +
    data.listeners.length * Batch.ARENA_BYTES +
    Server.ARENA_BYTES +
    TcpService.ARENA_BYTES +
    Blocks.arenaBytes(CONNECTION_BLOCK_BYTES, UPSTREAM_CONNECTIONS_ALL_MAX) +
    2 * (MESSAGE_BYTES_MAX + 64) + // a datagram from upstream; an answer that a handler makes
    upstreams * Health.ARENA_BYTES
  );
}

/** Upstreams of a block's forwards, each with a health probe of its own. */
function upstreamCount(plugins: WorkerData['plan']['blocks'][number]['plugins']): number {
  let count = 0;
  for (const { name, options } of plugins) {
    if (name !== 'forward') continue;
    const { stanzas } = options as { stanzas: readonly { upstreams: readonly unknown[] }[] };
    for (const { upstreams } of stanzas) count += upstreams.length;
  }
  return count;
}
