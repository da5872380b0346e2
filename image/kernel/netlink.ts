/**
 * Netlink sockets: requests to the kernel with their answers, and events of groups that were joined. The kernel works on a
 * request within send(2), so its answer waits when send returns and nothing here ever blocks.
 * Nobody but the kernel is heard: the socket is connected to port 0.
 */
import {
  NETLINK_DATAGRAM_BYTES_MAX,
  NETLINK_DATAGRAMS_MAX,
  NETLINK_DUMP_TRIES_MAX,
  NETLINK_EVENTS_MAX,
} from '../limits';
import type { Arena } from './arena';
import { EAGAIN, EINTR, EMSGSIZE, ENOBUFS } from './errno';
import { AF_NETLINK, type Libc, MSG_DONTWAIT, MSG_TRUNC, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_RAW } from './libc';
import {
  AttributeWalk,
  aligned,
  MESSAGE_HEADER_BYTES,
  MessageWalk,
  NLM_F_ACK,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  readI32,
  readU16,
  readU32,
} from './netlink-message';

// Protocols and socket options of <linux/netlink.h>.
export const NETLINK_ROUTE = 0;
export const NETLINK_NETFILTER = 12;
export const SOL_NETLINK = 270;
export const NETLINK_ADD_MEMBERSHIP = 1;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;

/** sockaddr_nl: family 2, padding 2, port 4, groups 4. */
const SOCKADDR_NL_BYTES = 12;
/** In an error's attributes, the kernel's own words. */
const NLMSGERR_ATTR_MSG = 1;

/** There is more of an answer to {@link NetlinkSocket.hear}. */
export const MORE = 1;

/** One message of an answer, copied out of the socket's buffer. */
export interface NetlinkMessage {
  readonly type: number;
  readonly payload: Uint8Array;
}

/** What came of a request. */
export interface NetlinkReply {
  /** 0, or -errno: the kernel's, or the socket's. A list that never held still while it was read is -EINTR, with its last reading. */
  readonly error: number;
  /** The kernel's words for the error; '' when it had none. */
  readonly explanation: string;
  readonly messages: readonly NetlinkMessage[];
}

/** One socket of one protocol at a time; may be opened again after {@link close}. */
export class NetlinkSocket {
  private readonly libc: Libc;
  private readonly arena: Arena;
  private readonly buffer: number;
  private readonly option: number;
  private readonly walk = new MessageWalk();
  private fd = -1;
  private sequence = 0;
  /** The kernel's words at the end of the last answer. */
  private explanation = '';
  private isInterrupted = false;

  /** Bytes of arena taken. */
  static readonly ARENA_BYTES = NETLINK_DATAGRAM_BYTES_MAX + 64;

  constructor(libc: Libc, arena: Arena) {
    this.libc = libc;
    this.arena = arena;
    this.buffer = arena.allocate(NETLINK_DATAGRAM_BYTES_MAX);
    this.option = arena.allocate(SOCKADDR_NL_BYTES);
  }

  /** Is there a socket? */
  get isOpen(): boolean {
    return this.fd >= 0;
  }

  /** For other ways to read and write; -1 when it is not open. */
  get descriptor(): number {
    return this.fd;
  }

  /** @param protocol {@link NETLINK_ROUTE} or {@link NETLINK_NETFILTER}. @returns 0 or -errno */
  open(protocol: number): number {
    const { libc, arena, option } = this;
    this.close();
    const fd = libc.socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (fd < 0) return fd;
    arena.u8.fill(0, option, option + SOCKADDR_NL_BYTES);
    arena.u8[option] = AF_NETLINK;
    const connected = libc.connect(fd, arena.address(option), SOCKADDR_NL_BYTES);
    if (connected < 0) {
      libc.close(fd);
      return connected;
    }
    this.fd = fd;
    this.set(SOL_NETLINK, NETLINK_CAP_ACK, 1); // Kernels that lack one of these two (before 4.12) say less, that is all.
    this.set(SOL_NETLINK, NETLINK_EXT_ACK, 1);
    return 0;
  }

  /** Hear the events of a multicast group. @returns 0 or -errno */
  joinGroup(group: number): number {
    return this.set(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group);
  }

  /** Set an integer option. @returns 0 or -errno */
  set(level: number, option: number, value: number): number {
    this.arena.i32[this.option >>> 2] = value;
    return this.libc.setsockopt(this.fd, level, option, this.arena.address(this.option), 4);
  }

  /** Send a request and take its answer. Lists (NLM_F_DUMP) are read again when they changed meanwhile. */
  request(message: Uint8Array): NetlinkReply {
    const isDump = (readU16(message, 6) & NLM_F_DUMP) === NLM_F_DUMP;
    let reply = this.exchange(message);
    for (let tries = 1; isDump && reply.error === -EINTR && tries < NETLINK_DUMP_TRIES_MAX; tries++) {
      reply = this.exchange(message);
    }
    return reply;
  }

  private exchange(message: Uint8Array): NetlinkReply {
    const messages: NetlinkMessage[] = [];
    const sent = this.ask(message);
    if (sent < 0) return { error: sent, explanation: '', messages };
    const keep = ({ type, bytes, payload, end }: MessageWalk): void => {
      messages.push({ type, payload: bytes.slice(payload, end) });
    };
    for (let datagrams = 0; datagrams < NETLINK_DATAGRAMS_MAX; datagrams++) {
      const error = this.hear(keep);
      if (error !== MORE) return { error, explanation: this.explanation, messages };
    }
    return { error: -EMSGSIZE, explanation: '', messages };
  }

  /** Send a request whose answer is taken piece by piece, by {@link hear}: a long list. @returns 0 or -errno */
  ask(message: Uint8Array): number {
    const { libc, arena, buffer } = this;
    this.explanation = '';
    this.isInterrupted = false;
    arena.u8.set(message, buffer);
    arena.u16[(buffer + 6) >>> 1] |= NLM_F_ACK;
    arena.u32[(buffer + 8) >>> 2] = ++this.sequence;
    return Math.min(0, libc.send(this.fd, arena.address(buffer), message.length, MSG_DONTWAIT));
  }

  /**
   * Read the next datagram of the answer.
   * @param visit called for each message of it; its fields are valid until it returns
   * @returns {@link MORE}, 0 at the end of the answer, or -errno: the kernel's, or the socket's; -EINTR at the end of a list
   *   that changed while it was read
   */
  hear(visit: (message: MessageWalk) => void): number {
    const { arena, buffer, sequence } = this;
    const got = this.receive();
    if (got < 0) return got;
    const walk = this.walk.over(arena.u8, buffer, buffer + got);
    while (walk.next()) {
      if (walk.sequence !== sequence) continue; // Of a request that was given up.
      if ((walk.flags & NLM_F_DUMP_INTR) !== 0) this.isInterrupted = true;
      if (walk.type === NLMSG_ERROR || walk.type === NLMSG_DONE) {
        const { error, explanation } = outcome(walk);
        this.explanation = explanation;
        return error === 0 && this.isInterrupted ? -EINTR : error;
      }
      visit(walk);
    }
    return MORE;
  }

  /** @returns bytes in the buffer, or -errno; -EMSGSIZE when the datagram was larger */
  private receive(): number {
    const { libc, arena, buffer } = this;
    const got = libc.recv(this.fd, arena.address(buffer), NETLINK_DATAGRAM_BYTES_MAX, MSG_DONTWAIT | MSG_TRUNC);
    return got > NETLINK_DATAGRAM_BYTES_MAX ? -EMSGSIZE : got;
  }

  /**
   * Read events that wait, at most NETLINK_EVENTS_MAX datagrams of them.
   * @param visit called for each message; its fields are valid until it returns
   * @returns datagrams read; -ENOBUFS when some were lost, and what they told must be asked for; another -errno
   */
  events(visit: (message: MessageWalk) => void): number {
    let isLost = false;
    for (let datagrams = 0; datagrams < NETLINK_EVENTS_MAX; datagrams++) {
      const got = this.receive();
      if (got === -EAGAIN) return isLost ? -ENOBUFS : datagrams;
      if (got === -ENOBUFS || got === -EMSGSIZE) isLost = true;
      else if (got < 0) return got;
      else {
        const walk = this.walk.over(this.arena.u8, this.buffer, this.buffer + got);
        while (walk.next()) visit(walk);
      }
    }
    return isLost ? -ENOBUFS : NETLINK_EVENTS_MAX;
  }

  close(): void {
    if (this.fd >= 0) this.libc.close(this.fd);
    this.fd = -1;
  }
}

/**
 * What NLMSG_ERROR and NLMSG_DONE say: -errno first. After an error comes the request it is about, only its header when
 * capped, and then attributes. A DONE without room for a number is one of success.
 */
function outcome({ bytes, type, flags, payload, end }: MessageWalk): { error: number; explanation: string } {
  const error = end - payload >= 4 ? readI32(bytes, payload) : 0;
  if (type === NLMSG_DONE || (flags & NLM_F_ACK_TLVS) === 0 || end - payload < 4 + MESSAGE_HEADER_BYTES) {
    return { error, explanation: '' };
  }
  const echoBytes = (flags & NLM_F_CAPPED) !== 0 ? MESSAGE_HEADER_BYTES : aligned(readU32(bytes, payload + 4));
  const attributes = new AttributeWalk().over(bytes, payload + 4 + echoBytes, end);
  return { error, explanation: attributes.find(NLMSGERR_ATTR_MSG) ? attributes.text() : '' };
}
