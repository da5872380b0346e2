/** Sockets with the options we want, opened in one go; results are file descriptors or -errno. */

import { UDP_RECEIVE_BUFFER_BYTES } from '../limits';
import type { Arena } from './arena';
import { EAFNOSUPPORT, EINPROGRESS, ENOTSOCK } from './errno';
import { SOCKADDR_IN_BYTES, SOCKADDR_IN6_BYTES } from './layout';
import {
  AF_INET,
  AF_UNIX,
  IP_PKTINFO,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPPROTO_TCP,
  IPV6_RECVPKTINFO,
  IPV6_V6ONLY,
  type Libc,
  SO_ERROR,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_NODELAY,
  TCP_QUICKACK,
} from './libc';
import { familyOf, SOCKADDR_BYTES_MAX, writeSockaddr } from './sockaddr';

/** Connections the kernel completes before we accept them; net.core.somaxconn may lower it. */
const LISTEN_BACKLOG = 1024;

/** Where nothing is sent from. @source RFC 863 */
const DISCARD_PORT = 9;

/** Opens and tunes sockets; owns the few bytes of arena that options and addresses need on their way to the kernel. */
export class Sockets {
  private readonly libc: Libc;
  private readonly arena: Arena;
  private readonly address: number;
  private readonly option: number;
  private readonly optionAddress: number;

  /** Bytes of arena taken. */
  static readonly ARENA_BYTES = 128;

  constructor(libc: Libc, arena: Arena) {
    this.libc = libc;
    this.arena = arena;
    this.address = arena.allocate(SOCKADDR_BYTES_MAX);
    this.option = arena.allocate(8);
    this.optionAddress = arena.address(this.option);
  }

  /** A bound UDP socket to serve on. @param address any wildcard serves both families, as Go's does */
  listenUdp(address: string, port: number): number {
    return this.listening(SOCK_DGRAM, address, port);
  }

  /** A bound, listening TCP socket. @param address as {@link listenUdp} */
  listenTcp(address: string, port: number): number {
    const fd = this.listening(SOCK_STREAM, address, port);
    if (fd < 0) return fd;
    const listening = this.libc.listen(fd, LISTEN_BACKLOG);
    return listening < 0 ? this.discard(fd, listening) : fd;
  }

  /** @source Go net.Listen: an unspecified address of either family is all addresses of both, or of IPv4 without IPv6 */
  private listening(type: number, address: string, port: number): number {
    if (!isWildcard(address)) return this.bound(type, address, port);
    const fd = this.bound(type, '', port);
    return fd === -EAFNOSUPPORT ? this.bound(type, '0.0.0.0', port) : fd; // A node booted with ipv6.disable=1.
  }

  private bound(type: number, address: string, port: number): number {
    const fd = this.open(type, address);
    if (fd < 0) return fd;
    this.set(fd, SOL_SOCKET, SO_REUSEPORT, 1); // One socket per worker, and two processes during an upgrade.
    if (type === SOCK_STREAM) this.set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (address === '') this.set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    else if (familyOf(address) !== AF_INET) this.set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    if (type === SOCK_DGRAM) this.tuneUdp(fd, address);
    const bytes = writeSockaddr(this.arena, this.address, address, port);
    const result = this.libc.bind(fd, this.arena.address(this.address), bytes);
    return result < 0 ? this.discard(fd, result) : fd;
  }

  private tuneUdp(fd: number, address: string): void {
    this.set(fd, SOL_SOCKET, SO_RCVBUF, UDP_RECEIVE_BUFFER_BYTES); // The kernel caps it; a smaller one only drops earlier.
    if (!isWildcard(address)) return;
    // An answer must leave from the address the question came to, which a wildcard socket does not know by itself.
    if (familyOf(address) === AF_INET) this.set(fd, IPPROTO_IP, IP_PKTINFO, 1);
    else this.set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  }

  /**
   * A UDP socket that only hears `address:port`; the kernel picks a random source port (RFC 5452 §9.2).
   * @param source our address; '' leaves it to the kernel
   */
  connectUdp(address: string, port: number, source = ''): number {
    const fd = this.open(SOCK_DGRAM, address);
    return fd < 0 ? fd : this.connect(fd, address, port, source);
  }

  /** Begin a TCP connection; EINPROGRESS counts as begun. @param source as {@link connectUdp} */
  connectTcp(address: string, port: number, source = ''): number {
    const fd = this.open(SOCK_STREAM, address);
    if (fd < 0) return fd;
    this.set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    return this.connect(fd, address, port, source);
  }

  /**
   * Two connected stream sockets of this process, neither of which blocks.
   * @returns the first; the second is {@link pairedFd} until the next call; or -errno
   */
  streamPair(): number {
    const type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    const result = this.libc.socketpair(AF_UNIX, type, 0, this.optionAddress);
    return result < 0 ? result : this.arena.i32[this.option >>> 2];
  }

  /** The other end of the last {@link streamPair}. */
  get pairedFd(): number {
    return this.arena.i32[(this.option >>> 2) + 1];
  }

  private connect(fd: number, address: string, port: number, source: string): number {
    if (source !== '') {
      const sourceBytes = writeSockaddr(this.arena, this.address, source, 0);
      const bound = this.libc.bind(fd, this.arena.address(this.address), sourceBytes);
      if (bound < 0) return this.discard(fd, bound);
    }
    const bytes = writeSockaddr(this.arena, this.address, address, port);
    const result = this.libc.connect(fd, this.arena.address(this.address), bytes);
    return result < 0 && result !== -EINPROGRESS ? this.discard(fd, result) : fd;
  }

  private open(type: number, address: string): number {
    return this.libc.socket(familyOf(address), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  }

  private discard(fd: number, result: number): number {
    this.libc.close(fd);
    return result;
  }

  /**
   * Let a bound UDP socket hear nothing new, while what it holds can be read and answers can be sent: it is connected to
   * the discard port of its own address. Questions go to the other sockets of the address (SO_REUSEPORT) from now on.
   * Measured with 40,000 questions a second and two processes: closing lost up to 13, reading to the end and closing may
   * lose what comes in between, this lost none.
   * @returns 0, or -errno; then it hears as before
   */
  deafen(fd: number): number {
    const address = this.localAddress(fd);
    if (address === undefined) return -ENOTSOCK;
    const { u8 } = this.arena;
    u8[address + 2] = 0;
    u8[address + 3] = DISCARD_PORT;
    const bytes = u8[address] === AF_INET ? SOCKADDR_IN_BYTES : SOCKADDR_IN6_BYTES;
    return this.libc.connect(fd, this.arena.address(address), bytes);
  }

  /** Answer at once, do not wait for more: for accepted connections. */
  noDelay(fd: number): void {
    this.set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  }

  /**
   * Acknowledge now, once: Linux falls back to delayed ACKs by itself. With a far end that waits for the ACK (Nagle),
   * pipelined answers otherwise stall for up to 40 ms; upstream/tcp-connection.ts says when it is worth the call.
   */
  quickAck(fd: number): void {
    this.set(fd, IPPROTO_TCP, TCP_QUICKACK, 1);
  }

  /** Outcome of a connection attempt: 0, or the errno (positive) it ended with. */
  error(fd: number): number {
    this.arena.u32[this.option >>> 2] = 0;
    this.arena.u32[(this.address >>> 2) | 0] = 4;
    const result = this.libc.getsockopt(fd, SOL_SOCKET, SO_ERROR, this.optionAddress, this.arena.address(this.address));
    return result < 0 ? -result : this.arena.u32[this.option >>> 2];
  }

  private set(fd: number, level: number, option: number, value: number): number {
    this.arena.i32[this.option >>> 2] = value;
    return this.libc.setsockopt(fd, level, option, this.optionAddress, 4);
  }

  /** Offset of the local socket address of `fd`, valid until the next call; undefined when the kernel refuses. */
  localAddress(fd: number): number | undefined {
    this.arena.u32[this.option >>> 2] = SOCKADDR_BYTES_MAX;
    const result = this.libc.getsockname(fd, this.arena.address(this.address), this.optionAddress);
    return result < 0 ? undefined : this.address;
  }
}

/** Does a socket bound to `address` receive for every address of the host? */
export function isWildcard(address: string): boolean {
  return address === '' || address === '0.0.0.0' || address === '::';
}
