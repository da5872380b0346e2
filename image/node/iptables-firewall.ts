/** Our rules by iptables: those of the Go agent, in front of them guards that look into ipsets, and behind them the way out. */
import { CreatedChains } from './created';
import { type Firewall, FirewallError, type RulePlan } from './firewall';
import { Ipsets } from './ipset';
import type { Iptables, IptablesName, NodeAccess } from './iptables';
import type { Saved, SavedRule } from './iptables-save';
import { iptablesRules, ourRules, removable } from './iptables-text';
import { NFT_TABLE } from './nft-text';
import { OneAtATime } from './one-at-a-time';
import { Removal } from './removal';
import { familyPlans, plainAddress, type RuleTable } from './rules';

/** Tables that hold rules of ours. */
const TABLES: readonly RuleTable[] = ['nat', 'filter', 'raw'];

/** The kernel, or iptables' extension, does not know sets in rules; or the raw socket by which it asks for them is refused. */
const NO_SETS =
  /open socket to ipset|match-set|add-set|match `?set|target `?SET|No chain\/target\/match|Extension set|revision.*set/i;

/** Back-ends `iptables-nft` and `iptables-legacy`. */
export class IptablesFirewall implements Firewall {
  readonly name: IptablesName;
  private readonly access: NodeAccess;
  private readonly iptables: Iptables;
  /** The variant that this node does not use: rules that the Go agent left in its tables would outlive the lease. */
  private readonly others: readonly Iptables[];
  private readonly sets: Ipsets;
  private readonly created: CreatedChains;
  private readonly turns = new OneAtATime();
  private hasSets: boolean;
  private hasRemovedTable = false;
  private addresses: readonly string[] = [];

  constructor(access: NodeAccess, iptables: Iptables, hasSets: boolean, others: readonly Iptables[] = []) {
    this.access = access;
    this.others = others;
    this.iptables = iptables;
    this.name = iptables.name;
    this.sets = new Ipsets(access);
    this.created = new CreatedChains(access);
    this.hasSets = hasSets;
  }

  /** Known for sure after the first {@link ensure}: the kernel is asked by trying. */
  get leases(): boolean {
    return this.hasSets;
  }

  ensure(plan: RulePlan): Promise<readonly string[]> {
    return this.turns.latest(() => this.make(plan));
  }

  private async make(plan: RulePlan): Promise<readonly string[]> {
    try {
      return await this.makeRules(plan);
    } catch (error) {
      if (!this.hasSets || !(error instanceof FirewallError) || !NO_SETS.test(error.message)) throw error;
      this.hasSets = false;
      const lines = await this.makeRules(plan);
      for (const { isIpv6 } of familyPlans(plan)) await this.sets.remove(isIpv6);
      return [`Rules cannot look into sets here, so there is no fail-over in the kernel: ${error.message}`, ...lines];
    }
  }

  private async makeRules(plan: RulePlan): Promise<readonly string[]> {
    const lines: string[] = [];
    const plans = familyPlans(plan);
    for (const family of plans) {
      const { isIpv6, addresses } = family;
      this.addresses = [...new Set([...this.addresses, ...addresses])];
      if (this.hasSets) lines.push(...(await this.sets.ensure(isIpv6)));
      const wanted = iptablesRules(plan, family, this.hasSets);
      await this.lookBefore(isIpv6);
      lines.push(...(await this.iptables.apply(isIpv6, TABLES, wanted, (saved) => this.isOurs(saved))));
      for (const other of this.others) {
        lines.push(...(await this.clear(other, isIpv6)));
      }
    }
    for (const isIpv6 of [false, true]) {
      // IPVS may have taken its last address: a NOTRACK that is left, without sets above all, would keep packets from it.
      if (plans.some((family) => family.isIpv6 === isIpv6) || !this.hasAddresses(isIpv6)) continue;
      for (const tool of this.tools) lines.push(...(await this.clear(tool, isIpv6)));
    }
    return [...lines, ...(await this.removeTable())];
  }

  private hasAddresses(isIpv6: boolean): boolean {
    return this.addresses.some((address) => address.includes(':') === isIpv6);
  }

  private clear(tool: Iptables, isIpv6: boolean, keepsGoRules = false): Promise<readonly string[]> {
    return tool.apply(isIpv6, TABLES, [], (saved) => removable(saved, this.addresses, keepsGoRules));
  }

  /** Of the nft back-end, which a former process may have been told to use. Only now, with ours in place. */
  private async removeTable(): Promise<readonly string[]> {
    const { run } = this.access;
    if (this.hasRemovedTable) return [];
    this.hasRemovedTable = true;
    const { code } = await run('nft', ['delete', 'table', ...NFT_TABLE.split(' ')]);
    return code === 0 ? [`Removed table ${NFT_TABLE}`] : [];
  }

  private get tools(): readonly Iptables[] {
    return [this.iptables, ...this.others];
  }

  private async lookBefore(isIpv6: boolean): Promise<void> {
    const nft = this.tools.find(({ name }) => name === 'iptables-nft');
    if (nft === undefined || this.created.hasLooked(isIpv6)) return;
    const saved = await nft.read(isIpv6, TABLES);
    await this.created.look(isIpv6, saved, this.isOurs(saved));
  }

  private isOurs(saved: Saved): (rule: SavedRule) => boolean {
    return ourRules(saved, this.addresses, false);
  }

  endLease(addresses: readonly string[]): Promise<void> {
    return this.turns.next(async () => {
      if (this.hasSets) await this.sets.end(addresses.map(plainAddress));
    });
  }

  remove(keepsGoRules = false, addresses: readonly string[] = []): Promise<void> {
    return this.turns.next(async () => {
      this.addresses = [...new Set([...this.addresses, ...addresses.map(plainAddress)])];
      const removal = new Removal();
      await removal.step(() => this.removeTable());
      for (const isIpv6 of [false, true]) {
        if (!this.hasAddresses(isIpv6)) continue;
        await removal.step(() => this.lookBefore(isIpv6));
        for (const tool of this.tools) await removal.step(() => this.clear(tool, isIpv6, keepsGoRules));
        if (this.hasSets) await removal.step(() => this.sets.remove(isIpv6));
        for (const tool of this.tools) await removal.step(() => this.created.remove(tool, isIpv6));
      }
      removal.end();
    });
  }
}
