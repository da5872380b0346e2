/**
 * The rules of a node as a table: one row each, with its reason. Knows no tool: nft-text.ts and iptables-text.ts write the
 * rows down, `nft` for all addresses at once, iptables per address and protocol and in the words of the Go agent.
 * @source kubernetes/dns cmd/node-cache/app/cache_app.go initIptables for the rows with the Go agent's comments; LEASE.md
 */
import {
  FALLBACK_ENDPOINTS_MAX,
  KEEPER_PORT_FIRST,
  KEEPER_PORT_LAST,
  RENEWAL_PORT_FIRST,
  RENEWAL_PORT_LAST,
} from '../limits';
import { addressToText, textToAddress } from '../wire/address-text';
import type { RulePlan } from './firewall';

/** Where a rule stands. */
export type RuleTable = 'raw' | 'filter' | 'nat';
/** Built-in chains that have rules of ours. */
export type RuleChain = 'PREROUTING' | 'INPUT' | 'OUTPUT' | 'POSTROUTING';
/**
 * `cache`: addresses of ours; `fallback`: those that kube-proxy does not serve and we have a way to kube-dns for; `sole`: those
 * that nobody but this cache answers, because no endpoints are known.
 */
export type Party = 'cache' | 'fallback' | 'sole';
/** Ports by meaning. */
export type PortName = 'dns' | 'health' | 'keeper' | 'renewal';

/** First and last port by meaning. */
export function portRange(name: PortName, { dnsPort, healthPort }: RulePlan): readonly [number, number] {
  switch (name) {
    case 'dns':
      return [dnsPort, dnsPort];
    case 'health':
      return [healthPort, healthPort];
    case 'keeper':
      return [KEEPER_PORT_FIRST, KEEPER_PORT_LAST];
    case 'renewal':
      return [RENEWAL_PORT_FIRST, RENEWAL_PORT_LAST];
  }
}

/** One row. */
export interface RuleRow {
  readonly why: string;
  /** The back-end that needs it, when the other says it in another way. */
  readonly only?: 'nft' | 'iptables';
  readonly table: RuleTable;
  readonly chain: RuleChain;
  /** None: all. */
  readonly protocols: readonly ('tcp' | 'udp')[];
  readonly source?: Party;
  readonly target?: Party;
  readonly sourcePort?: PortName;
  readonly targetPort?: PortName;
  /** Matches while the target's lease is held. iptables has `ended` rows above instead, so that the Go agent's rules stay. */
  readonly lease?: 'held' | 'ended';
  /** Only what leaves by another device than the loopback. */
  readonly isLeaving?: boolean;
  /** `ask`: note the question, whose answer may renew for a moment. */
  readonly action: 'untrack' | 'accept' | 'ask' | 'renew' | 'dnat' | 'masquerade';
  readonly comment: string;
}

/** Comments of the Go agent's rules since 1.22.19; before, they had none. */
export const GO_COMMENTS = ['NodeLocal DNS Cache: skip conntrack', 'NodeLocal DNS Cache: allow DNS traffic'] as const;
/** How comments of ours begin. */
export const OUR_COMMENT = 'nodelocaldns: ';

const [SKIP, ALLOW] = GO_COMMENTS;
const BOTH = ['tcp', 'udp'] as const;

/** In the order in which they stand in their chains. */
export const RULES: readonly RuleRow[] = [
  {
    why: "An answer to the keeper's question renews the lease: only a cache that answers holds it.",
    ...{ table: 'raw', chain: 'OUTPUT', protocols: ['udp'], source: 'cache', target: 'cache' },
    ...{
      sourcePort: 'dns',
      targetPort: 'renewal',
      action: 'renew',
      comment: `${OUR_COMMENT}an answer renews the lease`,
    },
  },
  {
    why: "The keeper's question goes to the cache, lease or not: it is to find out whether the cache answers.",
    ...{ table: 'raw', chain: 'OUTPUT', protocols: ['udp'], source: 'cache', target: 'cache' },
    ...{ sourcePort: 'keeper', targetPort: 'dns', action: 'untrack', comment: `${OUR_COMMENT}the cache asks itself` },
  },
  {
    why: 'Without a lease queries are tracked, meet the DNAT of kube-proxy or ours, and reach kube-dns.',
    ...{ only: 'iptables', table: 'raw', chain: 'PREROUTING', protocols: BOTH, target: 'cache', targetPort: 'dns' },
    ...{ lease: 'ended', action: 'accept', comment: `${OUR_COMMENT}lease ended, kube-dns answers` },
  },
  {
    why: "The same for clients on the host's network.",
    ...{ only: 'iptables', table: 'raw', chain: 'OUTPUT', protocols: BOTH, target: 'cache', targetPort: 'dns' },
    ...{ lease: 'ended', action: 'accept', comment: `${OUR_COMMENT}lease ended, kube-dns answers` },
  },
  {
    why: 'Queries of pods skip connection tracking, and with it every DNAT.',
    ...{ table: 'raw', chain: 'PREROUTING', protocols: BOTH, target: 'cache', targetPort: 'dns', lease: 'held' },
    ...{ action: 'untrack', comment: SKIP },
  },
  {
    why: 'Nobody else answers these: tracked, a query would make an entry without nat, to which no DNAT applies when it comes.',
    ...{ only: 'nft', table: 'raw', chain: 'PREROUTING', protocols: BOTH, target: 'sole', targetPort: 'dns' },
    ...{ action: 'untrack', comment: SKIP },
  },
  {
    why: "Untracked packets are not 'established': where the filter drops what it does not know, they need a rule.",
    ...{ only: 'iptables', table: 'filter', chain: 'INPUT', protocols: BOTH, target: 'cache', targetPort: 'dns' },
    ...{ action: 'accept', comment: ALLOW },
  },
  {
    why: 'Answers are never tracked: the entry of one, with its reply direction, would pin its client to a dead cache.',
    ...{ table: 'raw', chain: 'OUTPUT', protocols: BOTH, source: 'cache', sourcePort: 'dns', action: 'untrack' },
    comment: SKIP,
  },
  {
    why: 'The filter, for answers.',
    ...{ only: 'iptables', table: 'filter', chain: 'OUTPUT', protocols: BOTH, source: 'cache', sourcePort: 'dns' },
    ...{ action: 'accept', comment: ALLOW },
  },
  {
    why: "The keeper's question is noted for a moment: an answer that comes later, from a starved cache, renews nothing.",
    ...{ only: 'nft', table: 'raw', chain: 'OUTPUT', protocols: ['udp'], source: 'cache', target: 'cache' },
    ...{ sourcePort: 'renewal', targetPort: 'dns', action: 'ask', comment: SKIP },
  },
  {
    why: "Queries of clients on the host's network.",
    ...{ table: 'raw', chain: 'OUTPUT', protocols: BOTH, target: 'cache', targetPort: 'dns', lease: 'held' },
    ...{ action: 'untrack', comment: SKIP },
  },
  {
    why: 'Addresses that nobody else answers, asked on the host.',
    ...{ only: 'nft', table: 'raw', chain: 'OUTPUT', protocols: BOTH, target: 'sole', targetPort: 'dns' },
    ...{ action: 'untrack', comment: SKIP },
  },
  {
    why: "The kubelet's question whether we live must not depend on a full table of connections.",
    ...{ table: 'raw', chain: 'OUTPUT', protocols: ['tcp'], target: 'cache', targetPort: 'health', action: 'untrack' },
    comment: SKIP,
  },
  {
    why: 'The same for the answer.',
    ...{ table: 'raw', chain: 'OUTPUT', protocols: ['tcp'], source: 'cache', sourcePort: 'health', action: 'untrack' },
    comment: SKIP,
  },
  {
    why: 'An address that kube-proxy does not know needs a way to kube-dns of its own; untracked packets pass it by.',
    ...{ table: 'nat', chain: 'PREROUTING', protocols: BOTH, target: 'fallback', targetPort: 'dns', action: 'dnat' },
    comment: `${OUR_COMMENT}way to kube-dns while the lease is lost`,
  },
  {
    why: "The same for clients on the host's network.",
    ...{ table: 'nat', chain: 'OUTPUT', protocols: BOTH, target: 'fallback', targetPort: 'dns', action: 'dnat' },
    comment: `${OUR_COMMENT}way to kube-dns while the lease is lost`,
  },
  {
    why: 'A client on the host has the local address as its source; nobody elsewhere could answer it. Any port: a Service maps it.',
    ...{ table: 'nat', chain: 'POSTROUTING', protocols: [], source: 'cache', isLeaving: true, action: 'masquerade' },
    comment: `${OUR_COMMENT}kube-dns answers clients on the host`,
  },
];

/** What a plan says for one IP family. */
export interface FamilyPlan {
  readonly isIpv6: boolean;
  readonly addresses: readonly string[];
  /** Addresses with a standing DNAT; none without endpoints. */
  readonly fallback: readonly string[];
  /** Those that would have one, if endpoints were known, and that are certainly no Service's. */
  readonly sole: readonly string[];
  readonly endpoints: readonly string[];
}

/** One text per address, and as the tools print it; what is no address stays. */
export function plainAddress(text: string): string {
  const address = textToAddress(text);
  return address === undefined ? text : addressToText(address);
}

/** No Service has such an address; any other may be one that kube-proxy serves, and that we do not know of. RFC 3927 */
export function isLinkLocal(address: string): boolean {
  return address.startsWith('169.254.');
}

/** The plan by family. @returns IPv4 first; a family without addresses is left out */
export function familyPlans({ addresses, fallback }: RulePlan): FamilyPlan[] {
  return [false, true].flatMap((isIpv6) => {
    const pick = (list: readonly string[]): string[] => [
      ...new Set(list.map(plainAddress).filter((address) => address.includes(':') === isIpv6)),
    ];
    const own = pick(addresses);
    if (own.length === 0) return [];
    const endpoints = pick(fallback.endpoints).slice(0, FALLBACK_ENDPOINTS_MAX).sort();
    const unserved = pick(fallback.addresses);
    return {
      ...{ isIpv6, addresses: own, endpoints },
      ...(endpoints.length === 0
        ? { fallback: [], sole: unserved.filter(isLinkLocal) }
        : { fallback: unserved, sole: [] }),
    };
  });
}
