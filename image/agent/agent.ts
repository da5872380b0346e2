/**
 * The life of the process, as two lists: what starts in which order, and what stops. Everything outside comes in as a
 * {@link World}, so that the order and the undoing are tested without a port.
 */

import { fileErrorText } from '../corefile/environment';
import { corefileFingerprint } from '../corefile/fingerprint';
import { STOP_GRACE_MS } from '../limits';
import { type HttpListeners, metricsPage, type Route } from '../observe/http';
import type { Log } from '../observe/log';
import type { Registry } from '../observe/registry';
import { versionText, zonesText } from './banner';
import { ConfigHistory } from './config-history';
import { ConfigSync } from './config-sync';
import { type CorefileText, corefileText, loadCorefile } from './configuration';
import type { ControlAccess, ControlPort } from './control';
import type { Settings } from './flags';
import { type StartStep, type StopStep, startSteps, stopSteps } from './lifecycle';
import { parseListenAddress } from './listen-address';
import { NodeNetwork } from './node-network';
import type { RecentLines } from './recent-lines';
import { Reloads } from './reload';
import { Running } from './running';
import { lookUpLater, UpstreamNames } from './upstream-names';
import { AGENT_NAME, AGENT_VERSION } from './version';
import type { Cancel, World } from './world';

/** Permissions of the pidfile. @source CoreDNS coremain/run.go */
const PIDFILE_MODE = 0o644;

/** What the agent tells whoever started it. */
export interface AgentEvents {
  /** The last warnings and errors of the log. */
  readonly recent?: RecentLines;
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
  private readonly running: Running;
  private readonly reloads: Reloads;
  private readonly names: UpstreamNames;
  private readonly node: NodeNetwork;
  private readonly history: ConfigHistory;
  private readonly control: ControlPort;
  private corefile: CorefileText = { file: '', text: null };
  private agentHttp: HttpListeners | null = null;
  private wrotePidfile = false;
  private stopping = false;
  private cancelSync: Cancel = () => {};

  constructor(settings: Settings, world: World, registry: Registry, log: Log, events: AgentEvents) {
    this.world = world;
    this.registry = registry;
    this.log = log;
    this.events = events;
    const { counters } = registry;
    this.node = new NodeNetwork(settings, {
      ...{ ports: world.node, environment: world.environment, clock: world.clock, counters, log },
      handOver: () => this.running.post({ kind: 'hand-over' }),
    });
    this.settings = { ...settings, localIps: this.node.addresses };
    this.sync = new ConfigSync(this.settings, {
      ...world,
      log,
      check: (corefile) =>
        void loadCorefile(
          corefile,
          settings.dnsPort,
          world.machine(() => {}),
        ),
      countSetupError: (type) => counters.add(counters.slot('coredns_nodecache_setup_errors_total', type), 1),
      countFailedReload: () => counters.add(counters.slot('coredns_reload_failed_total'), 1),
    });
    this.running = this.makeRunning();
    this.history = new ConfigHistory((corefile) => {
      const machine = world.machine(() => {});
      return corefileFingerprint(corefileText(corefile, machine), corefile.file, machine);
    });
    this.control = world.control(this.controlAccess());
    this.reloads = this.makeReloads();
    this.names = new UpstreamNames({
      clock: world.clock,
      plan: () => this.running.plan,
      lookUp: lookUpLater,
      reload: (reason) => this.reload(reason),
    });
  }

  private makeRunning(): Running {
    const { world, registry, log, settings, events } = this;
    return new Running({
      ...{ world, registry, log, dnsPort: settings.dnsPort },
      workerEvents: {
        log: (text, written) => events.write(text, written),
        fatal: (text) => this.fail(text),
      },
      unreachable: () => this.node.unreachable,
    });
  }

  private makeReloads(): Reloads {
    const { world, registry, log } = this;
    return new Reloads({
      ...{ world, registry, log },
      latest: () => (this.settings.conf === 'stdin' ? this.corefile : this.sync.latest()), // It is read once.
      change: (corefile, mayGoOn) => this.history.follow(corefile, this.running.change(corefile, mayGoOn)),
      facts: () => this.running.facts,
    });
  }

  private controlAccess(): ControlAccess {
    const { settings, world, registry, log } = this;
    return {
      ...{ settings, registry, log, clock: world.clock, processId: world.processId },
      post: (message) => this.running.post(message),
      now: () => new Date(),
      uptimeSeconds: () => process.uptime(),
      residentBytes: () => process.memoryUsage.rss(),
      isStopping: () => this.stopping,
      plan: () => this.running.plan,
      node: () => (settings.localIps.length === 0 ? null : this.node.status()),
      config: () => this.history.status,
      recentLines: () => this.events.recent?.lines ?? [],
    };
  }

  /**
   * @returns false when {@link Agent.stop} came before the end
   * @throws Error whose message is for stderr; everything done so far is undone
   */
  start(): Promise<boolean> {
    return startSteps(this.startList(), () => this.stopping);
  }

  /** Drain and stop. @returns exit code as caddy's: 0, 3 or 4 */
  async stop(): Promise<number> {
    this.stopping = true;
    this.running.isStopping = true;
    await this.reloads.stop(); // Both take listeners and ports apart: one after the other.
    return stopSteps(this.stopList(), (step, error) => this.log.error(`${step.name}: ${error.message}`));
  }

  /** Load the Corefile anew; when it cannot be used the old one serves on. Before the start is complete nothing happens. */
  reload(reason: string): Promise<void> {
    return this.reloads.reload(reason);
  }

  /** Before the process ends at once: the pidfile goes, and workers are told to leave the kernel so that they can end. */
  abandon(): void {
    this.removePidfile();
    this.running.post({ kind: 'stop', graceMs: 0 });
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
      { name: 'make the Corefile', reason: 'from its template, before it is read', run: () => this.makeCorefile() },
      {
        name: 'load the Corefile',
        reason: 'before link and sockets: a mistake in it must leave no trace on the node',
        run: () => this.loadCorefile(),
      },
      {
        name: 'make the link',
        reason:
          'sockets are bound to its addresses; after the Corefile, whose mistakes must leave no trace on the node',
        run: () => this.node.makeLink(),
        undo: () => this.node.undoLink(),
      },
      {
        name: 'open the DNS sockets',
        reason: 'before the worker, which only answers; a taken port ends the start here',
        run: () => this.running.openSockets(),
        undo: () => this.running.closeSockets(),
      },
      {
        name: 'start the workers',
        reason: 'before /health, so that OK means: questions are answered',
        run: () => this.running.startWorkers(),
        undo: () => this.running.stopWorkers(0),
      },
      {
        name: 'open metrics and health',
        reason: 'when there is something to measure',
        run: () => this.running.openHttp(),
        undo: () => this.running.closeHttp(),
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
      {
        name: 'guard the node',
        reason: 'answers first, then rules and lease, by which questions come',
        run: () => this.guardNode(),
        undo: () => this.node.leave(),
      },
      {
        name: 'open the control socket',
        reason: 'last: status shows what is there',
        run: () => this.control.open(),
        undo: () => this.control.close(),
      },
      { name: 'print the banner', reason: 'it says that the start is complete', run: () => this.printBanner() },
    ];
  }

  /** The order of stopping. */
  stopList(): StopStep[] {
    return [
      {
        name: 'leave the node',
        reason: 'first of all the lease ends: pods ask kube-dns while everything here still answers',
        exitCodeOnFailure: 4,
        run: () => this.node.leave(),
      },
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
        run: () => this.running.stopWorkers(STOP_GRACE_MS),
      },
      {
        name: 'clear the node',
        reason: 'no socket needs link and rules any more',
        exitCodeOnFailure: 4,
        run: () => this.node.clear(),
      },
      {
        name: 'close the control socket',
        reason: 'until here status shows how far the stop is',
        exitCodeOnFailure: 4,
        run: () => this.control.close(),
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
    this.node.announce();
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
    const { file } = this.corefile;
    const machine = this.world.machine((line) => this.log.warning(line));
    this.corefile = { file, text: corefileText(this.corefile, machine) }; // What is loaded is what is compared later.
    this.running.load(this.corefile);
    this.history.loaded(this.corefile);
  }

  private writePidfile(): void {
    const { pidfile } = this.settings;
    if (pidfile === '') return;
    try {
      this.world.files.write(pidfile, `${this.world.processId}\n`, PIDFILE_MODE);
      this.wrotePidfile = true;
    } catch (error) {
      this.log.error(`Could not write pidfile: ${fileErrorText(error, pidfile)}`); // As caddy: DNS is worth more.
    }
  }

  private removePidfile(): void {
    if (this.wrotePidfile) this.world.files.remove(this.settings.pidfile);
    this.wrotePidfile = false;
  }

  private startWatches(): void {
    this.names.start();
    this.running.startServices();
    this.cancelSync = this.sync.watch();
  }

  /** The way to kube-dns is made before pods come: with a first SYN lost, all they ask would wait for a second, or fail. */
  private async guardNode(): Promise<void> {
    if (this.settings.localIps.length > 0) await this.running.warmUp();
    await this.node.guard();
  }

  private stopWatches(): void {
    this.names.stop();
    this.cancelSync();
    this.running.stopServices();
  }

  /** In CoreDNS's order: zones, what reload has to say, version. */
  private printBanner(): void {
    const { quiet } = this.settings;
    if (!quiet) this.log.raw(zonesText(this.running.plan));
    this.reloads.begin(this.corefile);
    if (!quiet) this.log.raw(versionText());
  }

  private async waitLameduck(): Promise<void> {
    const lameduckMs = Math.max(0, ...this.running.facts.health.map((health) => health.lameduckMs));
    if (lameduckMs === 0 || !this.running.isHttpOpen) return;
    this.log.plugin('health', 'INFO', `Going into lameduck mode for ${lameduckMs / 1000}s`);
    await new Promise<void>((resolve) => this.world.clock.after(lameduckMs, resolve));
  }

  private async closeHttp(): Promise<void> {
    await Promise.all([this.running.closeHttp(), this.agentHttp?.close()]);
  }

  private metricsRoute(address: Route['address'], origin: string): Route {
    return { address, origin, path: '/metrics', page: () => metricsPage(this.registry.text()) };
  }

  private fail(text: string): void {
    this.log.fatal(text);
    this.events.fatal();
  }
}
