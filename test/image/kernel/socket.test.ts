import { EADDRINUSE, EADDRNOTAVAIL, EAFNOSUPPORT, ECONNREFUSED } from '../../../image/kernel/errno';
import {
  AF_INET,
  AF_INET6,
  IPPROTO_TCP,
  type Libc,
  SO_RCVBUF,
  SO_REUSEPORT,
  SOL_SOCKET,
  TCP_NODELAY,
} from '../../../image/kernel/libc';
import { sockaddrText } from '../../../image/kernel/sockaddr';
import { isWildcard, Sockets } from '../../../image/kernel/socket';
import { Machine } from './machine';

const TCP_QUICKACK = 12;
const SO_ACCEPTCONN = 30;
let machine: Machine;

beforeEach(() => {
  machine = new Machine();
});

afterEach(() => machine.close());

/** Wait until a connection attempt has an outcome; loopback needs no more than a moment. */
function outcome(fd: number): number {
  const end = performance.now() + 1_000;
  while (performance.now() < end) {
    const error = machine.sockets.error(fd);
    if (error !== 0) return error;
    if (machine.libc.send(fd, machine.arena.base, 0, 0x4040) === 0) return 0;
  }
  throw new Error('no outcome');
}

test.each(['127.0.0.1', '::1', '', '::', '0.0.0.0'])(
  'TCP on %p is bound, listens, shares its port and is connected to',
  (address) => {
    const { sockets, libc, arena } = machine;
    const fd = machine.take(sockets.listenTcp(address, 0));
    expect(machine.option(fd, SOL_SOCKET, SO_ACCEPTCONN)).toBe(1);
    expect(machine.option(fd, SOL_SOCKET, SO_REUSEPORT)).toBe(1);
    const port = machine.port(fd);
    machine.take(sockets.listenTcp(address, port));
    const target = address.includes(':') ? '::1' : '127.0.0.1';
    const client = machine.take(sockets.connectTcp(target, port));
    expect(outcome(client)).toBe(0);
    expect(machine.option(client, IPPROTO_TCP, TCP_NODELAY)).toBe(1);
    expect(sockaddrText(arena, sockets.localAddress(client)!)).toBe(target);
    expect(libc.accept4(-1, 0, 0, 0)).toBe(-9);
  },
);

test.each(['127.0.0.1', '::1', ''])('UDP on %p shares its port and has room for bursts', (address) => {
  const fd = machine.take(machine.sockets.listenUdp(address, 0));
  machine.take(machine.sockets.listenUdp(address, machine.port(fd)));
  expect(machine.option(fd, SOL_SOCKET, SO_REUSEPORT)).toBe(1);
  const plain = machine.take(machine.libc.socket(AF_INET, 2, 0));
  expect(machine.option(fd, SOL_SOCKET, SO_RCVBUF)).toBeGreaterThan(machine.option(plain, SOL_SOCKET, SO_RCVBUF));
});

test('an IPv6 address leaves the port of IPv4 to others', () => {
  const fd = machine.take(machine.sockets.listenUdp('::1', 0));
  expect(machine.sockets.listenUdp('127.0.0.1', machine.port(fd))).toBeGreaterThan(0);
});

test('a wildcard on a node without IPv6 is one of IPv4', () => {
  const { libc, arena } = machine;
  const without: Libc = {
    ...libc,
    socket: (domain, ...rest) => (domain === AF_INET6 ? -EAFNOSUPPORT : libc.socket(domain, ...rest)),
  };
  const sockets = new Sockets(without, arena);
  for (const address of ['', '::', '0.0.0.0']) {
    const [udp, tcp] = [machine.take(sockets.listenUdp(address, 0)), machine.take(sockets.listenTcp(address, 0))];
    for (const fd of [udp, tcp]) expect(sockaddrText(arena, sockets.localAddress(fd)!)).toBe('0.0.0.0');
    const client = machine.take(sockets.connectUdp('127.0.0.1', machine.port(udp)));
    machine.send(client, 'x');
    expect(machine.receive(udp)).toBe('x');
  }
  expect(sockets.listenUdp('::1', 0)).toBe(-EAFNOSUPPORT);
});

test('what cannot be had is an errno, and no descriptor stays open', () => {
  const opened = new Set<number>();
  const { libc, arena } = machine;
  const counting: Libc = {
    ...libc,
    socket: (...values) => {
      const fd = libc.socket(...values);
      if (fd >= 0) opened.add(fd);
      return fd;
    },
    close: (fd) => {
      opened.delete(fd);
      return libc.close(fd);
    },
  };
  const sockets = new Sockets(counting, arena);
  const taken = machine.take(libc.socket(AF_INET, 1, 0));
  const scratch = arena.allocate(64);
  arena.u8.set([AF_INET, 0, 0, 0, 127, 0, 0, 1], scratch);
  libc.bind(taken, arena.address(scratch), 16);
  libc.listen(taken, 1); // Without SO_REUSEPORT: nobody else gets it.
  expect(sockets.listenTcp('127.0.0.1', machine.port(taken))).toBe(-EADDRINUSE);
  expect(sockets.listenUdp('192.0.2.1', 0)).toBe(-EADDRNOTAVAIL);
  expect(sockets.listenTcp('2001:db8::1', 0)).toBe(-EADDRNOTAVAIL);
  expect(sockets.connectUdp('255.255.255.255', 53)).toBeLessThan(0);
  const failing = new Sockets({ ...counting, listen: () => -EADDRINUSE, socket: counting.socket }, arena);
  expect(failing.listenTcp('127.0.0.1', 0)).toBe(-EADDRINUSE);
  expect(new Sockets({ ...counting, socket: () => -24 }, arena).connectTcp('127.0.0.1', 1)).toBe(-24);
  expect(opened.size).toBe(0);
});

test('a refused connection says so in its error, once', () => {
  const closed = machine.libc.socket(AF_INET, 1, 0);
  const scratch = machine.arena.allocate(64);
  machine.arena.u8.set([AF_INET, 0, 0, 0, 127, 0, 0, 1], scratch);
  machine.libc.bind(closed, machine.arena.address(scratch), 16);
  const port = machine.port(closed);
  machine.libc.close(closed);
  const fd = machine.take(machine.sockets.connectTcp('127.0.0.1', port));
  expect(outcome(fd)).toBe(ECONNREFUSED);
  expect(machine.sockets.error(fd)).toBe(0);
});

test('options of connections are set when asked for', () => {
  const listener = machine.take(machine.sockets.listenTcp('127.0.0.1', 0));
  const fd = machine.take(machine.sockets.connectTcp('127.0.0.1', machine.port(listener)));
  outcome(fd);
  machine.sockets.quickAck(fd);
  expect(machine.option(fd, IPPROTO_TCP, TCP_QUICKACK)).toBe(1);
  const plain = machine.take(machine.libc.socket(AF_INET, 1, 0));
  machine.sockets.noDelay(plain);
  expect(machine.option(plain, IPPROTO_TCP, TCP_NODELAY)).toBe(1);
});

test('what is no socket has an error and no address', () => {
  expect(machine.sockets.error(-1)).toBe(9);
  expect(machine.sockets.localAddress(-1)).toBeUndefined();
});

test.each([
  ['', true],
  ['0.0.0.0', true],
  ['::', true],
  ['127.0.0.1', false],
  ['::1', false],
  ['169.254.20.10', false],
])('%p is all addresses of the host: %p', (address, wanted) => expect(isWildcard(address)).toBe(wanted));

describe('a deaf UDP socket', () => {
  test.each(['127.0.0.1', '::1', ''])('on %p keeps what it has, and leaves what comes to the others', (address) => {
    const { sockets } = machine;
    const leaving = machine.take(sockets.listenUdp(address, 0));
    const port = machine.port(leaving);
    const target = address === '' ? '127.0.0.1' : address;
    machine.send(machine.take(sockets.connectUdp(target, port)), 'before');
    const staying = machine.take(sockets.listenUdp(address, port));
    expect(sockets.deafen(leaving)).toBe(0);
    const clients = Array.from({ length: 32 }, () => machine.take(sockets.connectUdp(target, port)));
    for (const client of clients) machine.send(client, 'after');
    expect(machine.receive(leaving)).toBe('before');
    expect(machine.receive(leaving)).toBeUndefined();
    for (const _ of clients) expect(machine.receive(staying)).toBe('after');
  });

  test('cannot be made of what is no socket', () => {
    expect(machine.sockets.deafen(-1)).toBeLessThan(0);
  });
});
