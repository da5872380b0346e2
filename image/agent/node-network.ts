/**
 * What the agent keeps on its node: a link with the addresses, rules that let queries skip connection tracking, and the
 * lease without which these rules do nothing.
 *
 *   start   look ─▶ link ─▶ (sockets, workers) ─▶ rules ─▶ lease: an answer first, then the way to it
 *   always  every NODE_POLL_MS: has anybody changed link or rules? they are put back; every -syncinterval: all is looked at
 *   stop    lease ─▶ (lameduck, workers) ─▶ rules ─▶ link: traffic leaves before its goal does
 *
 * Another process that serves the same link (an upgrade) finds everything as it needs it: who leaves takes nothing away
 * while somebody else is there. No failure in here ends the process: each is said, counted and tried again.
 * @source kubernetes/dns cmd/node-cache/app/cache_app.go setupNetworking, TeardownNetworking
 */
import { NODE_POLL_MS, NODE_SETTLE_MS, NODE_SHARED_PAUSE_MS } from '../limits';
import { Fallback } from '../node/fallback';
import { type Firewall, FirewallError, type RulePlan } from '../node/firewall';
import type { OtherInstance } from '../node/instances';
import { Keeper, type LeaseStatus } from '../node/keeper';
import { IPVS_DEVICE, splitByIpvs } from '../node/kube-ipvs';
import { isLinkLocal } from '../node/rules';
import type { Counters } from '../observe/counters';
import type { Log } from '../observe/log';
import type { SETUP_ERROR_TYPES } from '../observe/metrics';
import { clusterDnsOf } from './configuration';
import type { Settings } from './flags';
import { NodeFlows } from './node-flows';
import { NodeLink } from './node-link';
import type { ChangesPort, InstancePort, NodePorts } from './node-ports';
import { Repairs } from './node-repairs';
import type { Cancel, Clock } from './world';

/** What it is made with. */
export interface NodeNetworkAccess {
  readonly ports: NodePorts;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly log: Log;
  /** Others serve the addresses from now on: leave new datagrams to them. */
  handOver(): void;
}

/** The node as `status` shows it. */
export interface NodeStatus {
  readonly link: { readonly name: string; readonly kind: string; readonly addresses: readonly string[] } | null;
  readonly firewall: { readonly name: string; readonly leases: boolean } | null;
  readonly leases: readonly LeaseStatus[];
  /** Others that serve the same link, as /proc/net/unix names them. */
  readonly others: readonly string[];
  /** Who answers for addresses that kube-proxy does not serve, without us; and why nobody, when nobody does. */
  readonly fallback: {
    readonly addresses: readonly string[];
    readonly endpoints: readonly string[];
    readonly reason: string;
  };
}

type SetupErrorType = (typeof SETUP_ERROR_TYPES)[number];

/** Where the kubelet puts the address of the Service kube-dns into each pod of its namespace. */
const CLUSTER_DNS_VARIABLE = 'KUBE_DNS_SERVICE_HOST';

/** One per process; does nothing without -localip, or for what the flags leave to others. */
export class NodeNetwork {
  private readonly settings: Settings;
  private readonly access: NodeNetworkAccess;
  private readonly link: NodeLink;
  private readonly repairs: Repairs;
  private readonly flows: NodeFlows;
  private served: readonly string[];
  private firewall: Firewall | null = null;
  private choice: Promise<Firewall> | null = null;
  private keeper: Keeper | null = null;
  private fallback: Fallback | null = null;
  private changes: ChangesPort | null = null;
  private instance: InstancePort | null = null;
  private wasRegistered = false;
  private readonly cancels: Cancel[] = [];
  private readonly notices: ((log: Log) => void)[] = [];
  private leaving = false;
  /** Rules stood at least once. */
  private hasRules = false;
  /** What the flags ask for and this node has use for, as it was found at the start. */
  private readonly keepsLink: boolean;
  private readonly keepsRules: boolean;

  constructor(settings: Settings, access: NodeNetworkAccess) {
    this.settings = settings;
    this.access = access;
    this.served = this.look();
    // Not asked again: when IPVS takes the last address later, what was made here is still ours to take away.
    this.keepsLink = settings.setupInterface && this.served.length > 0;
    this.keepsRules = settings.setupIptables && this.served.length > 0;
    this.link = this.newLink();
    this.flows = new NodeFlows(access.ports, access.counters, access.log);
    this.repairs = this.newRepairs();
  }

  private newLink(): NodeLink {
    const { clock, log, ports } = this.access;
    return new NodeLink(this.settings.interfaceName, {
      ...{ clock, log, ports },
      addresses: () => this.served,
      isShared: () => this.isShared,
      repaired: () => this.countRepair('link'),
      failed: (type) => this.countError(type),
    });
  }

  private newRepairs(): Repairs {
    const { clock, log } = this.access;
    return new Repairs({
      ...{ clock, log },
      mended: 'The rules are as they should be again',
      failure: (message, retryMs) => `Error checking/adding iptables rules: ${message}; trying again in ${retryMs} ms`,
      repair: () => this.putBackRules(),
      failed: (error) => this.countError(error instanceof FirewallError ? error.kind : 'iptables'),
    });
  }

  /** Addresses of -localip that this cache serves: without those that IPVS answers itself. */
  get addresses(): readonly string[] {
    return this.served;
  }

  /** What kind of node is this? @returns the addresses to serve */
  private look(): readonly string[] {
    const { localIps, unfilledLocalIps, setupInterface } = this.settings;
    for (const item of unfilledLocalIps) {
      this.notices.push((log) =>
        log.warning(
          `-localip: the kubelet did not fill in ${item}, because this pod's namespace has no such Service; ` +
            `serving ${localIps.join(', ')} only`,
        ),
      );
    }
    if (!setupInterface || localIps.length === 0) return localIps;
    try {
      const split = this.splitByIpvs(localIps);
      if (split.reason !== '') this.notices.push((log) => log.info(split.reason));
      return split.left;
    } catch (error) {
      this.notices.push((log) => log.warning(`Cannot see whether kube-proxy uses IPVS: ${(error as Error).message}`));
      return localIps;
    }
  }

  private splitByIpvs(addresses: readonly string[]): ReturnType<typeof splitByIpvs> {
    const { ports, environment } = this.access;
    return splitByIpvs(addresses, environment[CLUSTER_DNS_VARIABLE], ports.link.addressesOf(IPVS_DEVICE));
  }

  /** What was found out when this was made, for the log. */
  announce(): void {
    for (const notice of this.notices.splice(0)) notice(this.access.log);
  }

  /** Others see this process from here on, and the addresses are addresses of this node. */
  makeLink(): void {
    if (!this.keepsLink && !this.keepsRules) return;
    this.register();
    if (this.keepsLink) this.link.ensure();
  }

  private register(): void {
    this.wasRegistered = true;
    try {
      this.instance = this.access.ports.register(this.settings.interfaceName);
    } catch (error) {
      this.access.log.warning(`${(error as Error).message}; whoever leaves first takes link and rules away`);
    }
  }

  /**
   * Undo {@link makeLink} after a start that failed: what this process made goes, also where another program was quicker to
   * bind a new address, which may be why it failed. What was there before may be somebody else's.
   */
  async undoLink(): Promise<void> {
    this.instance?.close();
    await Promise.all([this.link.stop(), this.repairs.stop()]);
    if (this.settings.skipTeardown || this.isShared) return;
    if (this.firewall !== null) await this.removeRules(this.servedElsewhere.length > 0);
    if (this.keepsLink) await this.attempt(`put back the interface ${this.link.name}`, () => this.link.undo());
  }

  /** The cache answers: rules, lease, and the watch over all of it. */
  async guard(): Promise<void> {
    const { clock } = this.access;
    if (!this.keepsLink && !this.keepsRules) return;
    if (this.keepsRules) await this.chooseFirewall();
    if (this.leaving) return; // A fall-back begun now would learn on after the end.
    this.watch();
    if (this.keepsLink) this.link.ensureSoon();
    if (this.keepsRules) {
      this.startFallback();
      await this.repairs.now();
    }
    if (this.leaving) return;
    this.countMode();
    this.cancels.push(clock.every(NODE_POLL_MS, () => this.poll()));
    this.cancels.push(clock.every(this.settings.syncIntervalSeconds * 1000, () => this.sync()));
  }

  /** Once: two of them would not know each other's rules. */
  private chooseFirewall(): Promise<Firewall> {
    const { log, ports } = this.access;
    this.choice ??= ports.chooseFirewall(this.settings.firewall, log).then((firewall) => {
      this.firewall = firewall;
      return firewall;
    });
    return this.choice;
  }

  /** Before link and rules are looked at: what others change after that look is heard, and nothing is missed between. */
  private watch(): void {
    const { log, ports } = this.access;
    this.changes = ports.watch(this.keepsLink ? this.settings.interfaceName : '', this.firewall);
    for (const problem of this.changes.problems) log.warning(problem);
  }

  private countMode(): void {
    const { counters, ports } = this.access;
    const kind = this.keepsLink ? ports.link.kind : '';
    counters.set(counters.slot('nodelocaldns_node_mode_info', kind, this.firewall?.name ?? 'none'), 1);
    if (this.firewall?.leases === true && this.keeper === null) this.countNoLease(); // An alert must not miss the series.
  }

  private countNoLease(): void {
    const { counters } = this.access;
    for (const address of this.served) counters.set(counters.slot('nodelocaldns_lease_held', address), 0);
  }

  /** Rules stand for the first time: before, an answer would renew nothing; and only now it is known whether they can look into sets. */
  private begin(firewall: Firewall): void {
    if (this.hasRules || this.leaving) return;
    this.hasRules = true;
    if (firewall.leases) this.startKeeper();
    else {
      this.access.log.warning(
        `This node cannot fail over in the kernel (rules are kept by ${firewall.name}): if this process is killed, pods ` +
          'that ask its addresses lose DNS until it is back',
      );
    }
  }

  private startKeeper(): void {
    const { clock, counters, log, ports } = this.access;
    const { dnsPort, leaseRenewMs, leaseExpireMs } = this.settings;
    const times = { renewMs: leaseRenewMs, expireMs: leaseExpireMs };
    this.countNoLease();
    this.keeper = new Keeper(this.served, times, {
      ...{ clock, log, ask: ports.askOurselves(dnsPort, clock) },
      events: {
        asked: (_address, result) => counters.add(counters.slot('nodelocaldns_lease_questions_total', result), 1),
        changed: (address, state) => this.leaseChanged(address, state),
      },
    });
    this.keeper.start();
  }

  private leaseChanged(address: string, state: 'held' | 'lost'): void {
    const { counters } = this.access;
    counters.set(counters.slot('nodelocaldns_lease_held', address), state === 'held' ? 1 : 0);
    counters.add(counters.slot('nodelocaldns_lease_changes_total', address, state), 1);
    if (state === 'held' || this.leaving) return;
    // A late answer may have renewed it once more behind our back.
    void this.attempt(`end the lease on ${address}`, () => this.firewall?.endLease([address]));
  }

  private startFallback(): void {
    const { clock, environment, log, ports } = this.access;
    const { fallbackService, upstreamService } = this.settings;
    const server = clusterDnsOf(upstreamService, environment).address;
    this.fallback = new Fallback(
      { name: fallbackService, servers: server === '' ? [] : [server], own: this.served },
      { clock, ask: ports.askServer, changed: () => this.repairs.soon() },
    );
    this.fallback.start();
    const { unserved } = this;
    if (unserved.length === 0 || (fallbackService !== '' && server !== '')) return;
    log.info(`Nobody answers for ${unserved.join(', ')} while this cache does not: ${this.fallback.reason}`);
  }

  /** Addresses that kube-proxy does not serve. Outside kube-system its own is unknown: then those of no Service range. */
  private get unserved(): readonly string[] {
    const clusterDns = this.access.environment[CLUSTER_DNS_VARIABLE];
    if (clusterDns === undefined) return this.served.filter(isLinkLocal);
    return this.served.filter((address) => address !== clusterDns);
  }

  /** Rules as they should be at this moment. */
  private rulePlan(): RulePlan {
    const { dnsPort, healthPort, leaseExpireMs } = this.settings;
    return {
      addresses: this.served,
      dnsPort,
      healthPort,
      leaseMs: leaseExpireMs,
      fallback: { addresses: this.unserved, endpoints: this.fallback?.endpoints ?? [] },
    };
  }

  private async putBackRules(): Promise<void> {
    if (this.firewall === null || this.leaving) return;
    const plan = this.rulePlan();
    const lines = await this.firewall.ensure(plan);
    for (const line of lines) {
      this.access.log.info(line);
      this.countRepair('rules');
    }
    if (this.firewall.name !== 'none') await this.flows.follow(plan, lines.length > 0);
    this.begin(this.firewall);
  }

  /** kube-proxy's IPVS mode may have come up after us: what it answers itself needs no rules, and never will be ours. */
  private leaveToIpvs(): void {
    try {
      const { held, left, reason } = this.splitByIpvs(this.served);
      if (held.length === 0) return;
      this.access.log.warning(reason);
      this.served = left;
      this.keeper?.end();
      const { counters } = this.access;
      for (const address of held) counters.forget(counters.slot('nodelocaldns_lease_held', address));
      if (this.keeper !== null) this.startKeeper();
    } catch {
      // Said at the start; the next look may do better.
    }
  }

  private poll(): void {
    const changed = this.changes?.poll();
    if (changed?.link === true && this.keepsLink) this.link.ensure();
    // Two processes with other flags would take back each other's rules without end.
    if (changed?.rules === true) this.repairs.soon(this.isShared ? NODE_SHARED_PAUSE_MS : undefined);
  }

  private sync(): void {
    if (this.keepsLink) this.leaveToIpvs();
    if (this.keepsLink) this.link.ensure();
    if (this.keepsRules) this.repairs.soon();
  }

  /** Pods go elsewhere from now on. Resolves when what was on its way here has come. */
  async leave(): Promise<void> {
    this.leaving = true;
    for (const cancel of this.cancels.splice(0)) cancel();
    this.changes?.close();
    this.fallback?.stop();
    this.keeper?.end();
    if (!this.keepsLink && !this.keepsRules) return;
    if (!this.wasRegistered) this.register(); // A stop before the link was made: only so are others seen.
    this.instance?.close(); // Two that leave at once must not wait for each other to clean up.
    await Promise.all([this.link.stop(), this.repairs.stop()]);
    const left = this.leftToOthers();
    await this.endLeases(this.served.filter((address) => !left.includes(address)));
    if (left.length > 0) this.access.handOver();
  }

  /** Also when the stop came before the rules: a process before this one may have been killed a moment ago. */
  private async endLeases(addresses: readonly string[]): Promise<void> {
    if (!this.keepsRules || addresses.length === 0) return;
    await this.attempt('end the lease', async () => (await this.chooseFirewall()).endLease(addresses));
    await new Promise<void>((resolve) => this.access.clock.after(NODE_SETTLE_MS, resolve));
  }

  /**
   * Another instance renews the lease from now on: but of addresses that it does not listen on yet (it has just been started)
   * pods would lose what they ask until the lease runs out.
   */
  private leftToOthers(): readonly string[] {
    const { others } = this;
    if (others.length === 0) return [];
    const served = this.servedElsewhere;
    const unready = served.length === this.served.length ? '' : ', and kube-dns answers until they listen';
    this.access.log.info(
      `${others.length} other instance(s) serve ${this.settings.interfaceName}: it is left to them${unready}`,
    );
    return served;
  }

  /** The sockets are closed: rules and link go, unless somebody needs them. */
  async clear(): Promise<void> {
    if ((!this.keepsLink && !this.keepsRules) || this.settings.skipTeardown || this.isShared) return;
    this.access.log.info('Tearing down'); // The Go agent's words.
    const isServed = this.servedByOthers();
    if (this.keepsRules) await this.removeRules(isServed);
    if (!this.keepsLink || this.isShared || isServed) return; // A new process may have come while the rules went.
    await this.attempt(`remove the interface ${this.link.name}`, () => this.link.remove());
  }

  /** The Go agent says nowhere that it is there, but its sockets can be seen: a link that goes would end its service. */
  private servedByOthers(): boolean {
    const { interfaceName } = this.settings;
    const addresses = this.servedElsewhere;
    if (addresses.length === 0) return false;
    this.access.log.info(
      `Another program serves ${addresses.join(', ')}: interface ${interfaceName} and the Go agent's rules are left to it`,
    );
    return true;
  }

  private get servedElsewhere(): readonly string[] {
    return this.access.ports.servedByOthers(this.served, this.settings.dnsPort);
  }

  /** Those of a process before this one, too, when the stop came before rules were written. */
  private removeRules(keepsGoRules: boolean): Promise<void> {
    return this.attempt('remove the rules', async () =>
      (await this.chooseFirewall()).remove(keepsGoRules, this.served),
    );
  }

  private get others(): readonly OtherInstance[] {
    try {
      return this.instance?.others() ?? [];
    } catch {
      return []; // Without /proc nobody can be seen.
    }
  }

  private get isShared(): boolean {
    return this.others.length > 0;
  }

  private async attempt(what: string, action: () => unknown): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.access.log.error(`Cannot ${what}: ${(error as Error).message}`);
      this.countError('iptables');
    }
  }

  /** Why pods do not reach this cache; '' when they do, or when no lease says otherwise. */
  get unreachable(): string {
    if (this.keepsRules && !this.hasRules) return `rules: ${this.repairs.problem || 'not written yet'}`;
    return this.keeper?.problem ?? '';
  }

  /** @returns null when nothing is kept on this node */
  status(): NodeStatus | null {
    if (!this.keepsLink && !this.keepsRules) return null;
    const { interfaceName } = this.settings;
    const { link } = this.access.ports;
    return {
      link: this.keepsLink
        ? { name: interfaceName, kind: link.kind, addresses: link.addressesOf(interfaceName) ?? [] }
        : null,
      firewall: this.firewall === null ? null : { name: this.firewall.name, leases: this.firewall.leases },
      leases: this.keeper?.statuses ?? [],
      others: this.others.map(({ name }) => name),
      fallback: {
        addresses: this.unserved,
        endpoints: this.fallback?.endpoints ?? [],
        reason: this.fallback?.reason ?? '',
      },
    };
  }

  private countError(type: SetupErrorType): void {
    const { counters } = this.access;
    counters.add(counters.slot('coredns_nodecache_setup_errors_total', type), 1);
  }

  private countRepair(what: 'link' | 'rules'): void {
    const { counters } = this.access;
    counters.add(counters.slot('nodelocaldns_repairs_total', what), 1);
  }
}
