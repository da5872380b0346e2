import { readdirSync } from 'node:fs';
import { type Arena, mapArena } from '../../../image/kernel/arena';
import { openLibc } from '../../../image/kernel/ffi';
import {
  checkLayout,
  epollLayout,
  MMSGHDR_BYTES,
  MSG_CONTROLLEN,
  MSG_FLAGS,
  MSG_LEN,
  MSG_NAMELEN,
} from '../../../image/kernel/layout';
import { type Libc, MSG_TRUNC } from '../../../image/kernel/libc';

const libc = openLibc();
const descriptors = () => readdirSync('/proc/self/fd').length;

/** The kernel's libc, but for some calls. */
function lying(calls: (arena: Arena) => Partial<Libc>): () => void {
  const arena = mapArena(libc, 8192);
  return () => checkLayout({ ...libc, ...calls(arena) }, arena);
}

/** As if the field of each received header stood elsewhere: `value` is found at its place. */
function displaced(field: number, value: number): (arena: Arena) => Partial<Libc> {
  return (arena) => ({
    recvmmsg(fd, vector, count, flags, timeout) {
      const received = libc.recvmmsg(fd, vector, count, flags, timeout);
      for (let index = 0; index < count; index++) {
        arena.u32[(vector - arena.base + index * MMSGHDR_BYTES + field) >>> 2] = value;
      }
      return received;
    },
  });
}

test('this kernel is as the layout says, and the check leaves nothing open', () => {
  const before = descriptors();
  checkLayout(libc, mapArena(libc, 8192));
  expect(descriptors()).toBe(before);
});

test.each<[string, (arena: Arena) => Partial<Libc>, string]>([
  ['no socket pair', () => ({ socketpair: () => -24 }), 'socketpair (too many open files)'],
  ['a kernel that sends one datagram', () => ({ sendmmsg: () => 1 }), 'sendmmsg (1)'],
  ['a system call that is not there', () => ({ recvmmsg: () => -38 }), 'recvmmsg (errno 38)'],
  ['an event without our number', () => ({ epoll_wait: () => 1 }), 'epoll_wait (1)'],
  ['no event', () => ({ epoll_wait: () => 0 }), 'epoll_wait (0)'],
  ['the size elsewhere', displaced(MSG_LEN, 0), 'msg_len of datagram 0'],
  ['the same size for all: a wrong stride', displaced(MSG_LEN, 5), 'msg_len of datagram 1'],
  ['flags elsewhere', displaced(MSG_FLAGS, 0), 'msg_flags of datagram 1'],
  ['flags that are not ours', displaced(MSG_FLAGS, MSG_TRUNC), 'msg_flags of datagram 0'],
  ['the size of names elsewhere', displaced(MSG_NAMELEN, 16), 'msg_namelen of datagram 0'],
  ['the size of control data elsewhere', displaced(MSG_CONTROLLEN, 16), 'msg_controllen of datagram 0'],
  [
    'datagrams in another buffer',
    (arena) => ({
      recvmmsg(fd, vector, count, flags, timeout) {
        const received = libc.recvmmsg(fd, vector, count, flags, timeout);
        arena.u8.fill(0, 512, 1024);
        return received;
      },
    }),
    'content of datagram 0',
  ],
])('%s stops the start and leaves nothing open', (_, calls, wanted) => {
  const before = descriptors();
  expect(lying(calls)).toThrow(`Struct layout check failed at ${wanted}`);
  expect(descriptors()).toBe(before);
});

test.each([
  ['x64', { eventBytes: 12, dataOffset: 4 }],
  ['arm64', { eventBytes: 16, dataOffset: 8 }],
])('epoll events on %s', (architecture, wanted) => expect(epollLayout(architecture)).toEqual(wanted));

test.each(['riscv64', 'ia32', ''])('architecture %p is refused', (architecture) => {
  expect(() => epollLayout(architecture)).toThrow(
    `Architecture '${architecture}' is not supported; run on x64 or arm64`,
  );
});
