/** Our rules by `nft`, in a table of our own: one transaction for all of them. */
import type { RunCommand } from './command';
import { commandError } from './command-error';
import { CreatedChains } from './created';
import { type Firewall, FirewallError, type RulePlan } from './firewall';
import { Ipsets } from './ipset';
import type { Iptables, NodeAccess } from './iptables';
import type { Saved, SavedRule } from './iptables-save';
import { iptablesRules, ourRules, removable } from './iptables-text';
import { NftAccepts } from './nft-accepts';
import { IS_GONE, runNft } from './nft-command';
import { countRules, NFT_TABLE, nftRules, nftText, strangers } from './nft-text';
import { OneAtATime } from './one-at-a-time';
import { Removal } from './removal';
import { type FamilyPlan, familyPlans, plainAddress, type RuleTable } from './rules';

const TABLE_WORDS = NFT_TABLE.split(' ');
/** Of iptables, with rules of caches. */
const TABLES: readonly RuleTable[] = ['filter', 'raw', 'nat'];

/** Back-end `nft`. */
export class NftFirewall implements Firewall {
  readonly name = 'nft';
  readonly leases = true;
  private readonly run: RunCommand;
  /** For what other tables say: rules that drop, and rules of the Go agent that would outlive the lease. */
  private readonly others: readonly Iptables[];
  private readonly accepts: NftAccepts;
  private readonly created: CreatedChains;
  private readonly sets: Ipsets;
  private readonly turns = new OneAtATime();
  private wanted = '';
  /** What nft prints when all is as it should be: it has words of its own, so a text of ours cannot be compared. */
  private good = '';
  private addresses: readonly string[] = [];

  constructor(access: NodeAccess, others: readonly Iptables[] = []) {
    this.run = access.run;
    this.others = others;
    this.accepts = new NftAccepts(access.run);
    this.created = new CreatedChains(access);
    this.sets = new Ipsets(access);
  }

  ensure(plan: RulePlan): Promise<readonly string[]> {
    return this.turns.latest(async () => {
      const lines = [...(await this.ensureTable(plan))];
      lines.push(...(await this.accepts.ensure(plan)));
      // Only now, with ours in place: an unconditional NOTRACK would hold pods here whatever the lease says.
      for (const family of familyPlans(plan)) {
        this.addresses = [...new Set([...this.addresses, ...family.addresses])];
        for (const iptables of this.others) lines.push(...(await this.changeOthers(iptables, plan, family)));
        lines.push(...(await this.removeSet(family.isIpv6)));
      }
      return lines;
    });
  }

  private async ensureTable(plan: RulePlan): Promise<readonly string[]> {
    const wanted = nftText(plan, false);
    const found = await this.list();
    if (wanted === this.wanted && found === this.good && found !== '') return [];
    const isOther = strangers(found).length > 0;
    const isMade = !isOther && (await runNft(this.run, wanted)) === null;
    if (!isMade) await this.nft(nftText(plan, true)); // A table of another version, or none can be made.
    const good = await this.list();
    const rules = nftRules(plan).length;
    if (countRules(good) !== rules) {
      throw new FirewallError(
        `nft: wrote ${rules} rules to table ${NFT_TABLE}, found ${countRules(good)} at once after; ` +
          'another program changes tables that are not its own: see `nft monitor`',
      );
    }
    if (good === found) {
      [this.wanted, this.good] = [wanted, good];
      return []; // Made by a process before this one, just so.
    }
    const isNew = found === '';
    const isChanged = wanted !== this.wanted && this.wanted !== '';
    [this.wanted, this.good] = [wanted, good];
    if (isNew) return [`Added table ${NFT_TABLE} (${rules} rules)`];
    return [`${isChanged ? 'Changed' : 'Put back'} table ${NFT_TABLE} (${rules} rules)`];
  }

  /** @returns '' when there is no table @throws FirewallError */
  private async list(): Promise<string> {
    const words = ['-s', '-t', 'list', 'table', ...TABLE_WORDS];
    const result = await this.run('nft', words);
    if (result.code === 0) return result.stdout;
    if (IS_GONE.test(result.stderr)) return '';
    throw commandError(`nft ${words.join(' ')}`, result);
  }

  /** Rules that accept, where iptables' filter drops; nothing of a cache in raw and nat, where our own table is. */
  private async changeOthers(iptables: Iptables, plan: RulePlan, family: FamilyPlan): Promise<readonly string[]> {
    const { isIpv6 } = family;
    const saved = await iptables.read(isIpv6, TABLES);
    const isOurs = ourRules(saved, this.addresses, false);
    await this.lookBefore(iptables, isIpv6, saved, isOurs);
    const accepts = iptablesRules(plan, family, false).filter(({ table }) => table === 'filter');
    const wanted = saved.isDropping ? accepts : [];
    return iptables.apply(isIpv6, TABLES, wanted, () => isOurs);
  }

  /** Of our iptables back-end, which a former process may have been told to use. */
  private async removeSet(isIpv6: boolean): Promise<readonly string[]> {
    return (await this.sets.remove(isIpv6)).map((set) => `Removed ${set}`);
  }

  /** Elements of these addresses go; those of others stay. */
  endLease(addresses: readonly string[]): Promise<void> {
    return this.turns.next(async () => {
      // Adding first makes the deletion of an element that is not there no failure; both are one transaction.
      const lines = addresses.map(plainAddress).map((address) => {
        const place = `${NFT_TABLE} ${address.includes(':') ? 'lease6' : 'lease4'}`;
        return `add element ${place} { ${address} }\ndelete element ${place} { ${address} }\n`;
      });
      const error = lines.length === 0 ? null : await runNft(this.run, lines.join(''));
      if (error !== null && !IS_GONE.test(error.message)) throw error;
    });
  }

  remove(keepsGoRules = false, addresses: readonly string[] = []): Promise<void> {
    return this.turns.next(async () => {
      [this.wanted, this.good] = ['', ''];
      this.addresses = [...new Set([...this.addresses, ...addresses.map(plainAddress)])];
      const removal = new Removal();
      await removal.step(() => this.removeTable());
      await removal.step(() => this.accepts.remove());
      for (const isIpv6 of [false, true]) {
        if (!this.addresses.some((address) => address.includes(':') === isIpv6)) continue;
        for (const iptables of this.others) {
          await removal.step(() => this.removeFrom(iptables, isIpv6, keepsGoRules));
          await removal.step(() => this.created.remove(iptables, isIpv6));
        }
        await removal.step(() => this.sets.remove(isIpv6));
      }
      removal.end();
    });
  }

  /** Added first, its deletion is no failure when it is not there; a list that fails would be one unseen. */
  private removeTable(): Promise<void> {
    return this.nft(`add table ${NFT_TABLE}\ndelete table ${NFT_TABLE}\n`);
  }

  private async removeFrom(iptables: Iptables, isIpv6: boolean, keepsGoRules: boolean): Promise<void> {
    const saved = await iptables.read(isIpv6, TABLES);
    const isOurs = removable(saved, this.addresses, keepsGoRules);
    await this.lookBefore(iptables, isIpv6, saved, isOurs);
    await iptables.apply(isIpv6, TABLES, [], () => isOurs);
  }

  /** What iptables-nft makes for rules of ours goes with them; so it is looked at before any is written or taken away. */
  private async lookBefore(
    iptables: Iptables,
    isIpv6: boolean,
    saved: Saved,
    isOurs: (rule: SavedRule) => boolean,
  ): Promise<void> {
    if (this.created.hasLooked(isIpv6) || iptables.name !== 'iptables-nft') return;
    await this.created.look(isIpv6, saved, isOurs);
  }

  private async nft(text: string): Promise<void> {
    const error = await runNft(this.run, text);
    if (error !== null) throw error;
  }
}
