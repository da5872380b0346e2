/**
 * Configurations at work, one after another, without a question lost in between.
 *
 *   plan ─▶ handlers made ─▶ new sockets watched ─▶ kept sockets turn to the new handlers ─▶ the old configuration retires:
 *           its queries end on its own handlers, sockets that are gone are served until they are quiet, then all is closed
 *
 * A listener has a number as long as it is open, so that queries, counters and caches mean the same one under every plan.
 */
import type { ListenerDescriptors, PlanData } from '../agent/messages';
import type { Handler } from '../chain/plugin';
import type { Query } from '../chain/query';
import type { Block, Work } from '../chain/route';
import type { Plan } from '../corefile/plan';
import type { Clock } from '../kernel/clock';
import { isWildcard } from '../kernel/socket';
import { Timer, type Timers } from '../kernel/timers';
import { RETIRING_MAX, STOP_GRACE_MS } from '../limits';
import type { NameHash } from '../memory/hash';
import type { Counters } from '../observe/counters';
import type { Upstreams } from '../upstream/upstreams';
import { type CommonContext, makeBlocks, makeListener } from './handlers';
import type { ListenerService } from './server';
import { predecessors } from './succession';
import type { Acceptor, TcpService } from './tcp';
import { type ServiceEnvironment, UdpService } from './udp';

/** What generations need of their worker. */
export interface GenerationEnvironment {
  readonly services: ServiceEnvironment;
  readonly tcp: TcpService;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly hash: NameHash;
  readonly counters: Counters;
  readonly upstreams: Upstreams;
  /** Listeners there is memory for, those that are being closed included. */
  readonly listenersMax: number;
  /** Health probes there is memory for at the moment. */
  readonly probesFree: () => number;
  /** The context of a plan's handlers. @param servers labels by listener number */
  context(data: PlanData, servers: readonly string[]): CommonContext;
}

/** An open listener. */
interface Seat {
  readonly number: number;
  readonly label: string;
  readonly udp: UdpService;
  readonly acceptor: Acceptor;
}

/** A plan and what was made of it. */
interface Generation {
  readonly plan: Plan;
  readonly blocks: readonly Block[];
  readonly work: Work;
  /** Its upstreams are marked with this number or a later one. */
  readonly mark: number;
}

/** A configuration that has a successor. */
interface Retiring {
  readonly generation: Generation;
  /** Listeners that its successor does not have. */
  readonly gone: readonly Seat[];
  readonly deadlineMs: number;
  readonly timer: Timer;
  drained: boolean;
}

export class Generations {
  private readonly environment: GenerationEnvironment;
  /** By number; a hole is free. */
  private readonly seats: (Seat | undefined)[] = [];
  private current: Generation | undefined;
  private readonly retiring: Retiring[] = [];

  constructor(environment: GenerationEnvironment) {
    this.environment = environment;
  }

  /** May another plan be taken now? Else when {@link sweep} has ended an older one. */
  get hasRoom(): boolean {
    return this.retiring.length < RETIRING_MAX;
  }

  /** Is something left for {@link sweep} to end? */
  get isRetiring(): boolean {
    return this.retiring.length > 0;
  }

  /** Handlers of all configurations that are not closed yet. */
  *handlers(): Iterable<Handler> {
    const all = this.retiring.map(({ generation }) => generation);
    if (this.current !== undefined) all.push(this.current);
    for (const { blocks } of all) for (const { handlers } of blocks) yield* handlers;
  }

  /** UDP services of all open listeners. */
  *udp(): Iterable<UdpService> {
    for (const seat of this.seats) if (seat !== undefined) yield seat.udp;
  }

  /** An answer that took the long way leaves by the socket its question came in by. */
  deliver(query: Query): void {
    this.seats[query.listener]?.udp.deliver(query);
  }

  /**
   * Serve by this plan from now on.
   * @throws Error when it cannot be served; then all is as before, and no new descriptor is watched any more
   */
  take(data: PlanData): void {
    const { environment, current } = this;
    const kept = this.keptSeats(data.plan);
    const numbers = this.numbersFor(kept);
    this.checkRoom(data.plan, kept);
    const servers: string[] = [];
    for (const seat of this.seats) if (seat !== undefined) servers[seat.number] = seat.label;
    for (const [index, { label }] of data.plan.listeners.entries()) servers[numbers[index]] = label;
    const work: Work = { queries: 0 };
    const mark = environment.upstreams.begin();
    environment.counters.clear('coredns_plugin_enabled');
    const heirs = current === undefined ? [] : predecessors(current.plan, data.plan);
    const blocks = makeBlocks(data.plan, environment.context(data, servers), {
      numbers,
      work,
      predecessor: (block) => current?.blocks[heirs[block] ?? -1],
    });
    const { hash, counters } = environment;
    const listeners = numbers.map((number, index) => makeListener(data.plan, index, number, blocks, hash, counters));
    const opened = this.open(data, listeners, kept, blocks);
    for (const [index, seat] of kept.entries()) if (seat !== undefined) turn(seat, listeners[index]);
    const gone = this.seats.filter((seat) => seat !== undefined && !kept.includes(seat) && !this.isGone(seat));
    for (const seat of opened) this.seats[seat.number] = seat;
    this.current = { plan: data.plan, blocks, work, mark };
    if (current !== undefined) this.retire(current, gone as Seat[]);
  }

  /** The open listener of each of the plan's, where there is one that stays. */
  private keptSeats(plan: Plan): (Seat | undefined)[] {
    return plan.listeners.map(({ label }) =>
      this.seats.find((seat) => seat !== undefined && seat.label === label && !this.isGone(seat)),
    );
  }

  private isGone(seat: Seat): boolean {
    return this.retiring.some(({ gone }) => gone.includes(seat));
  }

  private numbersFor(kept: readonly (Seat | undefined)[]): number[] {
    let free = 0;
    return kept.map((seat) => {
      if (seat !== undefined) return seat.number;
      while (this.seats[free] !== undefined) free++;
      return free++;
    });
  }

  private checkRoom(plan: Plan, kept: readonly (Seat | undefined)[]): void {
    const { listenersMax, probesFree } = this.environment;
    const open = this.seats.filter((seat) => seat !== undefined).length;
    const wanted = open + kept.filter((seat) => seat === undefined).length;
    if (wanted > listenersMax) throw new Error(tooMuch(`${wanted} listeners, old ones included,`, listenersMax));
    const probes = upstreamCount(plan);
    if (probes > probesFree()) throw new Error(tooMuch(`${probes} upstreams`, probesFree()));
  }

  /** Watch the new sockets. When one cannot be, none of them is. */
  private open(
    data: PlanData,
    listeners: readonly ListenerService[],
    kept: readonly (Seat | undefined)[],
    blocks: readonly Block[],
  ): Seat[] {
    const opened: Seat[] = [];
    try {
      for (const [index, listener] of listeners.entries()) {
        if (kept[index] !== undefined) continue;
        const descriptors = data.listeners[index];
        if (descriptors === null) throw new Error(`${data.plan.listeners[index].label} has no sockets`);
        opened.push(this.openSeat(data.plan.listeners[index], listener, descriptors));
      }
    } catch (error) {
      for (const { udp, acceptor } of opened) {
        udp.leave();
        acceptor.leave();
      }
      for (const { handlers } of blocks) for (const handler of handlers) handler.close?.();
      throw error;
    }
    return opened;
  }

  private openSeat(
    { address, label }: Plan['listeners'][number],
    listener: ListenerService,
    descriptors: ListenerDescriptors,
  ): Seat {
    const udp = new UdpService(this.environment.services, listener, descriptors.udp, isWildcard(address));
    try {
      return {
        number: listener.index,
        label,
        udp,
        acceptor: this.environment.tcp.listen(listener, descriptors.tcp),
      };
    } catch (error) {
      udp.leave();
      throw error;
    }
  }

  /** Its queries go on; TCP sockets that are gone accept no more, UDP sockets are heard until they are quiet. */
  private retire(generation: Generation, gone: readonly Seat[]): void {
    const { tcp, timers, clock } = this.environment;
    for (const { acceptor } of gone) {
      acceptor.drain();
      tcp.drainClients(acceptor);
    }
    const deadlineMs = clock.now() + STOP_GRACE_MS;
    const timer = new Timer(() => {}); // Wakes the loop, whose turn ends with a sweep.
    timers.start(timer, deadlineMs);
    this.retiring.push({ generation, gone, deadlineMs, timer, drained: false });
  }

  /** End of a turn: end what has nothing left to do. */
  sweep(): void {
    const now = this.environment.clock.now();
    for (const one of [...this.retiring]) {
      const { work } = one.generation;
      if (!one.drained && (work.queries === 0 || now >= one.deadlineMs)) {
        one.drained = true;
        for (const { udp } of one.gone) udp.drain(); // What the kernel holds may start new queries: they are waited for.
      }
      if (one.drained && work.queries === 0) this.end(one);
    }
  }

  private end(one: Retiring): void {
    const { timers, upstreams } = this.environment;
    this.retiring.splice(this.retiring.indexOf(one), 1);
    timers.stop(one.timer);
    for (const { number, udp } of one.gone) {
      udp.close();
      this.seats[number] = undefined;
    }
    for (const { handlers } of one.generation.blocks) for (const handler of handlers) handler.close?.();
    const marks = this.retiring.map(({ generation }) => generation.mark);
    upstreams.closeUnused(Math.min(this.current?.mark ?? 0, ...marks));
  }
}

function turn({ udp, acceptor }: Seat, listener: ListenerService): void {
  udp.serve(listener);
  acceptor.listener = listener;
}

function tooMuch(what: string, room: number): string {
  return `${what} do not fit into the memory this process took at its start (${room}); restart it`;
}

/** Upstreams of a plan's forwards, each with a health probe of its own. */
export function upstreamCount(plan: Plan): number {
  let count = 0;
  for (const { plugins } of plan.blocks) {
    for (const { name, options } of plugins) {
      if (name !== 'forward') continue;
      const { stanzas } = options as { stanzas: readonly { upstreams: readonly unknown[] }[] };
      for (const { upstreams } of stanzas) count += upstreams.length;
    }
  }
  return count;
}
