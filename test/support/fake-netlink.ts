/**
 * The kernel's side of netlink and of legacy tables, for tests without one: {@link FakeNetlink.answer} decides what comes back
 * for each request, {@link FakeNetlink.tell} sends events, and what is open can be counted. Everything else is a FakeLibc.
 */
import { EAGAIN } from '../../image/kernel/errno';
import { AF_NETLINK, MSG_TRUNC } from '../../image/kernel/libc';
import { SOL_NETLINK } from '../../image/kernel/netlink';
import { MessageWriter, NLMSG_DONE, NLMSG_ERROR } from '../../image/kernel/netlink-message';
import { FakeLibc } from './fake-libc';

const FIRST_FD = 1_000;
const EBADF = 9;

/** One request as it was sent. */
export interface Sent {
  readonly protocol: number;
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Buffer;
}

interface Socket {
  readonly protocol: number;
  readonly groups: Set<number>;
  /** Datagrams, or errors, that wait. */
  readonly queue: (Buffer | number)[];
  isConnected: boolean;
}

/** A message from the kernel. @param parts payload, after the header */
export function message(
  type: number,
  sequence: number,
  payload: Uint8Array | readonly number[] = [],
  flags = 0,
): Buffer {
  const writer = new MessageWriter(type, flags);
  for (const octet of payload) writer.u8(octet);
  const bytes = Buffer.from(writer.finish());
  bytes.writeUInt32LE(sequence, 8);
  return bytes;
}

/** The kernel's verdict on a request. @param error 0 or -errno. @param words of the kernel, as extended acknowledgement */
export function verdict(sequence: number, error: number, words = ''): Buffer {
  const payload = Buffer.alloc(20);
  payload.writeInt32LE(error);
  if (words === '') return message(NLMSG_ERROR, sequence, payload, 0x100);
  const attribute = Buffer.from(new MessageWriter(0, 0).text(1, words).finish().subarray(16));
  return message(NLMSG_ERROR, sequence, Buffer.concat([payload, attribute]), 0x300);
}

/** The end of a list. */
export function done(sequence: number, error = 0, flags = 2): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeInt32LE(error);
  return message(NLMSG_DONE, sequence, payload, flags);
}

export class FakeNetlink extends FakeLibc {
  /** Requests in the order they came. */
  readonly sent: Sent[] = [];
  /** Datagrams for a request; a number is an error of recv. */
  answer: (request: Sent) => readonly (Buffer | number)[] = ({ sequence }) => [verdict(sequence, 0)];
  /** Errors by call, once each: `socket`, `connect`, `group`, `send`. */
  readonly refuse = new Map<string, number>();
  private readonly netlink = new Map<number, Socket>();
  private nextFd = FIRST_FD;

  /** Netlink sockets that are open. */
  get openSockets(): number {
    return this.netlink.size;
  }

  /** Send an event, or an error of recv, to all who joined a group. */
  tell(protocol: number, group: number, event: Buffer | number): void {
    for (const socket of this.netlink.values()) {
      if (socket.protocol === protocol && socket.groups.has(group)) socket.queue.push(event);
    }
  }

  private refused(what: string): number {
    const error = this.refuse.get(what) ?? 0;
    this.refuse.delete(what);
    return error;
  }

  override socket(domain: number, type: number, protocol: number): number {
    if (domain !== AF_NETLINK) return super.socket(domain, type, protocol);
    const error = this.refused('socket');
    if (error < 0) return error;
    this.netlink.set(this.nextFd, { protocol, groups: new Set(), queue: [], isConnected: false });
    return this.nextFd++;
  }

  override connect(fd: number, address: number, addressBytes: number): number {
    const socket = this.netlink.get(fd);
    if (socket === undefined) return super.connect(fd, address, addressBytes);
    expect(Buffer.from(this.bytesAt(address, addressBytes)).toString('hex')).toBe('100000000000000000000000');
    socket.isConnected = true;
    return this.refused('connect');
  }

  override setsockopt(fd: number, level: number, option: number, value: number, valueBytes: number): number {
    const socket = this.netlink.get(fd);
    if (socket === undefined) return super.setsockopt(fd, level, option, value, valueBytes);
    if (level !== SOL_NETLINK || option !== 1) return 0;
    socket.groups.add(this.view(value, 4).getInt32(0, true));
    return this.refused('group');
  }

  override send(fd: number, buffer: number, bytes: number, flags: number): number {
    const socket = this.netlink.get(fd);
    if (socket === undefined) return fd >= FIRST_FD ? -EBADF : super.send(fd, buffer, bytes, flags);
    expect(socket.isConnected).toBe(true); // Else anybody could answer.
    const error = this.refused('send');
    if (error < 0) return error;
    const data = Buffer.from(this.bytesAt(buffer, bytes));
    expect(data.readUInt32LE(0)).toBe(bytes);
    const request = {
      protocol: socket.protocol,
      type: data.readUInt16LE(4),
      flags: data.readUInt16LE(6),
      sequence: data.readUInt32LE(8),
      payload: data.subarray(16),
    };
    this.sent.push(request);
    socket.queue.push(...this.answer(request));
    return bytes;
  }

  override recv(fd: number, buffer: number, bytes: number, flags: number): number {
    const socket = this.netlink.get(fd);
    if (socket === undefined) return fd >= FIRST_FD ? -EBADF : super.recv(fd, buffer, bytes, flags);
    const next = socket.queue.shift() ?? -EAGAIN;
    if (typeof next === 'number') return next;
    this.bytesAt(buffer, Math.min(bytes, next.length)).set(next.subarray(0, bytes));
    return (flags & MSG_TRUNC) !== 0 ? next.length : Math.min(bytes, next.length);
  }

  override close(fd: number): number {
    if (fd < FIRST_FD) return super.close(fd);
    return this.netlink.delete(fd) ? 0 : -EBADF;
  }
}
