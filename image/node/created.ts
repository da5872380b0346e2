/**
 * Base chains that iptables-nft makes when it writes a first rule, and leaves behind when the last goes: `table ip raw` with two
 * empty chains on most nodes. What was not there before us, or held nothing but rules of a cache, goes with our rules.
 */
import type { Iptables, NodeAccess } from './iptables';
import type { Saved, SavedRule } from './iptables-save';

const CHAINS = [
  ['raw', 'PREROUTING'],
  ['raw', 'OUTPUT'],
  ['filter', 'INPUT'],
  ['filter', 'OUTPUT'],
  ['nat', 'PREROUTING'],
  ['nat', 'OUTPUT'],
  ['nat', 'POSTROUTING'],
] as const;

/** `nft list chain` of a base chain without rules. */
const EMPTY_CHAIN = /^table \S+ \S+ \{\n\tchain \S+ \{\n\t\ttype [^;\n]+; policy accept;\n\t\}\n\}\s*$/;

/** Remembers what was there before the first change. */
export class CreatedChains {
  private readonly access: NodeAccess;
  /** `ip raw` and `ip raw OUTPUT` of others; null until the first look, or without `nft` to look with. */
  private readonly before = new Map<boolean, ReadonlySet<string> | null>();

  constructor(access: NodeAccess) {
    this.access = access;
  }

  /** Has a family been looked at? */
  hasLooked(isIpv6: boolean): boolean {
    return this.before.has(isIpv6);
  }

  /** Before a first change of a family. */
  async look(isIpv6: boolean, saved: Saved, isOurs: (rule: SavedRule) => boolean): Promise<void> {
    const family = isIpv6 ? 'ip6' : 'ip';
    const there = await this.list(family);
    if (there === null) {
      this.before.set(isIpv6, null);
      return;
    }
    for (const [table, chain] of CHAINS) {
      const rules = saved.rules.filter((rule) => rule.table === table && rule.chain === chain);
      if (rules.length > 0 && rules.every(isOurs)) there.delete(`${family} ${table} ${chain}`);
    }
    for (const table of ['raw', 'filter', 'nat']) {
      const isOthers = [...there].some((name) => name.startsWith(`${family} ${table} `));
      const hadChains = saved.rules.some((rule) => rule.table === table);
      if (!isOthers && hadChains) there.delete(`${family} ${table}`);
    }
    this.before.set(isIpv6, there);
  }

  /** Tables and chains of a family. @returns null without `nft` */
  private async list(family: string): Promise<Set<string> | null> {
    const { code, stdout } = await this.access.run('nft', ['list', 'chains', family]);
    if (code !== 0) return null;
    const names = new Set<string>();
    let table = '';
    for (const line of stdout.split('\n')) {
      const [, kind, name] = /^\t?(table \S+|chain) (\S+) \{/.exec(line) ?? [];
      if (kind === 'chain') names.add(`${table} ${name}`);
      else if (kind !== undefined) {
        table = `${family} ${name}`;
        names.add(table);
      }
    }
    return names;
  }

  /** When rules of ours are gone. */
  async remove(iptables: Iptables, isIpv6: boolean): Promise<void> {
    const before = this.before.get(isIpv6) ?? null;
    if (before === null || iptables.name !== 'iptables-nft') return;
    this.before.delete(isIpv6);
    const family = isIpv6 ? 'ip6' : 'ip';
    const now = (await this.list(family)) ?? new Set();
    for (const [table, chain] of CHAINS) {
      const name = `${family} ${table} ${chain}`;
      if (now.has(name) && !before.has(name)) await this.removeChain(iptables, isIpv6, table, chain);
    }
    for (const table of ['raw', 'filter', 'nat']) await this.removeTable(family, table, before);
  }

  /**
   * Only an empty one that accepts: iptables refuses to delete another, a policy that drops is somebody's wish. Before 1.8.8 it
   * deletes no built-in chain at all; nft does, rules and all, so what is in it is looked at first.
   */
  private async removeChain(iptables: Iptables, isIpv6: boolean, table: string, chain: string): Promise<void> {
    if (await iptables.deleteChain(isIpv6, table, chain)) return;
    const words = ['chain', isIpv6 ? 'ip6' : 'ip', table, chain];
    const { code, stdout } = await this.access.run('nft', ['list', ...words]);
    if (code === 0 && EMPTY_CHAIN.test(stdout)) await this.access.run('nft', ['delete', ...words]);
  }

  /** Only an empty one: nft would delete what is in it, too. */
  private async removeTable(family: string, table: string, before: ReadonlySet<string>): Promise<void> {
    if (before.has(`${family} ${table}`)) return;
    const { code, stdout } = await this.access.run('nft', ['list', 'table', family, table]);
    const isEmpty = code === 0 && /^table \S+ \S+ \{\s*\}$/.test(stdout.trim());
    if (isEmpty) await this.access.run('nft', ['delete', 'table', family, table]);
  }
}
