/**
 * Ends flows of connection tracking that have outlived the rules they were made by. What nat does to a UDP flow is decided
 * with its first packet and holds as long as packets come, 30 s from the last: a client that keeps its socket, and asked
 * before our DNAT stood or while another pod of kube-dns was there, would stay without answers when this cache dies.
 * The next packet of a flow that was ended makes a new one, by the rules of now. kube-proxy does the same for its Services.
 */
import { mapArena } from '../kernel/arena';
import { EINTR, EINVAL, EMSGSIZE, ENOENT, errnoText } from '../kernel/errno';
import type { Libc } from '../kernel/libc';
import { NETLINK_NETFILTER, NetlinkSocket } from '../kernel/netlink';
import type { MessageWalk } from '../kernel/netlink-message';
import { FLOW_DATAGRAMS_MAX, NETLINK_DATAGRAM_BYTES_MAX } from '../limits';
import { addressToText } from '../wire/address-text';
import type { RulePlan } from './firewall';
import { deleteFlowRequest, type Flow, flowsRequest, isUdpTo, readFlow } from './flow-messages';
import { readLongList } from './long-list';
import { type FamilyPlan, familyPlans } from './rules';

/** What came of it. */
export interface EndedFlows {
  readonly ended: number;
  /** Why not all could be looked at or ended; ''. */
  readonly problem: string;
}

/** Flows of this network namespace; takes memory for good, so one serves all. */
export class Flows {
  private readonly list: NetlinkSocket;
  private readonly deletion: NetlinkSocket;
  private readonly buffer = new Uint8Array(NETLINK_DATAGRAM_BYTES_MAX);

  constructor(libc: Libc) {
    const arena = mapArena(libc, 2 * NetlinkSocket.ARENA_BYTES);
    this.list = new NetlinkSocket(libc, arena);
    this.deletion = new NetlinkSocket(libc, arena);
  }

  /** End flows that do not go where the plan's rules, which stand, would send them. One call at a time. */
  async endStale(plan: RulePlan): Promise<EndedFlows> {
    let ended = 0;
    try {
      for (const family of familyPlans(plan)) ended += await this.endOf(family, plan.dnsPort);
      return { ended, problem: '' };
    } catch (error) {
      return { ended, problem: (error as Error).message };
    } finally {
      this.list.close();
      this.deletion.close();
    }
  }

  /** @returns how many @throws Error when the kernel refuses */
  private async endOf(family: FamilyPlan, port: number): Promise<number> {
    check('open a netlink socket', this.list.open(NETLINK_NETFILTER));
    check('open a netlink socket', this.deletion.open(NETLINK_NETFILTER));
    const isStale = staleTest(family, port);
    let ended = 0;
    const visit = (message: MessageWalk): void => {
      const flow = readFlow(message);
      if (flow !== undefined && isStale(flow) && this.end(message)) ended++;
    };
    const room = { buffer: this.buffer, datagramsMax: FLOW_DATAGRAMS_MAX };
    const result = await readLongList(this.list.descriptor, flowsRequest(family.isIpv6, port), room, visit);
    if (result === -EMSGSIZE)
      throw new Error(`more than ${FLOW_DATAGRAMS_MAX} messages of flows; the rest was not looked at`);
    if (result !== -EINTR) check('list tracked flows', result);
    return ended;
  }

  /** @returns false when it ended by itself meanwhile @throws Error */
  private end(message: MessageWalk): boolean {
    const { error } = this.deletion.request(deleteFlowRequest(message));
    if (error !== -ENOENT) check('end a tracked flow', error);
    return error === 0;
  }
}

function check(what: string, result: number): void {
  if (result >= 0) return;
  const hint = result === -EINVAL ? '; does the kernel have nf_conntrack_netlink?' : ''; // It is loaded when first asked for.
  throw new Error(`cannot ${what}: ${errnoText(-result)}${hint}`);
}

/**
 * A flow is out of date when its answers are to come from an address of ours, or to go to one: it was made without nat, or a
 * client on the host without masquerade. Or when they are to come from a pod of kube-dns that is no longer there.
 */
function staleTest({ addresses, fallback, endpoints }: FamilyPlan, port: number): (flow: Flow) => boolean {
  const own = new Set(addresses);
  const ours = new Set(fallback);
  const there = new Set(endpoints);
  return (flow) => {
    if (!isUdpTo(flow, port)) return false;
    const asked = addressToText(flow.asked);
    if (!own.has(asked)) return false;
    const source = addressToText(flow.answering);
    return own.has(source) || own.has(addressToText(flow.answered)) || (ours.has(asked) && !there.has(source));
  };
}
