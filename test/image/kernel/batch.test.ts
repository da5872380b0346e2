import { networkInterfaces } from 'node:os';
import { Batch, PEER_BYTES } from '../../../image/kernel/batch';
import { EPERM } from '../../../image/kernel/errno';
import type { Libc } from '../../../image/kernel/libc';
import { sockaddrFamily, sockaddrPort, sockaddrText } from '../../../image/kernel/sockaddr';
import { isWildcard } from '../../../image/kernel/socket';
import { BATCH_SLOTS, REQUEST_BYTES_MAX } from '../../../image/limits';
import { Machine } from './machine';

/** A link-local address of this host with its zone as a number; some hosts have none. */
const LINK_LOCAL = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .filter(({ address }) => address.startsWith('fe80:'))
  .map((entry) => `${entry.address}%${(entry as { scopeid?: number }).scopeid}`);

let machine: Machine;

beforeEach(() => {
  machine = new Machine();
});

afterEach(() => machine.close());

/** A socket that serves on a free port of `address`, with its batch. */
function serve(address: string, calls: Partial<Libc> = {}) {
  const fd = machine.take(machine.sockets.listenUdp(address, 0));
  const batch = new Batch({ ...machine.libc, ...calls }, machine.arena, fd, isWildcard(address));
  return { fd, batch, port: machine.port(fd) };
}

const client = (address: string, port: number) => machine.take(machine.sockets.connectUdp(address, port));

/** Answer all that has come with the same in upper case. @returns how many */
function shout(batch: Batch): number {
  const { u8 } = machine.arena;
  const count = batch.receive();
  for (let slot = 0; slot < count; slot++) {
    const text = Buffer.from(u8.slice(batch.requestOffset(slot), batch.requestOffset(slot) + batch.requestBytes(slot)));
    const reply = Buffer.from(text.toString('latin1').toUpperCase(), 'latin1');
    u8.set(reply, batch.replyOffset());
    batch.reply(reply.length, batch.requestPeer(slot));
  }
  batch.send();
  return count;
}

test.each<readonly [string, string, string, number]>([
  ['IPv4', '127.0.0.1', '127.0.0.1', 1],
  ['IPv6', '::1', '::1', 2],
  ['every IPv4 address', '0.0.0.0', '127.0.0.1', 1],
  ['another IPv4 address of the host', '0.0.0.0', '127.0.0.2', 1],
  ['every address, asked over IPv4', '', '127.0.0.3', 1],
  ['every address, asked over IPv6', '', '::1', 2],
  ['every IPv6 address, as Go means it, asked over IPv4', '::', '127.0.0.4', 1],
  ['every IPv4 address, as Go means it, asked over IPv6', '0.0.0.0', '::1', 2],
  ...LINK_LOCAL.slice(0, 1).map((asked) => ['every address, asked on a link', '', asked, 2] as const),
])('%s: the answer leaves from the address that was asked', (_, address, asked, family) => {
  const { batch, port } = serve(address);
  for (let round = 0; round < 3; round++) {
    const fd = client(asked, port);
    machine.send(fd, `hello ${round}`);
    expect(batch.receive()).toBe(1);
    const peer = batch.requestPeer(0);
    expect(sockaddrText(machine.arena, peer)).toBe(asked.includes(':') ? asked.split('%')[0] : '127.0.0.1');
    expect(sockaddrPort(machine.arena, peer)).toBe(machine.port(fd));
    expect(sockaddrFamily(machine.arena, peer)).toBe(family);
    machine.arena.u8.set(Buffer.from('hi'), batch.replyOffset());
    batch.reply(2, peer);
    batch.send();
    expect(machine.receive(fd)).toBe('hi'); // A connected socket hears only the address it asked.
    expect(batch.unsent).toBe(0);
  }
});

test.each(['127.0.0.1', '0.0.0.0', ''])(
  'on %p as many as there are slots are taken at once, the rest next',
  (address) => {
    const { batch, port } = serve(address);
    const clients = Array.from({ length: 100 }, () => client('127.0.0.1', port));
    for (const [index, fd] of clients.entries()) machine.send(fd, 'x'.repeat(index + 1));
    expect(shout(batch)).toBe(BATCH_SLOTS);
    expect(shout(batch)).toBe(100 - BATCH_SLOTS);
    expect(shout(batch)).toBe(0);
    for (const [index, fd] of clients.entries()) expect(machine.receive(fd)).toBe('X'.repeat(index + 1));
  },
);

test('a peer may be kept and answered after others have come', () => {
  const { batch, port } = serve('0.0.0.0');
  const clients = ['127.0.0.1', '127.0.0.2', '127.0.0.3'].map((address) => client(address, port));
  const { arena } = machine;
  const kept = arena.allocate(PEER_BYTES * clients.length);
  for (const [index, fd] of clients.entries()) {
    machine.send(fd, 'later');
    expect(batch.receive()).toBe(1);
    const peer = batch.requestPeer(0);
    arena.u8.copyWithin(kept + index * PEER_BYTES, peer, peer + PEER_BYTES);
  }
  for (const [index] of clients.entries()) {
    arena.u8.set(Buffer.from(`${index}`), batch.replyOffset());
    batch.reply(1, kept + index * PEER_BYTES);
  }
  batch.send();
  expect(clients.map((fd) => machine.receive(fd))).toEqual(['0', '1', '2']);
});

test.each([
  [0, 0, false],
  [1, 1, false],
  [REQUEST_BYTES_MAX, REQUEST_BYTES_MAX, false],
  [REQUEST_BYTES_MAX + 1, REQUEST_BYTES_MAX, true],
  [60_000, REQUEST_BYTES_MAX, true],
])('of a datagram of %d bytes %d are kept; cut off: %p', (sent, kept, cut) => {
  const { batch, port } = serve('127.0.0.1');
  const fd = client('127.0.0.1', port);
  machine.send(fd, Buffer.alloc(60_000)); // So that a flag or a size of before would show.
  batch.receive();
  machine.send(fd, Buffer.alloc(sent));
  expect(batch.receive()).toBe(1);
  expect([batch.requestBytes(0), batch.requestCut(0)]).toEqual([kept, cut]);
});

test('more answers than slots leave in several calls', () => {
  const { batch, port } = serve('127.0.0.1');
  const fd = client('127.0.0.1', port);
  machine.send(fd, 'x');
  batch.receive();
  const peer = batch.requestPeer(0);
  for (let index = 0; index < 2 * BATCH_SLOTS + 5; index++) {
    machine.arena.u8[batch.replyOffset()] = 0x21 + (index & 63);
    batch.reply(1, peer);
  }
  expect(batch.replyCount).toBe(5);
  batch.send();
  expect(batch.replyCount).toBe(0);
  const got = Array.from({ length: 2 * BATCH_SLOTS + 5 }, () => machine.receive(fd)!.charCodeAt(0) - 0x21);
  expect(got).toEqual(got.map((_, index) => index & 63));
});

/** Pack one answer for each of three clients, of which the second cannot be sent to. */
function sendThree(calls: Partial<Libc>) {
  const { batch, port } = serve('127.0.0.1', calls);
  const clients = [0, 1, 2].map(() => client('127.0.0.1', port));
  for (const fd of clients) machine.send(fd, 'x');
  expect(shout(batch)).toBe(3);
  return { batch, received: clients.map((fd) => machine.receive(fd)) };
}

test('an answer that the kernel refuses is counted and left out, those behind it leave', () => {
  let calls = 0;
  const { libc } = machine;
  const { batch, received } = sendThree({
    // As a DROP rule in OUTPUT: sendmmsg stops in front of the datagram, and says why when it is the first.
    sendmmsg: (fd, vector, count, flags) => {
      calls++;
      if (calls === 1) return libc.sendmmsg(fd, vector, 1, flags);
      return calls === 2 ? -EPERM : libc.sendmmsg(fd, vector, count, flags);
    },
  });
  expect(received).toEqual(['X', undefined, 'X']);
  expect([batch.unsent, batch.replyCount, calls]).toEqual([1, 0, 3]);
});

test('an answer to port 0 is refused by the real kernel, those behind it leave', () => {
  const { batch, port } = serve('127.0.0.1');
  const [first, second] = [client('127.0.0.1', port), client('127.0.0.1', port)];
  for (const fd of [first, second]) machine.send(fd, 'x');
  expect(batch.receive()).toBe(2);
  machine.arena.u8.fill(0, batch.requestPeer(0) + 2, batch.requestPeer(0) + 4); // A forged source port.
  for (const slot of [0, 1]) {
    machine.arena.u8[batch.replyOffset()] = 0x41;
    batch.reply(1, batch.requestPeer(slot));
  }
  batch.send();
  expect(batch.unsent).toBe(1);
  expect([machine.receive(first), machine.receive(second)]).toEqual([undefined, 'A']);
});

test('when the kernel has no room the rest is counted and forgotten', () => {
  const { libc } = machine;
  let calls = 0;
  const sendmmsg: Libc['sendmmsg'] = (fd, vector, _count, flags) =>
    calls++ === 0 ? libc.sendmmsg(fd, vector, 1, flags) : -11;
  const { batch, received } = sendThree({ sendmmsg });
  expect(received).toEqual(['X', undefined, undefined]);
  expect([batch.unsent, batch.replyCount, calls]).toEqual([2, 0, 2]);
});

test.each([
  ['nothing there', -11, 0],
  ['a signal', -4, 0],
  ['a broken socket', -9, -9],
])('a receive that ends with %s', (_, result, wanted) => {
  const { batch } = serve('127.0.0.1', { recvmmsg: () => result });
  expect(batch.receive()).toBe(wanted);
});

test.each([0, REQUEST_BYTES_MAX + 1])('an answer of %d bytes is a mistake of ours', (bytes) => {
  const { batch } = serve('127.0.0.1');
  batch.replyOffset();
  expect(() => batch.reply(bytes, batch.requestPeer(0))).toThrow();
});
