/**
 * Datagrams by the batch: the vectors of recvmmsg and sendmmsg, set up once and only patched afterwards.
 *
 *   receive(fd) ─▶ for each slot: bytes at requestOffset(slot), its size, its peer ─▶ room for an answer at replyOffset()
 *   reply(bytes, peer) packs answers densely ─▶ send(fd) in one call
 *
 * A peer is PEER_BYTES at some offset: the socket address, then what sendmmsg needs to answer from the address that was
 * asked (control message, wildcard sockets only). Peers are copied, not pointed at: an answer may leave much later.
 *
 *   peer:  0 sockaddr (28, padded) | 32 control bytes used (u32) | 40 control message (40)
 */
import { assert } from '../assert';
import { BATCH_SLOTS, REQUEST_BYTES_MAX } from '../limits';
import type { Arena } from './arena';
import { isTransient } from './errno';
import {
  CMSG_DATA,
  CMSG_LEVEL,
  IOV_BASE,
  IOV_LEN,
  IOVEC_BYTES,
  MMSGHDR_BYTES,
  MSG_CONTROL,
  MSG_CONTROLLEN,
  MSG_FLAGS,
  MSG_IOV,
  MSG_IOVLEN,
  MSG_LEN,
  MSG_NAME,
  MSG_NAMELEN,
  SOCKADDR_IN_BYTES,
  SOCKADDR_IN6_BYTES,
} from './layout';
import { AF_INET, IPPROTO_IP, type Libc, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_TRUNC } from './libc';

/** Size of a peer. */
export const PEER_BYTES = 80;
const PEER_CONTROL_BYTES = 32;
const PEER_CONTROL = 40;
const CONTROL_BYTES_MAX = 40; // in6_pktinfo: 16 + 20, rounded up to 8.
/** Where the interface number is: in_pktinfo begins with it, in6_pktinfo ends with it. */
const PKTINFO_INTERFACE = CMSG_DATA;
const PKTINFO6_INTERFACE = CMSG_DATA + 16;

export class Batch {
  private readonly libc: Libc;
  private readonly arena: Arena;
  private readonly receiveHeaders: number;
  private readonly sendHeaders: number;
  private readonly sendIovecs: number;
  private readonly requests: number;
  private readonly replies: number;
  private readonly receivePeers: number;
  private readonly sendPeers: number;
  private wildcard = false;
  private fd = -1;
  /** Answers packed and not yet sent. */
  replyCount = 0;
  /** Answers the kernel did not take: its buffer was full, or a rule forbade them. Read and reset by the owner. */
  unsent = 0;

  /** Bytes of arena that a batch takes. */
  static readonly ARENA_BYTES =
    BATCH_SLOTS * 2 * (MMSGHDR_BYTES + IOVEC_BYTES + PEER_BYTES + REQUEST_BYTES_MAX) + 8 * 64;

  /** @param wildcard whether the socket needs the local address of each datagram */
  constructor(libc: Libc, arena: Arena, fd: number, wildcard: boolean) {
    this.libc = libc;
    this.arena = arena;
    this.receiveHeaders = arena.allocate(BATCH_SLOTS * MMSGHDR_BYTES);
    this.sendHeaders = arena.allocate(BATCH_SLOTS * MMSGHDR_BYTES);
    const receiveIovecs = arena.allocate(BATCH_SLOTS * IOVEC_BYTES);
    this.sendIovecs = arena.allocate(BATCH_SLOTS * IOVEC_BYTES);
    this.receivePeers = arena.allocate(BATCH_SLOTS * PEER_BYTES);
    this.sendPeers = arena.allocate(BATCH_SLOTS * PEER_BYTES);
    this.requests = arena.allocate(BATCH_SLOTS * REQUEST_BYTES_MAX);
    this.replies = arena.allocate(BATCH_SLOTS * REQUEST_BYTES_MAX);
    this.fill(this.receiveHeaders, receiveIovecs, this.receivePeers, this.requests);
    this.fill(this.sendHeaders, this.sendIovecs, this.sendPeers, this.replies);
    this.attach(fd, wildcard);
  }

  /** Serve another socket from now on; nothing is packed for the one before. */
  attach(fd: number, wildcard: boolean): void {
    assert(this.replyCount === 0);
    this.fd = fd;
    this.wildcard = wildcard;
    this.unsent = 0;
    this.control(this.receiveHeaders, this.receivePeers);
    this.control(this.sendHeaders, this.sendPeers);
  }

  /** Sockets bound to one address need no control messages. */
  private control(headers: number, peers: number): void {
    const { arena } = this;
    for (let slot = 0; slot < BATCH_SLOTS; slot++) {
      const header = headers + slot * MMSGHDR_BYTES;
      const message = this.wildcard ? arena.address(peers + slot * PEER_BYTES + PEER_CONTROL) : 0;
      arena.setPointer(header + MSG_CONTROL, message);
      arena.setPointer(header + MSG_CONTROLLEN, 0);
    }
  }

  private fill(headers: number, iovecs: number, peers: number, buffers: number): void {
    const { arena } = this;
    for (let slot = 0; slot < BATCH_SLOTS; slot++) {
      const header = headers + slot * MMSGHDR_BYTES;
      const iovec = iovecs + slot * IOVEC_BYTES;
      const peer = peers + slot * PEER_BYTES;
      arena.setPointer(header + MSG_NAME, arena.address(peer));
      arena.u32[(header + MSG_NAMELEN) >>> 2] = SOCKADDR_IN6_BYTES;
      arena.setPointer(header + MSG_IOV, arena.address(iovec));
      arena.setPointer(header + MSG_IOVLEN, 1);
      arena.setPointer(iovec + IOV_BASE, arena.address(buffers + slot * REQUEST_BYTES_MAX));
      arena.setPointer(iovec + IOV_LEN, REQUEST_BYTES_MAX);
    }
  }

  /** Take what has arrived, up to BATCH_SLOTS datagrams; never waits. @returns how many, 0 for none, or -errno */
  receive(): number {
    if (this.wildcard) this.resetControl();
    const count = this.libc.recvmmsg(this.fd, this.arena.address(this.receiveHeaders), BATCH_SLOTS, MSG_DONTWAIT, 0);
    if (count >= 0) return count;
    return isTransient(count) ? 0 : count;
  }

  /** The kernel wrote the sizes it used; give the room back. */
  private resetControl(): void {
    const { u32 } = this.arena;
    for (let slot = 0; slot < BATCH_SLOTS; slot++) {
      u32[(this.receiveHeaders + slot * MMSGHDR_BYTES + MSG_CONTROLLEN) >>> 2] = CONTROL_BYTES_MAX;
    }
  }

  /** Where datagram `slot` of the last receive begins. */
  requestOffset(slot: number): number {
    return this.requests + slot * REQUEST_BYTES_MAX;
  }

  /** Its size, REQUEST_BYTES_MAX at most: a longer one is cut off. */
  requestBytes(slot: number): number {
    return this.arena.u32[(this.receiveHeaders + slot * MMSGHDR_BYTES + MSG_LEN) >>> 2];
  }

  /** Was it longer than what we keep? */
  requestCut(slot: number): boolean {
    return (this.arena.u32[(this.receiveHeaders + slot * MMSGHDR_BYTES + MSG_FLAGS) >>> 2] & MSG_TRUNC) !== 0;
  }

  /** Offset of its peer; valid until the next receive. */
  requestPeer(slot: number): number {
    const peer = this.receivePeers + slot * PEER_BYTES;
    if (this.wildcard) {
      const used = this.arena.u32[(this.receiveHeaders + slot * MMSGHDR_BYTES + MSG_CONTROLLEN) >>> 2];
      this.arena.u32[(peer + PEER_CONTROL_BYTES) >>> 2] = used;
      // The interface a datagram came in by need not be the one the answer leaves by; Go's servers leave it open, too. For
      // a link-local peer it stands in the socket address.
      if (used > CMSG_DATA) {
        const isIpv4 = this.arena.u32[(peer + PEER_CONTROL + CMSG_LEVEL) >>> 2] === IPPROTO_IP;
        this.arena.u32[(peer + PEER_CONTROL + (isIpv4 ? PKTINFO_INTERFACE : PKTINFO6_INTERFACE)) >>> 2] = 0;
      }
    }
    return peer;
  }

  /** Where the next answer is to be written: REQUEST_BYTES_MAX bytes. Sends first when all slots are taken. */
  replyOffset(): number {
    if (this.replyCount === BATCH_SLOTS) this.send();
    return this.replies + this.replyCount * REQUEST_BYTES_MAX;
  }

  /** What was written at {@link replyOffset} is an answer of `bytes` to the peer at `peer`. */
  reply(bytes: number, peer: number): void {
    assert(bytes > 0 && bytes <= REQUEST_BYTES_MAX);
    const { u32 } = this.arena;
    const slot = this.replyCount++;
    const header = (this.sendHeaders + slot * MMSGHDR_BYTES) >>> 2;
    const from = peer >>> 2;
    const to = (this.sendPeers + slot * PEER_BYTES) >>> 2;
    u32[to] = u32[from];
    u32[to + 1] = u32[from + 1];
    u32[(this.sendIovecs + slot * IOVEC_BYTES + IOV_LEN) >>> 2] = bytes;
    if ((u32[from] & 0xffff) === AF_INET) {
      u32[header + (MSG_NAMELEN >>> 2)] = SOCKADDR_IN_BYTES;
    } else {
      u32[header + (MSG_NAMELEN >>> 2)] = SOCKADDR_IN6_BYTES;
      for (let word = 2; word < 7; word++) u32[to + word] = u32[from + word];
    }
    if (this.wildcard) {
      const control = PEER_CONTROL >>> 2;
      for (let word = 0; word < CONTROL_BYTES_MAX >>> 2; word++) u32[to + control + word] = u32[from + control + word];
      u32[header + (MSG_CONTROLLEN >>> 2)] = u32[(peer + PEER_CONTROL_BYTES) >>> 2];
    }
  }

  /**
   * Send what was packed, in one call as a rule. A datagram the kernel refuses (no route, a DROP rule in OUTPUT) is counted
   * and left out; when its buffer is full the rest is counted too: clients ask again, a queue would only add delay.
   */
  send(): void {
    let done = 0;
    while (done < this.replyCount) {
      const address = this.arena.address(this.sendHeaders + done * MMSGHDR_BYTES);
      const sent = this.libc.sendmmsg(this.fd, address, this.replyCount - done, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent > 0) done += sent;
      else if (isTransient(sent)) {
        this.unsent += this.replyCount - done;
        break;
      } else {
        this.unsent++;
        done++;
      }
    }
    this.replyCount = 0;
  }
}
