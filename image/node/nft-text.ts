/**
 * Our nftables table as text: sets with the leases, chains in raw for the way round connection tracking, chains in nat for
 * the way out of addresses that kube-proxy does not serve. rules.ts has the why of each rule.
 */
import { ASKED_MAX, LEASES_MAX } from '../limits';
import type { RulePlan } from './firewall';
import { elementTimeoutMs, renewableMs } from './lease';
import { type FamilyPlan, familyPlans, type Party, type PortName, portRange, RULES, type RuleRow } from './rules';

/** Family and name of the table. */
export const NFT_TABLE = 'inet nodelocaldns';

/** Chains with what hooks them in: raw (-300) comes before conntrack, nat before kube-proxy's (-100 and 100). */
export const NFT_CHAINS: Readonly<Record<string, string>> = {
  prerouting: 'type filter hook prerouting priority -300; policy accept;',
  output: 'type filter hook output priority -300; policy accept;',
  nat_prerouting: 'type nat hook prerouting priority -110; policy accept;',
  nat_output: 'type nat hook output priority -110; policy accept;',
  nat_postrouting: 'type nat hook postrouting priority 90; policy accept;',
};

/** Addresses with a lease, by family, and ports of questions that may be answered yet. A lease that ran out is still counted. */
export const NFT_SETS: Readonly<Record<string, { readonly type: string; readonly size: number }>> = {
  lease4: { type: 'ipv4_addr', size: 2 * LEASES_MAX },
  lease6: { type: 'ipv6_addr', size: 2 * LEASES_MAX },
  asked: { type: 'inet_service', size: ASKED_MAX },
};

/** A rule and its chain. */
export interface NftRule {
  readonly chain: string;
  readonly text: string;
}

/** All rules of our table, in order. */
export function nftRules(plan: RulePlan): NftRule[] {
  const rows = RULES.filter(({ only, table }) => only !== 'iptables' && table !== 'filter');
  return familyPlans(plan).flatMap((family) =>
    rows
      .filter(({ target }) => (target !== 'fallback' && target !== 'sole') || family[target].length > 0)
      .map((row) => ({
        chain: `${row.table === 'nat' ? 'nat_' : ''}${row.chain.toLowerCase()}`,
        text: ruleText(row, plan, family),
      })),
  );
}

function ruleText(row: RuleRow, plan: RulePlan, family: FamilyPlan): string {
  const ip = family.isIpv6 ? 'ip6' : 'ip';
  const lease = family.isIpv6 ? 'lease6' : 'lease4';
  const parts: string[] = [];
  if (row.source !== undefined) parts.push(`${ip} saddr ${partyText(row.source, family)}`);
  if (row.target !== undefined) {
    parts.push(`${ip} daddr ${row.lease === 'held' ? `@${lease}` : partyText(row.target, family)}`);
  }
  if (row.isLeaving === true) parts.push('oifname != "lo"');
  if (row.protocols.length > 1) parts.push('meta l4proto { tcp, udp }');
  const transport = row.protocols.length > 1 ? 'th' : row.protocols[0];
  if (row.sourcePort !== undefined) parts.push(`${transport} sport ${portText(row.sourcePort, plan)}`);
  if (row.action === 'renew') parts.push('udp dport @asked');
  else if (row.targetPort !== undefined) parts.push(`${transport} dport ${portText(row.targetPort, plan)}`);
  const times = { expireMs: plan.leaseMs };
  const actions = {
    untrack: 'notrack',
    accept: 'accept',
    ask: `update @asked { udp sport timeout ${renewableMs(times)}ms }`,
    renew: `update @${lease} { ${ip} saddr timeout ${elementTimeoutMs(times)}ms }`,
    dnat: `dnat ${ip} to ${endpointText(family.endpoints)}`,
    masquerade: 'masquerade',
  };
  return [...parts, actions[row.action]].join(' ');
}

function partyText(party: Party, family: FamilyPlan): string {
  return `{ ${family[party === 'cache' ? 'addresses' : party].join(', ')} }`;
}

function portText(port: PortName, plan: RulePlan): string {
  return [...new Set(portRange(port, plan))].join('-');
}

/** Each connection, which for UDP is each client's port, goes to one of them by chance. */
function endpointText(endpoints: readonly string[]): string {
  if (endpoints.length < 2) return endpoints.join('');
  const map = endpoints.map((endpoint, index) => `${index} : ${endpoint}`).join(', ');
  return `numgen random mod ${endpoints.length} map { ${map} }`;
}

/**
 * One transaction that makes the table what the plan says; leases that are held stay held.
 * @param isAnew throw away a table of another shape first, with its leases: the next answer takes them again
 */
export function nftText(plan: RulePlan, isAnew: boolean): string {
  const sets = Object.entries(NFT_SETS).map(
    ([set, { type, size }]) => `add set ${NFT_TABLE} ${set} { type ${type}; size ${size}; flags dynamic,timeout; }`,
  );
  const chains = Object.entries(NFT_CHAINS).flatMap(([name, hook]) => [
    `add chain ${NFT_TABLE} ${name} { ${hook} }`,
    `flush chain ${NFT_TABLE} ${name}`,
  ]);
  const rules = nftRules(plan).map(({ chain, text }) => `add rule ${NFT_TABLE} ${chain} ${text}`);
  const clear = isAnew ? [`delete table ${NFT_TABLE}`, `add table ${NFT_TABLE}`] : [];
  return `${[`add table ${NFT_TABLE}`, ...clear, ...sets, ...chains, ...rules].join('\n')}\n`;
}

/** Names of chains and sets in what `nft list table` prints that no table of ours has. */
export function strangers(listing: string): string[] {
  const named = [...listing.matchAll(/^\t(chain|set|map|flowtable|counter|quota|limit) (\S+) \{/gm)];
  return named.flatMap(([, kind, name]) => {
    const isOurs = (kind === 'chain' && name in NFT_CHAINS) || (kind === 'set' && name in NFT_SETS);
    return isOurs ? [] : [`${kind} ${name}`];
  });
}

/** Rules in what `nft list table` prints: lines of chains that are not about the chain itself. */
export function countRules(listing: string): number {
  let isChain = false;
  let rules = 0;
  for (const line of listing.split('\n')) {
    if (/^\t\S/.test(line)) isChain = line.startsWith('\tchain ');
    // A map of many elements goes on in the next line, further in.
    else if (isChain && /^\t\t\S/.test(line) && !line.startsWith('\t\ttype ')) rules++;
  }
  return rules;
}
