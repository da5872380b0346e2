/**
 * What main does for a plan while workers answer by it: hosts files are read and watched, /health is asked, loop probes are
 * sent. A new plan takes over what it has in common with the one before.
 */
import type { Plan } from '../corefile/plan';
import type { Counters } from '../observe/counters';
import type { Log } from '../observe/log';
import { predecessors } from '../serve/succession';
import { healthUrl, startHealthCheck } from './health-check';
import { HostsWatch } from './hosts-watch';
import { startLoopProbe } from './loop-probe';
import type { HostsFile, LoopProbe, MessageToWorker } from './messages';
import type { PlanFacts } from './plan-facts';
import { WeightsWatch } from './weights-watch';
import type { Cancel, World } from './world';

/** What the services need. */
export interface PlanServicesAccess {
  readonly world: World;
  readonly counters: Counters;
  readonly log: Log;
  /** To every worker. */
  post(message: MessageToWorker): void;
}

/** A plan on its way: what the workers get with it, and what is to be started when they have it. */
export interface PreparedServices {
  readonly plan: Plan;
  readonly facts: PlanFacts;
  readonly hosts: readonly HostsFile[];
  readonly loops: readonly LoopProbe[];
  readonly watch: HostsWatch;
  readonly weights: WeightsWatch;
}

/** One per process. */
export class PlanServices {
  private readonly access: PlanServicesAccess;
  private current: PreparedServices | null = null;
  /** Self-checks by URL. */
  private readonly checks = new Map<string, Cancel>();
  /** Loop probes under way, by name. */
  private readonly probes = new Map<string, Cancel>();

  constructor(access: PlanServicesAccess) {
    this.access = access;
  }

  /** Read the plan's files and name its probes. Nothing is started. */
  prepare(plan: Plan, facts: PlanFacts): PreparedServices {
    const { world, counters, log } = this.access;
    const watch = new HostsWatch(facts.hosts, { ...world, counters, log }, this.current?.watch);
    const weights = new WeightsWatch(plan, { ...world, log });
    return { plan, facts, hosts: watch.readAll(), loops: this.loopsOf(plan, facts), watch, weights };
  }

  /** A probe per block with `loop`: a new one where anything is new; in a block that stays, the one that is still under way. */
  private loopsOf(plan: Plan, facts: PlanFacts): LoopProbe[] {
    const { current } = this;
    const heirs = current === null ? [] : predecessors(current.plan, plan);
    return facts.loops.flatMap(({ block, zone, target }) => {
      const before = current?.facts.loops.find((loop) => loop.block === heirs[block]);
      const isNew = before?.target.address !== target.address || before.target.port !== target.port;
      if (isNew) return [{ block, name: this.newName(zone) }];
      const probe = current?.loops.find((loop) => loop.block === heirs[block]);
      return probe !== undefined && this.probes.has(probe.name) ? [{ block, name: probe.name }] : [];
    });
  }

  private newName(zone: string): string {
    const { world } = this.access;
    const name = `${world.randomDecimal()}.${world.randomDecimal()}.${zone}`;
    return zone === '.' ? name.slice(0, -1) : name;
  }

  /** The workers have the plan: start what is new, end what is gone. */
  commit(prepared: PreparedServices): void {
    this.stopWatches();
    this.current = prepared;
    this.commitChecks(prepared);
    this.commitProbes(prepared);
    prepared.watch.start((file) => this.access.post({ kind: 'hosts', ...file }));
    prepared.weights.start((message) => this.access.post(message));
  }

  private stopWatches(): void {
    this.current?.watch.stop();
    this.current?.weights.stop();
  }

  private commitChecks({ facts }: PreparedServices): void {
    const { world, counters, log } = this.access;
    const urls = new Set(facts.health.map(({ address }) => healthUrl(address)));
    for (const [url, cancel] of this.checks) {
      if (urls.has(url)) continue;
      cancel();
      this.checks.delete(url);
    }
    for (const url of urls) {
      if (!this.checks.has(url)) this.checks.set(url, startHealthCheck(url, { ...world, counters, log }));
    }
  }

  private commitProbes({ facts, loops }: PreparedServices): void {
    const names = new Set(loops.map(({ name }) => name));
    for (const [name, cancel] of this.probes) {
      if (names.has(name)) continue;
      cancel();
      this.probes.delete(name);
    }
    const { world } = this.access;
    const post = (message: MessageToWorker): void => {
      if (message.kind === 'loop-done') this.probes.delete(message.name);
      this.access.post(message);
    };
    for (const probe of loops) {
      const loop = facts.loops.find(({ block }) => block === probe.block);
      if (loop === undefined || this.probes.has(probe.name)) continue;
      this.probes.set(probe.name, () => {}); // The probe may be done before startLoopProbe returns.
      const cancel = startLoopProbe(probe, loop.target, { clock: world.clock, exchange: world.exchange, post });
      if (this.probes.has(probe.name)) this.probes.set(probe.name, cancel);
    }
  }

  /** End everything. */
  stop(): void {
    for (const running of [this.checks, this.probes]) {
      for (const cancel of running.values()) cancel();
      running.clear();
    }
    this.stopWatches();
  }
}
