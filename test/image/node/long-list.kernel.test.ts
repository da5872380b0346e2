/** A list that is read by other threads: its end, what is too long, and what the system refuses. */
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import { mapArena } from '../../../image/kernel/arena';
import { EMSGSIZE, ENODEV } from '../../../image/kernel/errno';
import { openLibc } from '../../../image/kernel/ffi';
import { NETLINK_ROUTE, NetlinkSocket } from '../../../image/kernel/netlink';
import { readLongList } from '../../../image/node/long-list';
import { addressesRequest, deviceRequest, readAddress } from '../../../image/node/route-messages';

const libc = openLibc();
const socket = new NetlinkSocket(libc, mapArena(libc, NetlinkSocket.ARENA_BYTES));
const room = { buffer: new Uint8Array(32 << 10), datagramsMax: 64 };

beforeEach(() => {
  expect(socket.open(NETLINK_ROUTE)).toBe(0);
});

afterEach(() => socket.close());

test('every message is visited, and the end is 0', async () => {
  const addresses: string[] = [];
  const result = await readLongList(socket.descriptor, addressesRequest(), room, ({ bytes, payload, end }) => {
    addresses.push(readAddress(bytes.subarray(payload, end))?.address ?? '');
  });
  expect(result).toBe(0);
  expect(addresses).toContain('127.0.0.1');
});

test("the kernel's refusal is its errno", async () => {
  expect(await readLongList(socket.descriptor, deviceRequest('no-such-dev'), room, () => {})).toBe(-ENODEV);
});

test('an answer of more datagrams than are wanted is too long', async () => {
  const result = await readLongList(socket.descriptor, addressesRequest(), { ...room, datagramsMax: 0 }, () => {});
  expect(result).toBe(-EMSGSIZE);
});

test("the system's refusal is its errno; a mistake of the visitor is thrown", async () => {
  const fd = openSync('/dev/null', 'r');
  try {
    expect(await readLongList(fd, addressesRequest(), room, () => {})).toBe(-constants.errno.EBADF);
  } finally {
    closeSync(fd);
  }
  const visit = (): never => {
    throw new TypeError('x is undefined');
  };
  await expect(readLongList(socket.descriptor, addressesRequest(), room, visit)).rejects.toThrow(TypeError);
});
