/** A node without a kernel: link, rules and other processes as a test wants them; what was done is in `events`. */
import type { ChangesPort, InstancePort, NodePorts } from '../../image/agent/node-ports';
import type { AskServer } from '../../image/node/fallback';
import { type Firewall, FirewallError, type RulePlan } from '../../image/node/firewall';
import type { EndedFlows } from '../../image/node/flows';
import type { OtherInstance } from '../../image/node/instances';
import type { AskOurselves } from '../../image/node/keeper';
import { Type } from '../../image/wire/codes';

/** Rules in memory. */
export class FakeFirewall implements Firewall {
  readonly name = 'nft';
  leases = true;
  /** What ensure puts back next time. */
  missing: string[] = ['table inet nodelocaldns'];
  /** Why ensure fails; null: it does not. */
  error: FirewallError | null = null;
  /** Plans that were asked for. */
  readonly plans: RulePlan[] = [];
  private readonly events: string[];

  constructor(events: string[]) {
    this.events = events;
  }

  async ensure(plan: RulePlan): Promise<readonly string[]> {
    this.plans.push(plan);
    this.events.push(`rules: ${plan.addresses.join(' ')}`);
    if (this.error !== null) throw this.error;
    const former = this.plans.at(-2) ?? plan;
    if (former.fallback.endpoints.join() !== plan.fallback.endpoints.join()) this.missing.push('nat PREROUTING');
    return this.missing.splice(0).map((what) => `Added back nodelocaldns rule - {${what}}`);
  }

  async endLease(addresses: readonly string[]): Promise<void> {
    this.events.push(`lease ended: ${addresses.join(' ')}`);
  }

  async remove(keepsGoRules = false): Promise<void> {
    this.events.push(keepsGoRules ? 'rules removed, but those of the Go agent' : 'rules removed');
  }
}

/** The node. */
export class FakeNode implements NodePorts {
  readonly events: string[];
  readonly firewall: FakeFirewall;
  /** Addresses by device. */
  readonly devices = new Map<string, string[]>();
  /** Others that serve the link. */
  readonly others: OtherInstance[] = [];
  linkError: string | null = null;
  /** What {@link ChangesPort.poll} tells next. */
  changed = { link: false, rules: false };
  /** Why questions to ourselves have no answer; '' when they have. */
  silence = '';
  /** Questions so far, `ADDRESS KIND`. */
  readonly questions: string[] = [];
  /** Addresses on which the Go agent listens, too. */
  servedElsewhere: string[] = [];
  /** IPv4 addresses of the headless Service. */
  endpoints: string[] = [];

  constructor(events: string[] = []) {
    this.events = events;
    this.firewall = new FakeFirewall(events);
  }

  readonly link: NodePorts['link'] = {
    ensure: (name, addresses) => {
      if (this.linkError !== null) throw new Error(this.linkError);
      const isNew = !this.devices.has(name);
      this.devices.set(name, [...addresses]);
      if (isNew) this.events.push(`link ${name}: ${addresses.join(' ')}`);
      return isNew ? [`Added interface - ${name}`] : [];
    },
    remove: (name) => {
      this.events.push(`link ${name} removed`);
      return this.devices.delete(name);
    },
    addressesOf: (device) => this.devices.get(device) ?? null,
    dropFormer: () => [],
    forgetRoutes: (name) => void this.events.push(`routes over ${name} forgotten`),
    kind: 'dummy',
  };

  chooseFirewall = async (): Promise<Firewall> => this.firewall;

  watch = (): ChangesPort => ({
    problems: [],
    poll: () => {
      const { changed } = this;
      this.changed = { link: false, rules: false };
      return changed;
    },
    close: () => {},
  });

  register = (): InstancePort => ({ others: () => this.others, close: () => void this.events.push('unregistered') });

  askOurselves = (): AskOurselves => async (address, kind) => {
    this.questions.push(`${address} ${kind}`);
    return this.silence;
  };

  /** What ending flows comes to. */
  endedFlows: EndedFlows = { ended: 0, problem: '' };
  /** Plans that flows were compared with. */
  readonly flowPlans: RulePlan[] = [];

  endFlows = async (plan: RulePlan): Promise<EndedFlows> => {
    this.flowPlans.push(plan);
    return this.endedFlows;
  };

  servedByOthers = (): readonly string[] => this.servedElsewhere;

  askServer: AskServer = async (_server, _name, type) => ({
    addresses: type === Type.A ? this.endpoints : [],
    ttlSeconds: 30,
  });
}

/** The lock is somebody else's. */
export const LOCKED = new FirewallError('Another app is currently holding the xtables lock', 'iptables_lock');
