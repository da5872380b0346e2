/**
 * Filters that somebody wrote with `nft` itself: an accept in our table does not overrule a drop in another, so base chains of
 * input and output whose policy is drop get one rule of ours at their top. Chains that iptables-nft keeps have rules of the Go
 * agent's form instead (nft.ts).
 */
import type { RunCommand } from './command';
import { commandError } from './command-error';
import type { RulePlan } from './firewall';
import { IS_GONE, runNft } from './nft-command';
import { familyPlans } from './rules';

/** How rules of ours in tables of others are known. */
const COMMENT = 'nodelocaldns';
/** Chains that iptables-nft keeps. */
const IPTABLES_CHAIN = /^(ip|ip6) filter (INPUT|OUTPUT|FORWARD)$/;

interface Chain {
  /** `inet filter input`. */
  readonly place: string;
  readonly hook: string;
  readonly isDropping: boolean;
}

/** Rules in tables of others. */
export class NftAccepts {
  private readonly run: RunCommand;
  /** What is at the top of each chain when all is well, as nft prints it. */
  private readonly good = new Map<string, string>();

  constructor(run: RunCommand) {
    this.run = run;
  }

  /** @returns a line per rule put (back) @throws FirewallError */
  async ensure(plan: RulePlan): Promise<readonly string[]> {
    const lines: string[] = [];
    for (const { place, hook, isDropping } of await this.chains()) {
      if (!isDropping) continue;
      const wanted = rulesFor(place, hook, plan);
      const handles = await this.handles(place);
      if (wanted.length === 0) continue;
      const key = wanted.join('\n');
      if (this.good.get(place) === `${key}\n${handles.join(' ')}` && handles.length === wanted.length) continue;
      const stale = handles.map((handle) => `delete rule ${place} handle ${handle}\n`).join('');
      const added = [...wanted].reverse().map((rule) => `insert rule ${place} ${rule} accept comment "${COMMENT}"\n`);
      await this.nft(stale + added.join(''));
      this.good.set(place, `${key}\n${(await this.handles(place)).join(' ')}`);
      if (handles.length !== wanted.length)
        lines.push(`Added rules that accept DNS to chain ${place}, whose policy is drop`);
    }
    return lines;
  }

  /** @returns a line per chain that had some @throws FirewallError */
  async remove(): Promise<readonly string[]> {
    const lines: string[] = [];
    for (const { place } of await this.chains()) {
      const handles = await this.handles(place);
      if (handles.length === 0) continue;
      await this.nft(handles.map((handle) => `delete rule ${place} handle ${handle}\n`).join(''));
      lines.push(`rules in chain ${place}`);
    }
    this.good.clear();
    return lines;
  }

  /** Base chains of input and output that are not ours. @throws FirewallError */
  private async chains(): Promise<Chain[]> {
    const result = await this.run('nft', ['list', 'chains']);
    if (result.code !== 0) throw commandError('nft list chains', result);
    const chains: Chain[] = [];
    let table = '';
    let chain = '';
    for (const line of result.stdout.split('\n')) {
      table = /^table (\S+ \S+) \{/.exec(line)?.[1] ?? table;
      chain = /^\tchain (\S+) \{/.exec(line)?.[1] ?? chain;
      const base = /^\t\ttype filter hook (input|output) priority .*policy (\w+);/.exec(line);
      const place = `${table} ${chain}`;
      const isOthers = /^(ip|ip6|inet) /.test(table) && !table.endsWith(` ${COMMENT}`) && !IPTABLES_CHAIN.test(place);
      if (base !== null && isOthers) chains.push({ place, hook: base[1], isDropping: base[2] === 'drop' });
    }
    return chains;
  }

  /** Of rules of ours. @throws FirewallError */
  private async handles(place: string): Promise<string[]> {
    const words = ['-a', '-t', 'list', 'chain', ...place.split(' ')];
    const result = await this.run('nft', words);
    // Taken for a chain without rules of ours, they would be written once more, or left.
    if (result.code !== 0 && !IS_GONE.test(result.stderr)) throw commandError(`nft ${words.join(' ')}`, result);
    const rules = result.stdout.split('\n').filter((line) => line.includes(`comment "${COMMENT}"`));
    return rules.flatMap((line) => / # handle (\d+)$/.exec(line)?.[1] ?? []);
  }

  private async nft(input: string): Promise<void> {
    const error = await runNft(this.run, input);
    if (error !== null) throw error;
  }
}

function rulesFor(place: string, hook: string, plan: RulePlan): string[] {
  const families = familyPlans(plan).filter(
    ({ isIpv6 }) => place.startsWith('inet ') || place.startsWith(isIpv6 ? 'ip6 ' : 'ip '),
  );
  const [party, port] = hook === 'input' ? ['daddr', 'dport'] : ['saddr', 'sport'];
  return families.map(({ isIpv6, addresses }) => {
    const set = `{ ${addresses.join(', ')} }`;
    return `${isIpv6 ? 'ip6' : 'ip'} ${party} ${set} meta l4proto { tcp, udp } th ${port} ${plan.dnsPort}`;
  });
}
