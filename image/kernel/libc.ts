/**
 * The wall, in words: every system call we make, with numbers in and numbers out. Pointers are numbers (user addresses stay
 * below 2^47), memory is an {@link Arena}, and a failure is the negative errno, as the kernel itself returns it.
 * ffi.ts is the real thing; tests put a fake of this interface in its place and see the very same bytes.
 */

/** Each call is named after its manual page (section 2); arguments in its order. Result: >= 0, or -errno. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  socketpair(domain: number, type: number, protocol: number, fdsAddress: number): number;
  bind(fd: number, address: number, addressBytes: number): number;
  listen(fd: number, backlog: number): number;
  connect(fd: number, address: number, addressBytes: number): number;
  accept4(fd: number, address: number, addressBytesAddress: number, flags: number): number;
  getsockname(fd: number, address: number, addressBytesAddress: number): number;
  setsockopt(fd: number, level: number, option: number, value: number, valueBytes: number): number;
  getsockopt(fd: number, level: number, option: number, value: number, valueBytesAddress: number): number;
  recvmmsg(fd: number, vector: number, count: number, flags: number, timeout: number): number;
  sendmmsg(fd: number, vector: number, count: number, flags: number): number;
  recv(fd: number, buffer: number, bytes: number, flags: number): number;
  send(fd: number, buffer: number, bytes: number, flags: number): number;
  read(fd: number, buffer: number, bytes: number): number;
  write(fd: number, buffer: number, bytes: number): number;
  shutdown(fd: number, how: number): number;
  close(fd: number): number;
  epoll_create1(flags: number): number;
  epoll_ctl(epollFd: number, operation: number, fd: number, event: number): number;
  epoll_wait(epollFd: number, events: number, count: number, timeoutMs: number): number;
  eventfd(initial: number, flags: number): number;
  /** SIGALRM after so many seconds, which ends a process that does not expect it; 0 for never. */
  alarm(seconds: number): number;
  /** Anonymous private memory of `bytes`, zeroed: its address, or -errno. */
  mapMemory(bytes: number): number;
  /** JavaScript's view of memory that {@link mapMemory} gave, in whichever thread asks. */
  viewMemory(address: number, bytes: number): ArrayBuffer;
  /** Give the pages of a whole map back; it stays mapped and reads as zeroes. 0, or -errno. */
  discardMemory(address: number, bytes: number): number;
}

// Values of <sys/socket.h>, <netinet/in.h>, <netinet/tcp.h>, <sys/epoll.h>, <sys/eventfd.h>: equal on x86-64 and arm64.
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_NETLINK = 16;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_ERROR = 4;
export const SO_RCVBUF = 8;
export const SO_REUSEPORT = 15;
export const SO_RCVBUFFORCE = 33;
export const IPPROTO_IP = 0;
export const IP_PKTINFO = 8;
export const IPPROTO_TCP = 6;
export const TCP_NODELAY = 1;
export const TCP_QUICKACK = 12;
export const IPPROTO_IPV6 = 41;
export const IPV6_V6ONLY = 26;
export const IPV6_RECVPKTINFO = 49;
export const IPV6_PKTINFO = 50;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const MSG_NOSIGNAL = 0x4000;
export const SHUT_RDWR = 2;
export const EPOLL_CTL_ADD = 1;
export const EPOLL_CTL_DEL = 2;
export const EPOLL_CTL_MOD = 3;
export const EPOLLIN = 0x001;
export const EPOLLOUT = 0x004;
export const EPOLLERR = 0x008;
export const EPOLLHUP = 0x010;
export const EPOLLRDHUP = 0x2000;
export const EFD_NONBLOCK = 0o4000;
export const EFD_CLOEXEC = 0o2000000;
