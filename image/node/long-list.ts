/**
 * A list that the kernel makes while it is asked for: it walks the whole table of connection tracking within one write(2), 70 ms
 * for a full one (262,144 flows), and this thread keeps the lease and passes on what goes through TLS. So threads of libuv's,
 * those of node:fs, wait for the kernel, and here is one datagram at a time.
 */
import { read, write } from 'node:fs';
import { promisify } from 'node:util';
import { EMSGSIZE } from '../kernel/errno';
import { MessageWalk, NLMSG_DONE, NLMSG_ERROR, readI32 } from '../kernel/netlink-message';

const [readSome, writeAll] = [promisify(read), promisify(write)];

/**
 * Ask for a list, and read it to its end. One that changes meanwhile may miss one, or have one twice.
 * @param fd a netlink socket that nothing else was asked by
 * @param buffer room for one datagram
 * @param datagramsMax of an answer that is longer the rest is not read
 * @param visit called for each message; its fields are valid until it returns
 * @returns 0, or -errno: the kernel's, or the socket's; -EMSGSIZE for an answer that is too long
 * @throws what `visit` throws
 */
export async function readLongList(
  fd: number,
  request: Uint8Array,
  { buffer, datagramsMax }: { readonly buffer: Uint8Array; readonly datagramsMax: number },
  visit: (message: MessageWalk) => void,
): Promise<number> {
  const walk = new MessageWalk();
  const asked = await outcome(writeAll(fd, request));
  if (asked < 0) return asked;
  for (let datagrams = 0; datagrams < datagramsMax; datagrams++) {
    const bytes = await outcome(readSome(fd, buffer, 0, buffer.length, null));
    if (bytes < 0) return bytes;
    walk.over(buffer, 0, bytes);
    while (walk.next()) {
      const isEnd = walk.type === NLMSG_DONE || walk.type === NLMSG_ERROR;
      if (isEnd) return walk.end - walk.payload >= 4 ? readI32(buffer, walk.payload) : 0;
      visit(walk);
    }
  }
  return -EMSGSIZE;
}

/** @returns bytes, or -errno */
async function outcome(
  call: Promise<{ readonly bytesRead: number } | { readonly bytesWritten: number }>,
): Promise<number> {
  try {
    const done = await call;
    return 'bytesRead' in done ? done.bytesRead : done.bytesWritten;
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    if (errno === undefined) throw error;
    return errno;
  }
}
