/** What caches leave on a node, this one, versions before it and the Go agent: rules in every tool's tables, and sets. */
import { readFileSync } from 'node:fs';
import { openTools } from './choose';
import type { RunCommand } from './command';
import { commandError } from './command-error';
import { CreatedChains } from './created';
import { Ipsets } from './ipset';
import type { Iptables, NodeAccess } from './iptables';
import { ourRules } from './iptables-text';
import { NftAccepts } from './nft-accepts';
import { IS_GONE } from './nft-command';
import { NFT_TABLE } from './nft-text';
import { Removal } from './removal';
import { plainAddress, type RuleTable } from './rules';

const TABLES: readonly RuleTable[] = ['raw', 'filter', 'nat'];

/**
 * Take all of it away; a second time there is nothing left.
 * @param addresses of caches, for rules of the Go agent before 1.22.19, which have no comment; others are known by theirs
 * @returns a line per thing removed; what a tool that is not there has left cannot be, and is no failure
 * @throws FirewallError
 */
export async function removeLeftovers(
  addresses: readonly string[],
  run: RunCommand,
  read: NodeAccess['read'] = readText,
): Promise<readonly string[]> {
  const access: NodeAccess = { run, read };
  const removed: string[] = [];
  const removal = new Removal();
  const table = await run('nft', ['list', 'table', ...NFT_TABLE.split(' ')]);
  if (table.code === 0) removed.push(...((await removal.step(() => removeTable(run))) ?? []));
  // A kernel without nf_tables has none.
  const hasTables = table.code === 0 || IS_GONE.test(table.stderr);
  if (hasTables) removed.push(...((await removal.step(() => new NftAccepts(run).remove())) ?? []));
  const plain = addresses.map(plainAddress);
  for (const iptables of await openTools(access, [])) {
    for (const isIpv6 of [false, true]) {
      removed.push(...((await removal.step(() => removeRules(access, iptables, isIpv6, plain))) ?? []));
    }
  }
  const sets = new Ipsets(access);
  for (const isIpv6 of [false, true]) removed.push(...((await removal.step(() => sets.remove(isIpv6))) ?? []));
  removal.end();
  return removed;
}

async function removeTable(run: RunCommand): Promise<readonly string[]> {
  const deleted = await run('nft', ['delete', 'table', ...NFT_TABLE.split(' ')]);
  if (deleted.code !== 0) throw commandError(`nft delete table ${NFT_TABLE}`, deleted);
  return [`table ${NFT_TABLE}`];
}

async function removeRules(
  access: NodeAccess,
  iptables: Iptables,
  isIpv6: boolean,
  addresses: readonly string[],
): Promise<readonly string[]> {
  const created = new CreatedChains(access);
  const saved = await iptables.read(isIpv6, TABLES);
  const ours = ourRules(saved, addresses, true);
  if (iptables.name === 'iptables-nft') await created.look(isIpv6, saved, ours);
  const lines = await iptables.apply(isIpv6, TABLES, [], () => ours);
  await created.remove(iptables, isIpv6);
  return lines.map((line) => line.replace('Removed nodelocaldns', iptables.name));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
