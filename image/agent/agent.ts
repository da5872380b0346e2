/**
 * The life of the process, as two lists: what starts in which order, and what stops. Everything outside comes in as a
 * {@link World}, so that the order and the undoing are tested without a port.
 */

import type { Plan } from '../corefile/plan';
import { COUNTER_SLOTS, STOP_GRACE_MS, WORKERS } from '../limits';
import { HEALTH_PAGE, type HttpListeners, metricsPage, type Route } from '../observe/http';
import type { Log } from '../observe/log';
import type { Registry } from '../observe/registry';
import { bannerText } from './banner';
import { ConfigSync } from './config-sync';
import { type CorefileText, loadCorefile } from './configuration';
import type { Settings } from './flags';
import { healthUrl, startHealthCheck } from './health-check';
import { HostsWatch } from './hosts-watch';
import { laterLines } from './later';
import { type StartStep, type StopStep, startSteps, stopSteps } from './lifecycle';
import { parseListenAddress } from './listen-address';
import { startLoopProbe } from './loop-probe';
import type { LoopProbe, MessageToWorker } from './messages';
import { type PlanFacts, planFacts } from './plan-facts';
import { AGENT_NAME, AGENT_VERSION } from './version';
import { newLogBacklog, WorkerHandle } from './workers';
import type { Cancel, OpenedSockets, World } from './world';

/** Permissions of the pidfile. @source CoreDNS coremain/run.go */
const PIDFILE_MODE = 0o644;

/** What the agent tells whoever started it. */
export interface AgentEvents {
  /** Worker lines for stdout. @param written to be called when they are out */
  write(text: string, written: () => void): void;
  /** The process must end now, with 1; `[FATAL] TEXT` is already in the log. */
  fatal(): void;
}

/** One per process. */
export class Agent {
  private readonly settings: Settings;
  private readonly world: World;
  private readonly registry: Registry;
  private readonly log: Log;
  private readonly events: AgentEvents;
  private readonly sync: ConfigSync;
  private corefile: CorefileText = { file: '', text: null };
  private plan: Plan = { listeners: [], blocks: [] };
  private facts: PlanFacts = { metrics: [], health: [], hosts: [], loops: [], reload: false };
  private probes: LoopProbe[] = [];
  private hosts: HostsWatch | null = null;
  private sockets: OpenedSockets | null = null;
  private workers: WorkerHandle[] = [];
  private agentHttp: HttpListeners | null = null;
  private http: HttpListeners | null = null;
  private wrotePidfile = false;
  private stopping = false;
  private cancels: Cancel[] = [];

  constructor(settings: Settings, world: World, registry: Registry, log: Log, events: AgentEvents) {
    this.settings = settings;
    this.world = world;
    this.registry = registry;
    this.log = log;
    this.events = events;
    const { counters } = registry;
    this.sync = new ConfigSync(settings, {
      ...world,
      log,
      check: (corefile) =>
        void loadCorefile(
          corefile,
          settings.dnsPort,
          world.machine(() => {}),
        ),
      countSetupError: (type) => counters.add(counters.slot('coredns_nodecache_setup_errors_total', type), 1),
    });
  }

  /**
   * @returns false when {@link Agent.stop} came before the end
   * @throws Error whose message is for stderr; everything done so far is undone
   */
  start(): Promise<boolean> {
    return startSteps(this.startList(), () => this.stopping);
  }

  /** Drain and stop. @returns exit code as caddy's: 0, 3 or 4 */
  stop(): Promise<number> {
    this.stopping = true;
    return stopSteps(this.stopList(), (step, error) => this.log.error(`${step.name}: ${error.message}`));
  }

  /** Before the process ends at once: the pidfile goes, and workers are told to leave the kernel so that they can end. */
  abandon(): void {
    this.removePidfile();
    this.post({ kind: 'stop', graceMs: 0 });
  }

  /** The order of starting. */
  startList(): StartStep[] {
    return [
      { name: 'say who starts', reason: 'the first line of the log', run: () => this.announce() },
      {
        name: "open the agent's metrics",
        reason: 'first of all ports, so that errors of the following steps can be counted',
        run: () => this.openAgentMetrics(),
        undo: () => this.agentHttp?.close(),
      },
      {
        name: 'make the Corefile',
        reason: 'from its template, before it is read',
        run: () => this.makeCorefile(),
      },
      {
        name: 'load the Corefile',
        reason: 'before any socket: a mistake in it must leave no trace on the node',
        run: () => this.loadCorefile(),
      },
      {
        name: 'open the DNS sockets',
        reason: 'before the worker, which only answers; a taken port ends the start here',
        run: () => this.openSockets(),
        undo: () => this.closeSockets(),
      },
      {
        name: 'start the workers',
        reason: 'before /health, so that OK means: questions are answered',
        run: () => this.startWorkers(),
        undo: () => this.stopWorkers(0),
      },
      {
        name: 'open metrics and health',
        reason: 'when there is something to measure',
        run: () => this.openPlugins(),
        undo: () => this.http?.close(),
      },
      {
        name: 'write the pidfile',
        reason: 'others wait for it: it says that all sockets are open',
        run: () => this.writePidfile(),
        undo: () => this.removePidfile(),
      },
      {
        name: 'start checks and watches',
        reason: 'they ask what was opened above',
        run: () => this.startWatches(),
        undo: () => this.stopWatches(),
      },
      { name: 'print the banner', reason: 'it says that the start is complete', run: () => this.printBanner() },
    ];
  }

  /** The order of stopping. */
  stopList(): StopStep[] {
    return [
      {
        name: 'stop checks and watches',
        reason: 'they would report what is closed on purpose',
        exitCodeOnFailure: 4,
        run: () => this.stopWatches(),
      },
      {
        name: 'wait in lameduck mode',
        reason: 'while others learn that we go, questions and /health are answered',
        exitCodeOnFailure: 4,
        run: () => this.waitLameduck(),
      },
      {
        name: 'stop the workers',
        reason: 'questions in flight are answered before anything else is taken away',
        exitCodeOnFailure: 3,
        run: () => this.stopWorkers(STOP_GRACE_MS),
      },
      {
        name: 'close metrics and health',
        reason: 'a last scrape may see the drained counters',
        exitCodeOnFailure: 4,
        run: () => this.closeHttp(),
      },
      {
        name: 'remove the pidfile',
        reason: 'last: until here the process did something',
        exitCodeOnFailure: 4,
        run: () => this.removePidfile(),
      },
    ];
  }

  private announce(): void {
    if (!this.settings.quiet) this.log.info(`Starting ${AGENT_NAME}: ${AGENT_VERSION}`);
    for (const line of laterLines(this.settings)) this.log.warning(line);
  }

  /** Only logged when it fails, as the Go agent does: metrics are not worth a node's DNS. */
  private async openAgentMetrics(): Promise<void> {
    const text = this.settings.metricsListenAddress;
    if (text === '0' || text === '') return;
    try {
      const origin = 'the flag -metrics-listen-address';
      this.agentHttp = await this.world.openHttp([this.metricsRoute(parseListenAddress(text), origin)]);
    } catch (error) {
      this.log.error(`Failed to start metrics handler: ${(error as Error).message}`);
    }
  }

  private makeCorefile(): void {
    this.corefile = this.sync.first();
    this.log.startRunning();
  }

  private loadCorefile(): void {
    const machine = this.world.machine((line) => this.log.warning(line));
    this.plan = loadCorefile(this.corefile, this.settings.dnsPort, machine);
    this.facts = planFacts(this.plan);
    if (this.facts.reload) {
      this.log.plugin(
        'reload',
        'WARNING',
        'a changed Corefile is not picked up by this build yet: restart the process',
      );
    }
    this.probes = this.facts.loops.map(({ block, zone }) => {
      const name = `${this.world.randomDecimal()}.${this.world.randomDecimal()}.${zone}`;
      return { block, name: zone === '.' ? name.slice(0, -1) : name };
    });
  }

  private openSockets(): void {
    this.sockets = this.world.openSockets(this.plan, WORKERS);
  }

  private closeSockets(): void {
    if (this.workers.length === 0) this.sockets?.close(); // A worker closes its own.
  }

  private async startWorkers(): Promise<void> {
    this.hosts = new HostsWatch(this.facts.hosts, { ...this.world, counters: this.registry.counters, log: this.log });
    const hosts = this.hosts.readAll();
    const opened = this.sockets?.workers ?? [];
    for (const [index, { listeners, wakeFd }] of opened.entries()) {
      const counters = new SharedArrayBuffer(COUNTER_SLOTS * Float64Array.BYTES_PER_ELEMENT);
      const logBacklog = newLogBacklog();
      const data = { plan: this.plan, index, counters, listeners, wakeFd, hosts, loops: this.probes, logBacklog };
      const worker = new WorkerHandle(data, this.world, {
        log: (text, written) => this.events.write(text, written),
        fatal: (text) => this.fail(text),
      });
      this.workers.push(worker);
      this.registry.add(worker.source);
    }
    await Promise.all(this.workers.map((worker) => worker.ready()));
  }

  private async openPlugins(): Promise<void> {
    const routes: Route[] = this.facts.metrics.map(({ address, origin }) => this.metricsRoute(address, origin));
    for (const { address, origin } of this.facts.health) {
      routes.push({ address, origin, path: '/health', page: () => HEALTH_PAGE });
    }
    this.http = await this.world.openHttp(routes);
  }

  private writePidfile(): void {
    const { pidfile } = this.settings;
    if (pidfile === '') return;
    try {
      this.world.files.write(pidfile, `${this.world.processId}\n`, PIDFILE_MODE);
    } catch (error) {
      throw new Error(`-pidfile: ${(error as Error).message}; give a path in a directory that can be written to`);
    }
    this.wrotePidfile = true;
  }

  private removePidfile(): void {
    if (this.wrotePidfile) this.world.files.remove(this.settings.pidfile);
    this.wrotePidfile = false;
  }

  private startWatches(): void {
    const { clock } = this.world;
    const checkAccess = { ...this.world, counters: this.registry.counters, log: this.log };
    for (const { address } of this.facts.health) this.cancels.push(startHealthCheck(healthUrl(address), checkAccess));
    const loopAccess = { clock, exchange: this.world.exchange, post: (message: MessageToWorker) => this.post(message) };
    this.facts.loops.forEach((loop, index) => {
      this.cancels.push(startLoopProbe(this.probes[index], loop.target, loopAccess));
    });
    this.cancels.push(this.sync.watch());
    this.hosts?.start((file) => this.post({ kind: 'hosts', ...file }));
  }

  private stopWatches(): void {
    for (const cancel of this.cancels.splice(0)) cancel();
    this.hosts?.stop();
  }

  private printBanner(): void {
    if (!this.settings.quiet) this.log.raw(bannerText(this.plan));
  }

  private async waitLameduck(): Promise<void> {
    const lameduckMs = Math.max(0, ...this.facts.health.map((health) => health.lameduckMs));
    if (lameduckMs === 0 || this.http === null) return;
    this.log.plugin('health', 'INFO', `Going into lameduck mode for ${lameduckMs / 1000}s`);
    await new Promise<void>((resolve) => this.world.clock.after(lameduckMs, resolve));
  }

  private async stopWorkers(graceMs: number): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop(graceMs)));
  }

  private async closeHttp(): Promise<void> {
    await Promise.all([this.http?.close(), this.agentHttp?.close()]);
  }

  private metricsRoute(address: Route['address'], origin: string): Route {
    return { address, origin, path: '/metrics', page: () => metricsPage(this.registry.text()) };
  }

  private post(message: MessageToWorker): void {
    for (const worker of this.workers) worker.post(message);
  }

  private fail(text: string): void {
    this.log.fatal(text);
    this.events.fatal();
  }
}
