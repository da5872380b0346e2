/**
 * Our nftables table as text: sets with the leases, chains in raw for the way round connection tracking, chains in nat for
 * the way out of addresses that kube-proxy does not serve. LEASE.md has the why of each rule.
 */
import { isIPv6 } from 'node:net';
import { LEASES_MAX, RENEWAL_PORT_FIRST, RENEWAL_PORT_LAST } from '../limits';
import type { RulePlan } from './firewall';
import { elementTimeoutMs } from './lease';

/** Family and name of the table. */
export const NFT_TABLE = 'inet nodelocaldns';

/** Chains with what hooks them in: raw comes before conntrack, nat before kube-proxy's (-100). */
const CHAINS = {
  prerouting: 'type filter hook prerouting priority -300; policy accept;',
  output: 'type filter hook output priority -300; policy accept;',
  nat_prerouting: 'type nat hook prerouting priority -110; policy accept;',
  nat_output: 'type nat hook output priority -110; policy accept;',
  nat_postrouting: 'type nat hook postrouting priority 90; policy accept;',
} as const;

type ChainName = keyof typeof CHAINS;

interface Family {
  readonly ip: 'ip' | 'ip6';
  readonly type: 'ipv4_addr' | 'ipv6_addr';
  readonly lease: 'lease4' | 'lease6';
  readonly loopback: string;
  readonly addresses: readonly string[];
  readonly fallback: readonly string[];
  readonly endpoints: readonly string[];
}

function families({ addresses, fallback }: RulePlan): Family[] {
  const of = (list: readonly string[], six: boolean): string[] => list.filter((each) => isIPv6(each) === six);
  const make = (six: boolean): Family => ({
    ...(six
      ? ({ ip: 'ip6', type: 'ipv6_addr', lease: 'lease6', loopback: '::1' } as const)
      : ({ ip: 'ip', type: 'ipv4_addr', lease: 'lease4', loopback: '127.0.0.1' } as const)),
    addresses: of(addresses, six),
    fallback: of(fallback.addresses, six),
    endpoints: of(fallback.endpoints, six),
  });
  return [make(false), make(true)].filter((family) => family.addresses.length > 0);
}

function rulesOf(plan: RulePlan): [ChainName, string][] {
  const { dnsPort, healthPort, leaseMs } = plan;
  const dns = 'meta l4proto { tcp, udp } th';
  return families(plan).flatMap(({ ip, lease, loopback, addresses, fallback, endpoints }): [ChainName, string][] => {
    const ours = `{ ${addresses.join(', ')} }`;
    const renewal = `udp sport ${dnsPort} udp dport ${RENEWAL_PORT_FIRST}-${RENEWAL_PORT_LAST}`;
    const raw: [ChainName, string][] = [
      ['prerouting', `${ip} daddr @${lease} ${dns} dport ${dnsPort} notrack`],
      [
        'output',
        `${ip} saddr ${ours} ${ip} daddr ${loopback} ${renewal} update @${lease} { ${ip} saddr timeout ${elementTimeoutMs({ expireMs: leaseMs })}ms }`,
      ],
      ['output', `${ip} saddr ${ours} ${dns} sport ${dnsPort} notrack`],
      ['output', `${ip} saddr ${loopback} ${ip} daddr ${ours} udp dport ${dnsPort} notrack`],
      ['output', `${ip} daddr @${lease} ${dns} dport ${dnsPort} notrack`],
      ['output', `${ip} daddr ${ours} tcp dport ${healthPort} notrack`],
      ['output', `${ip} saddr ${ours} tcp sport ${healthPort} notrack`],
    ];
    const masquerade: [ChainName, string][] = [
      ['nat_postrouting', `${ip} saddr ${ours} oifname != "lo" ${dns} dport ${dnsPort} masquerade`],
    ];
    if (fallback.length === 0 || endpoints.length === 0) return [...raw, ...masquerade];
    const target =
      endpoints.length === 1
        ? endpoints[0]
        : `numgen random mod ${endpoints.length} map { ${endpoints.map((to, index) => `${index} : ${to}`).join(', ')} }`;
    const dnat = `${ip} daddr { ${fallback.join(', ')} } ${dns} dport ${dnsPort} dnat ${ip} to ${target}`;
    return [...raw, ...masquerade, ['nat_prerouting', dnat], ['nat_output', dnat]];
  });
}

/**
 * One transaction that makes the table what the plan says; leases that are held stay held.
 * @param anew throw away a table of another shape first
 */
export function nftText(plan: RulePlan, anew: boolean): string {
  const sets = (['lease4', 'lease6'] as const).map((lease) => {
    const type = lease === 'lease4' ? 'ipv4_addr' : 'ipv6_addr';
    return `add set ${NFT_TABLE} ${lease} { type ${type}; size ${LEASES_MAX}; flags dynamic,timeout; }`;
  });
  const chains = Object.entries(CHAINS).flatMap(([name, hook]) => [
    `add chain ${NFT_TABLE} ${name} { ${hook} }`,
    `flush chain ${NFT_TABLE} ${name}`,
  ]);
  const rules = rulesOf(plan).map(([chain, rule]) => `add rule ${NFT_TABLE} ${chain} ${rule}`);
  const clear = anew ? [`delete table ${NFT_TABLE}`, `add table ${NFT_TABLE}`] : [];
  return `${[`add table ${NFT_TABLE}`, ...clear, ...sets, ...chains, ...rules].join('\n')}\n`;
}
