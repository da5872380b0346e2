/**
 * The plan that is running, and how another one takes its place:
 *
 *   load ─▶ open new sockets ─▶ open new HTTP ports ─▶ read files ─▶ workers take it ─▶ the rest of main follows
 *     └────────────┴── a failure in any of these takes back what was opened; the old plan serves on ──┘
 */
import type { Plan } from '../corefile/plan';
import { COUNTER_SLOTS, WORKERS } from '../limits';
import type { HttpChange, HttpListeners } from '../observe/http';
import type { Log } from '../observe/log';
import type { Registry } from '../observe/registry';
import { type CorefileText, loadCorefile } from './configuration';
import { httpRoutes } from './http-routes';
import type { ListenerDescriptors, MessageToWorker, PlanData } from './messages';
import { type PlanFacts, planFacts } from './plan-facts';
import { PlanServices, type PreparedServices } from './plan-services';
import { Profiles } from './profiles';
import { Taps } from './taps';
import { Tracers } from './tracers';
import { newBacklog, type WorkerEvents, WorkerHandle } from './workers';
import type { MoreSockets, OpenedSockets, World } from './world';

/** What a running plan needs. */
export interface RunningAccess {
  readonly world: World;
  readonly registry: Registry;
  readonly log: Log;
  readonly dnsPort: number;
  readonly workerEvents: Pick<WorkerEvents, 'log' | 'fatal'>;
  /** Why questions do not reach this process; '' when they do. */
  unreachable(): string;
}

const NO_FACTS: PlanFacts = {
  metrics: [],
  health: [],
  ready: [],
  pprof: [],
  traces: [],
  taps: [],
  hosts: [],
  loops: [],
  reload: null,
};

/** One per process. */
export class Running {
  private readonly access: RunningAccess;
  private readonly services: PlanServices;
  private sockets: OpenedSockets | null = null;
  private workers: WorkerHandle[] = [];
  private http: HttpListeners | null = null;
  private prepared: PreparedServices | null = null;
  private readonly profiles: Profiles;
  private readonly tracers: Tracers;
  private readonly taps: Taps;
  /** The process was told to stop: /ready says so. */
  isStopping = false;
  plan: Plan = { listeners: [], blocks: [] };
  facts: PlanFacts = NO_FACTS;

  constructor(access: RunningAccess) {
    this.access = access;
    const { world, registry, log } = access;
    this.profiles = new Profiles({
      clock: world.clock,
      commandLine: world.commandLine,
      post: (message) => this.workers[0]?.post(message),
    });
    this.taps = new Taps({ world, counters: registry.counters, log });
    this.tracers = new Tracers({ world, counters: registry.counters, log });
    this.services = new PlanServices({
      world,
      log,
      counters: registry.counters,
      post: (message) => this.post(message),
    });
  }

  /** Read the first plan. @throws Error */
  load(corefile: CorefileText): void {
    this.plan = this.planOf(corefile);
    this.facts = planFacts(this.plan);
  }

  private planOf(corefile: CorefileText): Plan {
    const { world, log, dnsPort } = this.access;
    return loadCorefile(
      corefile,
      dnsPort,
      world.machine((line) => log.warning(line)),
    );
  }

  /** Open its DNS sockets. @throws Error in CoreDNS's words */
  openSockets(): void {
    this.sockets = this.access.world.openSockets(this.plan, WORKERS);
  }

  closeSockets(): void {
    if (this.workers.length === 0) this.sockets?.close(); // A worker closes its own.
  }

  /** Start the workers. @throws Error when one does not start */
  async startWorkers(): Promise<void> {
    const { world, registry, workerEvents } = this.access;
    const prepared = this.services.prepare(this.plan, this.facts);
    this.prepared = prepared;
    const { plan, hosts, loops } = prepared;
    for (const [index, { listeners, wakeFd }] of (this.sockets?.workers ?? []).entries()) {
      const counters = new SharedArrayBuffer(COUNTER_SLOTS * Float64Array.BYTES_PER_ELEMENT);
      const data = {
        plan,
        index,
        counters,
        listeners,
        wakeFd,
        hosts,
        loops,
        logBacklog: newBacklog(),
        reportsWaiting: newBacklog(),
      };
      const worker = new WorkerHandle(data, world, {
        ...workerEvents,
        profile: (text, error) => this.profiles.receive(text, error),
        traces: (reports) => this.tracers.take(reports),
        taps: (frames) => this.taps.take(frames),
      });
      this.workers.push(worker);
      registry.add(worker.source);
    }
    await Promise.all(this.workers.map((worker) => worker.ready()));
  }

  /** Open metrics and health. @throws HttpListenError */
  async openHttp(): Promise<void> {
    this.http = await this.access.world.openHttp(this.routes(this.facts));
  }

  private routes(facts: PlanFacts): ReturnType<typeof httpRoutes> {
    const { registry, log, unreachable } = this.access;
    const { profiles } = this;
    const notReady = (): string => (this.isStopping ? 'Shutting down' : unreachable());
    return httpRoutes(facts, { metricsText: () => registry.text(), notReady, profiles }, log);
  }

  async closeHttp(): Promise<void> {
    await this.http?.close();
  }

  get isHttpOpen(): boolean {
    return this.http !== null;
  }

  startServices(): void {
    if (this.prepared !== null) this.services.commit(this.prepared);
    void this.tracers.commit(this.facts.traces);
    void this.taps.commit(this.facts.taps);
  }

  stopServices(): void {
    this.services.stop();
  }

  /** @throws Error when a worker does not end in time */
  async stopWorkers(graceMs: number): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop(graceMs)));
    await Promise.all([this.tracers.close(), this.taps.close()]); // With what the last queries reported.
  }

  /** Have workers open connections to upstreams. Resolves after a while in any case. */
  async warmUp(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.warmUp()));
  }

  post(message: MessageToWorker): void {
    for (const worker of this.workers) worker.post(message);
  }

  /**
   * Serve by another Corefile from now on.
   * @param mayGoOn asked before the workers get it: a stop may have come meanwhile
   * @throws Error in CoreDNS's words; then the plan before serves on, untouched
   */
  async change(corefile: CorefileText, mayGoOn: () => boolean): Promise<void> {
    const { world } = this.access;
    const plan = this.planOf(corefile);
    const facts = planFacts(plan);
    const served = new Set(this.plan.listeners.map(({ label }) => label));
    const opened = world.openMoreSockets(
      plan.listeners.filter(({ label }) => !served.has(label)),
      WORKERS,
    );
    let http: HttpChange | undefined;
    let prepared: PreparedServices;
    try {
      http = await this.http?.change(this.routes(facts));
      prepared = this.services.prepare(plan, facts);
      if (!mayGoOn()) throw new Error('the process stops');
      await this.handOver(prepared, served, opened);
    } catch (error) {
      opened.close();
      await http?.abandon();
      throw error;
    }
    this.plan = plan;
    this.facts = facts;
    this.services.commit(prepared);
    await Promise.all([http?.commit(), this.tracers.commit(facts.traces), this.taps.commit(facts.taps)]);
  }

  /** All workers have the same room and the same plan: where one takes it the others do. */
  private async handOver(
    { plan, hosts, loops }: PreparedServices,
    served: ReadonlySet<string>,
    opened: MoreSockets,
  ): Promise<void> {
    await Promise.all(
      this.workers.map((worker, index) => {
        const more = opened.workers[index].values();
        const listeners = plan.listeners.map(({ label }): ListenerDescriptors | null =>
          served.has(label) ? null : (more.next().value ?? null),
        );
        const data: PlanData = { plan, listeners, hosts, loops };
        return worker.takePlan(data);
      }),
    );
  }
}
