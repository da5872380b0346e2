/**
 * Which event of nf_tables is about rules of ours? Every change of any table of this network namespace is told, kube-proxy's
 * thousands of rules included, so the look at one is short: its type, its family, its table's name, and for chains and rules the
 * chain's. Elements of sets are not looked at: those of the lease come and go by design.
 */
import { AttributeWalk, type MessageWalk } from '../kernel/netlink-message';

/** Multicast group of nf_tables, <linux/netfilter/nfnetlink.h>. */
export const NFNLGRP_NFTABLES = 7;

/** Subsystem in the upper half of a message's type. */
const NFNL_SUBSYS_NFTABLES = 10;
/** nfgenmsg: family 1, version 1, resource 2. */
const STRUCT_BYTES = 4;
/** The table's name, in messages of tables, chains, rules, sets, objects and flow tables alike. */
const NFTA_TABLE = 1;
const NFTA_RULE_CHAIN = 2;
const NFTA_CHAIN_NAME = 3;

// Messages, <linux/netfilter/nf_tables.h>; those not named here are of elements (12–14), generations and traces (15–17).
const NFT_MSG_NEWCHAIN = 3;
const NFT_MSG_DELCHAIN = 5;
const NFT_MSG_NEWRULE = 6;
const NFT_MSG_DELRULE = 8;
const NFT_MSG_DELSET = 11;
const NFT_MSG_NEWOBJ = 18;

/** A table that holds rules of ours. */
export interface WatchedTable {
  readonly family: 'ip' | 'inet' | 'ip6';
  readonly name: string;
  /** Only these of its chains, for a table that is shared (iptables-nft); all when not given. */
  readonly chains?: readonly string[];
}

/** NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6. */
const FAMILIES = { inet: 1, ip: 2, ip6: 10 } as const;

interface Watched {
  readonly family: number;
  readonly name: Uint8Array;
  readonly chains: readonly Uint8Array[] | undefined;
}

/** Tells events about given tables from others. */
export class NftFilter {
  private readonly tables: readonly Watched[];
  private readonly walk = new AttributeWalk();

  constructor(tables: readonly WatchedTable[]) {
    this.tables = tables.map(({ family, name, chains }) => ({
      family: FAMILIES[family],
      name: octets(name),
      chains: chains?.map(octets),
    }));
  }

  /** Is it about a table, chain, rule, set or object that is watched? */
  matches({ bytes, type, payload, end }: MessageWalk): boolean {
    const message = type & 255;
    if (type >>> 8 !== NFNL_SUBSYS_NFTABLES || payload + STRUCT_BYTES > end) return false;
    if (message > NFT_MSG_DELSET && message < NFT_MSG_NEWOBJ) return false;
    const walk = this.walk.over(bytes, payload + STRUCT_BYTES, end);
    if (!walk.find(NFTA_TABLE)) return false;
    for (const table of this.tables) {
      if (table.family !== bytes[payload] || !walk.is(table.name)) continue;
      return table.chains === undefined || this.isChain(message, table.chains);
    }
    return false;
  }

  /** Tables themselves, their sets and objects count for every chain. The walk goes on behind the table's name. */
  private isChain(message: number, chains: readonly Uint8Array[]): boolean {
    const isOfChain = message === NFT_MSG_NEWCHAIN || message === NFT_MSG_DELCHAIN;
    const isOfRule = message === NFT_MSG_NEWRULE || message === NFT_MSG_DELRULE;
    if (!isOfChain && !isOfRule) return true;
    if (!this.walk.find(isOfChain ? NFTA_CHAIN_NAME : NFTA_RULE_CHAIN)) return false;
    for (const chain of chains) if (this.walk.is(chain)) return true;
    return false;
  }
}

/** A name as netlink writes it, with the zero octet. */
function octets(name: string): Uint8Array {
  return Buffer.from(name + '\0', 'latin1');
}
