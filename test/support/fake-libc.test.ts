import { Arena, mapArena } from '../../image/kernel/arena';
import { Batch } from '../../image/kernel/batch';
import { checkLayout } from '../../image/kernel/layout';
import { isWildcard, Sockets } from '../../image/kernel/socket';
import { encoded, message } from '../fuzz/wire-seeds';
import { replyTo } from '../image/upstream/loop';
import { FakeLibc } from './fake-libc';
import { FakeWorker } from './fake-worker';

const ASK = Buffer.from(encoded(message({ ask: 'web.example.' })));
const CLIENT = '10.1.2.3';

/** Header flags and answer count of a reply. */
const gist = (reply: Buffer | undefined) => reply && { rcode: reply[3] & 15, answers: reply.readUInt16BE(6) };

describe('as the real kernel', () => {
  test('it passes the layout check, and closes what the check opened', () => {
    const kernel = new FakeLibc();
    checkLayout(kernel, mapArena(kernel, 8192));
    expect(kernel.openCount).toBe(0);
  });

  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['0.0.0.0', '10.0.0.7'],
    ['', 'fd00::7'],
    ['::1', '::1'],
  ])('a batch on %p answers from the address that was asked, %p', (address, asked) => {
    const kernel = new FakeLibc();
    const arena = mapArena(kernel, 2 << 20);
    const fd = kernel.listenUdp(address, 53);
    const batch = new Batch(kernel, arena, fd, isWildcard(address));
    const client = kernel.network.udpPeer(asked.includes(':') ? 'fd00::99' : CLIENT);
    for (let index = 0; index < 70; index++) client.send({ address: asked, port: 53 }, Buffer.from(`${index}`));
    let count = 0;
    for (let got = batch.receive(); got > 0; got = batch.receive()) {
      for (let slot = 0; slot < got; slot++, count++) {
        const from = batch.requestOffset(slot);
        arena.u8.copyWithin(batch.replyOffset(), from, from + batch.requestBytes(slot));
        batch.reply(batch.requestBytes(slot), batch.requestPeer(slot));
      }
    }
    batch.send();
    expect(count).toBe(70);
    expect(client.received.map(({ bytes }) => Number(bytes))).toEqual(Array.from({ length: 70 }, (_, index) => index));
    expect(client.received.every(({ from }) => from.address === asked && from.port === 53)).toBe(true);
  });

  test('of a refused datagram in a batch those in front leave, and those behind', () => {
    const kernel = new FakeLibc();
    const arena = mapArena(kernel, 2 << 20);
    const batch = new Batch(kernel, arena, kernel.listenUdp('10.0.0.1', 53), false);
    const client = kernel.network.udpPeer(CLIENT);
    client.send({ address: '10.0.0.1', port: 53 }, Buffer.from('x'));
    batch.receive();
    for (let index = 0; index < 3; index++) {
      arena.u8[batch.replyOffset()] = index;
      batch.reply(1, batch.requestPeer(0));
    }
    kernel.inject('sendmmsg', -1);
    batch.send();
    expect([batch.unsent, client.received.map(({ bytes }) => bytes[0])]).toEqual([1, [1, 2]]);
  });

  test('descriptors are the lowest free numbers, and a closed one is EBADF', () => {
    const kernel = new FakeLibc();
    const [first, second] = [kernel.socket(2, 1, 0), kernel.socket(2, 2, 0)];
    expect([first, second]).toEqual([3, 4]);
    kernel.close(first);
    expect(kernel.close(first)).toBe(-9);
    expect(kernel.recv(first, 0, 0, 0)).toBe(-9);
    expect(kernel.eventfd(0, 0)).toBe(3);
  });

  test('a pointer to nowhere is found at once', () => {
    const kernel = new FakeLibc();
    const fd = kernel.socket(2, 2, 0);
    expect(() => kernel.bind(fd, 12_345, 16)).toThrow('EFAULT');
  });

  test('without IPv6 there are no IPv6 sockets', () => {
    const kernel = new FakeLibc({ hasIpv6: false });
    const address = kernel.mapMemory(4096);
    const sockets = new Sockets(kernel, new Arena(address, kernel.viewMemory(address, 4096)));
    expect(sockets.connectUdp('fd00::1', 53)).toBe(-97);
    expect(sockets.listenUdp('', 53)).toBeGreaterThan(0);
  });
});

describe('a worker on it', () => {
  const FORWARD = 'example. {\n bind 10.0.0.1\n cache 30\n forward . 10.96.0.10 {\n prefer_udp\n }\n}';
  const TCP = 'example. {\n bind 10.0.0.1\n forward . 10.96.0.10 {\n force_tcp\n }\n}';
  const DNS = { address: '10.0.0.1', port: 53 };

  test('a question goes to the upstream and back, and the second is answered from the cache', () => {
    const world = new FakeWorker(FORWARD);
    const upstream = world.kernel.network.udpPeer('10.96.0.10', 53);
    let asked = 0;
    upstream.onDatagram = ({ from, bytes }) => {
      asked++;
      expect(from.address).toBe('10.0.0.1');
      upstream.send(from, replyTo(bytes));
    };
    const client = world.kernel.network.udpPeer(CLIENT);
    for (let round = 1; round <= 2; round++) {
      client.send(DNS, ASK);
      world.pass(10);
      expect(client.received).toHaveLength(round);
    }
    expect(client.received.map(({ bytes }) => gist(bytes))).toEqual([
      { rcode: 0, answers: 1 },
      { rcode: 0, answers: 1 },
    ]);
    expect(asked).toBe(1);
    expect(world.metric('coredns_cache_hits_total', 'success')).toBe(1);
    expect(world.metric('coredns_cache_hits_total', 'denial')).toBe(0);
  });

  test('an answer grows older with the clock, and is asked for anew when it is too old', () => {
    const world = new FakeWorker(FORWARD);
    const upstream = world.kernel.network.udpPeer('10.96.0.10', 53);
    let asked = 0;
    upstream.onDatagram = ({ from, bytes }) => {
      asked++;
      upstream.send(from, replyTo(bytes));
    };
    const client = world.kernel.network.udpPeer(CLIENT);
    const ttls = [0, 10_000, 19_000, 2_000].map((ms) => {
      world.pass(ms);
      client.send(DNS, ASK);
      world.pass(0);
      return client.received.pop()!.bytes.readUInt32BE(ASK.length + 6);
    });
    expect(ttls).toEqual([30, 20, 1, 30]);
    expect(asked).toBe(2);
  });

  test('an upstream that says nothing costs the client SERVFAIL after 5 s, in no time', () => {
    const world = new FakeWorker(FORWARD);
    world.kernel.network.silent.add('10.96.0.10');
    const client = world.kernel.network.udpPeer(CLIENT);
    client.send(DNS, ASK);
    world.pass(3_900);
    expect(client.received).toHaveLength(0);
    world.pass(1_200);
    expect(client.received.map(({ bytes }) => gist(bytes))).toEqual([{ rcode: 2, answers: 0 }]);
  });

  test('an upstream over TCP: frames in pieces, and a connection that closes', () => {
    const world = new FakeWorker(TCP);
    let connections = 0;
    world.kernel.network.tcpServer('10.96.0.10', 53, (end) => {
      connections++;
      let stream = Buffer.alloc(0);
      end.onData = (bytes) => {
        stream = Buffer.concat([stream, bytes]);
        if (stream.length < 2 + ASK.length) return;
        const reply = replyTo(stream.subarray(2));
        end.write(Buffer.from([0]));
        end.write(Buffer.from([reply.length, ...reply.subarray(0, 9)]));
        end.write(reply.subarray(9));
        end.end();
      };
    });
    const client = world.kernel.network.udpPeer(CLIENT);
    for (let round = 1; round <= 2; round++) {
      client.send(DNS, ASK);
      world.pass(20);
      expect(client.received.map(({ bytes }) => gist(bytes)).at(-1)).toEqual({ rcode: 0, answers: 1 });
    }
    expect(connections).toBe(2);
  });

  test('a client over TCP that takes its answers slowly gets all of them', () => {
    const world = new FakeWorker(
      'example. {\n bind 10.0.0.1\n template ANY ANY {\n answer "{{ .Name }} 60 IN A 10.0.0.9"\n }\n}',
    );
    const client = world.kernel.network.tcpConnect(DNS, CLIENT)!;
    client.roomBytes = 40;
    for (let index = 0; index < 10; index++) client.write(Buffer.concat([Buffer.from([0, ASK.length]), ASK]));
    let taken = Buffer.alloc(0);
    for (let round = 0; round < 50; round++) {
      world.pass(1);
      taken = Buffer.concat([taken, client.read()]);
    }
    expect(taken.length).toBe(10 * (2 + taken.readUInt16BE(0)));
    client.end();
    world.pass(1);
    expect(client.ended).toBe(true);
  });

  test('stopped, it closes all it had', () => {
    const world = new FakeWorker(FORWARD);
    const { openCount } = world.kernel;
    expect(openCount).toBeGreaterThan(3);
    world.send({ kind: 'stop', graceMs: 5_000 });
    world.worker.run();
    expect(world.posted.at(-1)).toEqual({ kind: 'stopped' });
    expect(world.kernel.openCount).toBe(1); // The wake-up descriptor is main's.
  });

  test('one that would sleep for good without anything to wake it is found', () => {
    const kernel = new FakeLibc();
    const epoll = kernel.epoll_create1(0);
    expect(() => kernel.epoll_wait(epoll, 0, 1, -1)).toThrow('nothing will ever happen');
  });
});
