/**
 * What others do to our link and our rules, as the kernel tells it: events of rtnetlink and nf_tables, and fingerprints of
 * legacy tables. Changes of our own are told, too: whoever mends something is asked to look once more, finds all well, and
 * nothing that happened in between is missed.
 */
import { mapArena } from '../kernel/arena';
import { errnoText } from '../kernel/errno';
import { type Libc, SO_RCVBUFFORCE, SOL_SOCKET } from '../kernel/libc';
import { NETLINK_NETFILTER, NETLINK_ROUTE, NetlinkSocket } from '../kernel/netlink';
import { AttributeWalk, type MessageWalk, readI32 } from '../kernel/netlink-message';
import { NETLINK_EVENTS_BUFFER_BYTES } from '../limits';
import { type LegacyFamily, LegacyTables } from './legacy-tables';
import { findDevice } from './link';
import { NFNLGRP_NFTABLES, NftFilter, type WatchedTable } from './nft-events';
import {
  ADDRESS_STRUCT_BYTES,
  IFLA_IFNAME,
  INDEX_OFFSET,
  LINK_STRUCT_BYTES,
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_NEWLINK,
} from './route-messages';

/** RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR: <linux/rtnetlink.h>. */
const ROUTE_GROUPS = [1, 5, 9];
const AF_UNSPEC = 0;

/** What to watch. */
export interface Watch {
  /** Name of the link; '' for none. */
  readonly device: string;
  /** Tables of nf_tables; none leaves nf_tables alone, which a kernel would load for us. */
  readonly tables: readonly WatchedTable[];
  /** Families that iptables-legacy holds rules of ours for. */
  readonly legacy: readonly LegacyFamily[];
}

/** What may have changed since the last look. */
export interface Changes {
  readonly link: boolean;
  readonly rules: boolean;
}

/** Watches from its construction until {@link close}; takes memory for good, so one serves all. {@link poll} is for a timer: 250 ms. */
export class NodeChanges {
  private readonly watch: Watch;
  private readonly asking: NetlinkSocket;
  private readonly links: NetlinkSocket;
  private readonly rules: NetlinkSocket;
  private readonly legacy: LegacyTables;
  private readonly filter: NftFilter;
  private readonly name: Uint8Array;
  private readonly walk = new AttributeWalk();
  /** Sockets that heard once, and broke. */
  private readonly broken = new Set<NetlinkSocket>();
  /** 0: there is no such device. */
  private deviceIndex = 0;
  private isLinkChanged = false;
  private isRuleChanged = false;
  /** What cannot be watched, and why, each once; for the log. It is mended at the sync interval only. */
  readonly problems: string[] = [];

  constructor(libc: Libc, watch: Watch) {
    const arena = mapArena(libc, 3 * NetlinkSocket.ARENA_BYTES + LegacyTables.ARENA_BYTES);
    this.watch = watch;
    this.name = Buffer.from(watch.device + '\0', 'latin1');
    this.filter = new NftFilter(watch.tables);
    this.asking = new NetlinkSocket(libc, arena);
    this.links = new NetlinkSocket(libc, arena);
    this.rules = new NetlinkSocket(libc, arena);
    this.legacy = new LegacyTables(libc, arena, watch.legacy);
    this.problems.push(...this.legacy.problems);
    if (watch.device !== '') this.listenToLinks();
    if (watch.tables.length > 0) this.listenToRules();
  }

  private listenToLinks(): void {
    this.listen(this.links, NETLINK_ROUTE, ROUTE_GROUPS, 'the interface');
    this.findDevice(); // After the groups are joined: what happens from now on is told.
  }

  private listenToRules(): void {
    this.listen(this.rules, NETLINK_NETFILTER, [NFNLGRP_NFTABLES], 'nftables');
  }

  /** Begin to hear, or begin anew: what waited in an old socket is gone. */
  private listen(socket: NetlinkSocket, protocol: number, groups: readonly number[], what: string): void {
    let result = socket.open(protocol);
    if (result === 0) socket.set(SOL_SOCKET, SO_RCVBUFFORCE, NETLINK_EVENTS_BUFFER_BYTES);
    for (const group of groups) if (result === 0) result = socket.joinGroup(group);
    if (result === 0) return;
    socket.close();
    const problem = `cannot hear of changes of ${what}: ${errnoText(-result)}; looking at every sync interval only`;
    if (!this.problems.includes(problem)) this.problems.push(problem);
  }

  private findDevice(): void {
    this.deviceIndex = 0;
    if (!this.links.isOpen || this.asking.open(NETLINK_ROUTE) < 0) return;
    try {
      this.deviceIndex = findDevice(this.asking, this.watch.device)?.index ?? 0;
    } catch {
      // The next event that names the device tells its index.
    } finally {
      this.asking.close();
    }
  }

  /**
   * Is there a reason to look at the link, or at the rules? Never waits; some 5 µs when nothing happened.
   * @returns true for what has changed, or may have: when the kernel had to drop events, all may have
   */
  poll(): Changes {
    this.isLinkChanged = false;
    this.isRuleChanged = this.legacy.changed();
    if (this.isInterrupted(this.links, this.onLink, () => this.listenToLinks())) this.isLinkChanged = true;
    if (this.isInterrupted(this.rules, this.onRule, () => this.listenToRules())) this.isRuleChanged = true;
    return { link: this.isLinkChanged, rules: this.isRuleChanged };
  }

  /**
   * Hear what is new. Where events are missing everything is to be looked at, and those that wait would only stand in the way of
   * new ones: a new socket is opened, at the next poll if it cannot be now (no descriptor is free). One that was refused at the
   * start is not tried again.
   */
  private isInterrupted(socket: NetlinkSocket, visit: (message: MessageWalk) => void, listen: () => void): boolean {
    if (!socket.isOpen) {
      if (this.broken.has(socket)) listen();
      return socket.isOpen;
    }
    if (socket.events(visit) >= 0) return false;
    this.broken.add(socket);
    listen();
    return true;
  }

  /** Gone, renamed, replaced, or an address less. A new address harms nobody. */
  private readonly onLink = ({ bytes, type, payload, end }: MessageWalk): void => {
    if (type === RTM_DELADDR) {
      if (end - payload >= ADDRESS_STRUCT_BYTES && readI32(bytes, payload + INDEX_OFFSET) === this.deviceIndex) {
        this.isLinkChanged = true;
      }
      return;
    }
    // A bridge tells of its ports with the same types and its own family: their device is still there.
    const isLink = (type === RTM_NEWLINK || type === RTM_DELLINK) && end - payload >= LINK_STRUCT_BYTES;
    if (!isLink || bytes[payload] !== AF_UNSPEC) return;
    const index = readI32(bytes, payload + INDEX_OFFSET);
    const walk = this.walk.over(bytes, payload + LINK_STRUCT_BYTES, end);
    const isNamed = walk.find(IFLA_IFNAME) && walk.is(this.name);
    const isHere = isNamed && type === RTM_NEWLINK;
    if (isHere && index === this.deviceIndex) return; // Up, down, another counter: the addresses tell for themselves.
    if (!isHere && index !== this.deviceIndex) return;
    this.deviceIndex = isHere ? index : 0;
    this.isLinkChanged = true;
  };

  private readonly onRule = (message: MessageWalk): void => {
    if (!this.isRuleChanged && this.filter.matches(message)) this.isRuleChanged = true;
  };

  close(): void {
    this.broken.clear();
    for (const socket of [this.asking, this.links, this.rules]) socket.close();
    this.legacy.close();
  }
}
