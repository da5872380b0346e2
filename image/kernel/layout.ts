/**
 * Byte offsets and sizes of the C structs we hand to the kernel, for the two 64-bit little-endian architectures we ship.
 * `checkLayout` proves them at start with real system calls on a socket pair: a wrong offset must stop the program
 * before the first packet, not corrupt it.
 *
 *   mmsghdr (64 bytes)                          iovec (16)          epoll_event
 *   0  msg_name        8 msg_namelen            0 iov_base          x86-64: packed, data at 4, 12 bytes
 *   16 msg_iov        24 msg_iovlen             8 iov_len           arm64:  aligned, data at 8, 16 bytes
 *   32 msg_control    40 msg_controllen
 *   48 msg_flags      56 msg_len
 */
import { assert } from '../assert';
import type { Arena } from './arena';
import { errnoText } from './errno';
import { AF_UNIX, EPOLL_CTL_ADD, EPOLLIN, type Libc, MSG_DONTWAIT, MSG_TRUNC, SOCK_CLOEXEC, SOCK_DGRAM } from './libc';

export const MMSGHDR_BYTES = 64;
export const MSG_NAME = 0;
export const MSG_NAMELEN = 8;
export const MSG_IOV = 16;
export const MSG_IOVLEN = 24;
export const MSG_CONTROL = 32;
export const MSG_CONTROLLEN = 40;
export const MSG_FLAGS = 48;
export const MSG_LEN = 56;
export const IOVEC_BYTES = 16;
export const IOV_BASE = 0;
export const IOV_LEN = 8;
export const SOCKADDR_IN_BYTES = 16;
export const SOCKADDR_IN6_BYTES = 28;
/** cmsghdr: length (8), level (4), type (4), then data; in_pktinfo is 12 bytes, in6_pktinfo 20. */
export const CMSG_DATA = 16;
export const CMSG_LEVEL = 8;
export const CMSG_TYPE = 12;

/** Where epoll_event keeps our number, and how far apart events are. */
export interface EpollLayout {
  readonly eventBytes: number;
  readonly dataOffset: number;
}

const EPOLL_LAYOUTS: Readonly<Record<string, EpollLayout>> = {
  x64: { eventBytes: 12, dataOffset: 4 },
  arm64: { eventBytes: 16, dataOffset: 8 },
};

/** @throws on an architecture whose structs nobody has checked */
export function epollLayout(architecture: string = process.arch): EpollLayout {
  const layout = EPOLL_LAYOUTS[architecture];
  if (layout === undefined) throw new Error(`Architecture '${architecture}' is not supported; run on x64 or arm64`);
  return layout;
}

const CHECK_BYTES = [5, 9]; // Two datagrams of different sizes: a wrong stride or msg_len offset shows at once.
const CHECK_ROOM = [64, 8]; // The second is cut off: a wrong msg_flags offset shows.
const CHECK_NAME_BYTES = 16; // Room for a name and control data that never come: the kernel sets both sizes to 0.
const CHECK_TOKEN = 0x00c0ffee;

/**
 * Send two datagrams through a socket pair with sendmmsg, receive them with recvmmsg, wait for them with epoll, and compare.
 * @param arena any arena; about 1 KiB of it is used up
 * @throws when a struct is not laid out as this file says
 */
export function checkLayout(libc: Libc, arena: Arena): void {
  assert(new Uint8Array(new Uint16Array([1]).buffer)[0] === 1); // Little-endian, as both architectures we ship.
  const scratch = arena.allocate(1024);
  const failed = (what: string, got: number): Error =>
    new Error(
      `Struct layout check failed at ${what} (${got < 0 ? errnoText(-got) : got}) on ${process.arch}; this build does not fit this system`,
    );
  const opened = libc.socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, arena.address(scratch));
  if (opened < 0) throw failed('socketpair', opened);
  const [left, right] = [arena.i32[scratch >>> 2], arena.i32[(scratch >>> 2) + 1]];
  const epoll = libc.epoll_create1(0);
  try {
    const layout = epollLayout();
    arena.u32[(scratch + 16) >>> 2] = EPOLLIN;
    arena.u32[(scratch + 16 + layout.dataOffset) >>> 2] = CHECK_TOKEN;
    libc.epoll_ctl(epoll, EPOLL_CTL_ADD, right, arena.address(scratch + 16));
    fillVector(arena, scratch + 64, scratch + 256, CHECK_BYTES);
    const sent = libc.sendmmsg(left, arena.address(scratch + 64), 2, MSG_DONTWAIT);
    if (sent !== 2) throw failed('sendmmsg', sent);
    const ready = libc.epoll_wait(epoll, arena.address(scratch + 32), 1, 0);
    if (ready !== 1 || arena.u32[(scratch + 32 + layout.dataOffset) >>> 2] !== CHECK_TOKEN)
      throw failed('epoll_wait', ready);
    fillVector(arena, scratch + 64, scratch + 512, CHECK_ROOM, scratch + 768);
    const received = libc.recvmmsg(right, arena.address(scratch + 64), 2, MSG_DONTWAIT, 0);
    if (received !== 2) throw failed('recvmmsg', received);
    for (const index of CHECK_BYTES.keys()) {
      const wrong = wrongField(arena, scratch + 64 + index * MMSGHDR_BYTES, scratch + 512 + index * 64, index);
      if (wrong !== undefined) throw failed(`${wrong} of datagram ${index}`, index);
    }
  } finally {
    for (const fd of [left, right, epoll]) libc.close(fd);
  }
}

/** What of a received message is not as it was sent? Undefined when all is well. */
function wrongField(arena: Arena, header: number, buffer: number, index: number): string | undefined {
  const { u8, u32 } = arena;
  if (u32[(header + MSG_LEN) >>> 2] !== Math.min(CHECK_BYTES[index], CHECK_ROOM[index])) return 'msg_len';
  if (u8[buffer] !== index + 1) return 'content';
  if (u32[(header + MSG_FLAGS) >>> 2] !== (CHECK_BYTES[index] > CHECK_ROOM[index] ? MSG_TRUNC : 0)) return 'msg_flags';
  if (u32[(header + MSG_NAMELEN) >>> 2] !== 0) return 'msg_namelen'; // An unnamed sender.
  if (u32[(header + MSG_CONTROLLEN) >>> 2] !== 0) return 'msg_controllen';
  return undefined;
}

/**
 * Two message headers at `vector`, their iovecs behind them, buffers of `bytes` at `buffers`.
 * @param names where names and control data go; without it there are none and byte 0 of each buffer gets its number
 */
function fillVector(arena: Arena, vector: number, buffers: number, bytes: readonly number[], names = -1): void {
  for (const [index, size] of bytes.entries()) {
    const header = vector + index * MMSGHDR_BYTES;
    const iovec = vector + 2 * MMSGHDR_BYTES + index * IOVEC_BYTES;
    const buffer = buffers + index * 64;
    arena.u8.fill(0, header, header + MMSGHDR_BYTES);
    arena.setPointer(header + MSG_IOV, arena.address(iovec));
    arena.setPointer(header + MSG_IOVLEN, 1);
    arena.setPointer(iovec + IOV_BASE, arena.address(buffer));
    arena.setPointer(iovec + IOV_LEN, size);
    if (names < 0) {
      arena.u8[buffer] = index + 1;
      continue;
    }
    arena.setPointer(header + MSG_NAME, arena.address(names));
    arena.u32[(header + MSG_NAMELEN) >>> 2] = CHECK_NAME_BYTES;
    arena.setPointer(header + MSG_CONTROL, arena.address(names + CHECK_NAME_BYTES));
    arena.setPointer(header + MSG_CONTROLLEN, CHECK_NAME_BYTES);
  }
}
