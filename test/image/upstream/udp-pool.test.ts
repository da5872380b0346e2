import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { UPSTREAM_EXPIRE_MS, UPSTREAM_UDP_SOCKETS_MAX, UPSTREAM_UDP_USES_MAX } from '../../../image/limits';
import type { UdpPool } from '../../../image/upstream/udp-pool';
import { type Asked, descriptors, expectNothingHeld, Loop, replyTo } from './loop';

/** What to do with a question. */
type Behaviour = (query: Buffer, from: RemoteInfo) => void;

let loop: Loop;
let server: Socket;
let pool: UdpPool;
/** Who asked, in order. */
let peers: RemoteInfo[];
const before = descriptors();

beforeEach(() => {
  loop = new Loop();
  peers = [];
});

afterEach(async () => {
  pool.close();
  await loop.rest(2);
  expectNothingHeld(loop);
  loop.close();
  await new Promise<void>((resolve) => server.close(resolve));
});

afterAll(async () => {
  for (let turn = 0; turn < 50 && descriptors() > before; turn++) await new Promise(setImmediate);
  expect(descriptors()).toBeLessThanOrEqual(before);
});

const answer: Behaviour = (query, { port, address }) => server.send(replyTo(query), port, address);

/** A server that behaves so on a free port, and a pool to it. */
async function begin(behaviour: Behaviour = answer, address = '127.0.0.1'): Promise<void> {
  server = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  server.on('message', (query, from) => {
    peers.push(from);
    behaviour(query, from);
  });
  await new Promise<void>((resolve) => server.bind(0, address, resolve));
  pool = loop.udp(address, server.address().port);
}

const ports = () => new Set(peers.map(({ port }) => port));
const route = () => `udp 127\\.0\\.0\\.1:\\d+->127\\.0\\.0\\.1:${server.address().port}: `;

/** Ask questions one after another. */
async function askMany(count: number): Promise<Asked[]> {
  const all: Asked[] = [];
  for (let index = 0; index < count; index++) {
    const asked = loop.ask(pool, `n${index}.test.`);
    await loop.ended(asked);
    all.push(asked);
  }
  return all;
}

/** Ask questions without waiting for answers, few enough at a time for the server's buffer. */
async function askAll(count: number): Promise<Asked[]> {
  const all: Asked[] = [];
  while (all.length < count) {
    all.push(loop.ask(pool, `n${all.length}.test.`));
    if (all.length % 32 === 0) await loop.rest(3);
  }
  return all;
}

test('a question comes back answered, and the bytes it was sent from keep their id', async () => {
  await begin();
  const asked = loop.ask(pool, 'a.test.');
  const { requestOffset, bytes, id } = asked.exchange;
  expect([bytes[requestOffset], bytes[requestOffset + 1]]).toEqual([0x12, 0x34]);
  await loop.ended(asked);
  expect(asked.answer!.readUInt16BE(0)).toBe(id);
});

test('an IPv6 upstream is asked alike', async () => {
  await begin(answer, '::1');
  await askMany(3);
  expect(peers[0].family).toBe('IPv6');
});

test('our end is the address that is wished for', async () => {
  await begin();
  pool = loop.udp('127.0.0.1', server.address().port, '127.0.0.2');
  await askMany(2);
  expect(new Set(peers.map(({ address }) => address))).toEqual(new Set(['127.0.0.2']));
  const { port } = server.address();
  const error = `dial udp 127.0.0.1:${port}: connect: cannot assign requested address`;
  expect(loop.ask(loop.udp('127.0.0.1', port, '192.0.2.77'), 'a.test.').error).toBe(error);
});

test('200 questions leave by many ports, and neither ports nor ids follow one another', async () => {
  await begin();
  const all = await askMany(200);
  expect(ports().size).toBeGreaterThan(50); // Of 64: fewer than 51 is less likely than 10^-9.
  const follows = (numbers: number[]) => numbers.filter((number, index) => number === numbers[index - 1] + 1).length;
  expect(follows([...ports()])).toBeLessThan(10);
  expect(follows(all.map(({ exchange, answer: reply }) => reply?.readUInt16BE(0) ?? exchange.id))).toBeLessThan(5);
});

test('a socket is replaced when it was used often, without losing what is in flight', async () => {
  const held: (() => void)[] = [];
  await begin((query, from) => held.push(() => answer(query, from)));
  loop.environment.random.below = () => 0; // All by one socket.
  const first = await askAll(UPSTREAM_UDP_USES_MAX);
  const next = loop.ask(pool, 'next.test.');
  await loop.until(() => held.length === UPSTREAM_UDP_USES_MAX + 1);
  expect(ports().size).toBe(2);
  for (const send of held) send();
  await loop.ended(...first, next);
});

test('whatever comes before the right answer is ignored', async () => {
  await begin((query, { port, address }) => {
    const id = query.readUInt16BE(0);
    const otherName = replyTo(query);
    otherName[13] ^= 1;
    const otherType = replyTo(query);
    otherType[query.length - 3] = 28;
    const cutWithoutTc = replyTo(query).subarray(0, query.length + 3);
    const forged = [
      replyTo(query, id + 1),
      otherName,
      otherType,
      query,
      cutWithoutTc,
      Buffer.alloc(0),
      query.subarray(0, 11),
    ];
    for (const packet of [...forged, replyTo(query)]) server.send(packet, port, address);
  });
  const asked = loop.ask(pool, 'a.test.');
  await loop.ended(asked);
  expect(asked.answer).toBeDefined();
  expect(loop.mismatches).toBe(7);
});

test('only the address that was asked is heard', async () => {
  const other = createSocket('udp4');
  await new Promise<void>((resolve) => other.bind(0, '127.0.0.1', resolve));
  await begin((query, { port, address }) => other.send(replyTo(query), port, address));
  const asked = loop.ask(pool, 'a.test.');
  await loop.until(() => peers.length === 1);
  await loop.rest(50);
  expect([asked.told, loop.mismatches]).toEqual([0, 0]);
  other.close();
});

test('an answer to a question of another socket is not taken', async () => {
  await begin(() => undefined);
  const turns = [0, 1];
  loop.environment.random.below = () => turns.shift()!;
  const [first, second] = [loop.ask(pool, 'a.test.'), loop.ask(pool, 'a.test.')];
  await loop.until(() => peers.length === 2);
  const query = Buffer.from(first.exchange.bytes.slice(first.exchange.requestOffset).subarray(0, 24));
  server.send(replyTo(query, first.exchange.id), peers[1].port, peers[1].address);
  server.send(replyTo(query, second.exchange.id), peers[0].port, peers[0].address);
  await loop.until(() => loop.mismatches === 2);
  expect([first.told, second.told]).toEqual([0, 0]);
});

test('an answer that was cut with TC is header and question, and says so', async () => {
  await begin((query, { port, address }) => {
    const reply = replyTo(query);
    reply[2] |= 0x02;
    reply.writeUInt16BE(9, 6);
    server.send(reply.subarray(0, reply.length - 5), port, address);
  });
  const asked = loop.ask(pool, 'a.test.');
  await loop.ended(asked);
  expect(asked.answer!.subarray(2, 12).toString('hex')).toBe('83800001000000000000');
  expect(asked.answer).toHaveLength(24);
});

test('a closed port fails at once with Go’s text', async () => {
  await begin();
  const closed = createSocket('udp4');
  await new Promise<void>((resolve) => closed.bind(0, '127.0.0.1', resolve));
  const { port } = closed.address();
  await new Promise<void>((resolve) => closed.close(resolve));
  pool = loop.udp('127.0.0.1', port);
  loop.environment.random.below = () => 0;
  const asked = loop.ask(pool, 'a.test.');
  await loop.ended(asked);
  expect(asked.error).toMatch(
    new RegExp(`^read udp 127\\.0\\.0\\.1:\\d+->127\\.0\\.0\\.1:${port}: read: connection refused$`),
  );
  const [again] = await askMany(1);
  expect(again.error).toMatch(/connection refused$/); // The socket lives on: the server may come back.
});

test('a port that closes under questions in flight fails all of them, and the one that hears of it', async () => {
  await begin(() => undefined);
  const taken = createSocket('udp4');
  await new Promise<void>((resolve) => taken.bind(0, '127.0.0.1', resolve));
  const { port } = taken.address();
  let heard = 0;
  taken.on('message', () => heard++);
  pool = loop.udp('127.0.0.1', port);
  loop.environment.random.below = () => 0;
  const waiting = [loop.ask(pool, 'a.test.'), loop.ask(pool, 'b.test.')];
  await loop.until(() => heard === 2);
  await new Promise<void>((resolve) => taken.close(resolve));
  const last = [loop.ask(pool, 'c.test.'), loop.ask(pool, 'd.test.')]; // The refusal of `c` is there before `d` is sent.
  await loop.ended(...waiting, ...last);
  for (const { error } of [...waiting, ...last]) expect(error).toMatch(/connection refused$/);
});

test('an address without a route fails at once', async () => {
  await begin();
  pool = loop.udp('255.255.255.255', 53);
  expect(loop.ask(pool, 'a.test.').error).toBe('dial udp 255.255.255.255:53: connect: permission denied');
});

test('a question that is not answered ends with its time', async () => {
  await begin(() => undefined);
  const asked = loop.ask(pool, 'a.test.');
  loop.clock.aheadMs += 1_000; // Real time passes as well: what is not yet due has a second of it.
  await loop.rest();
  expect(asked.told).toBe(0);
  loop.clock.aheadMs += 1_010;
  await loop.ended(asked);
  expect(asked.error).toMatch(new RegExp(`^read ${route()}i/o timeout$`));
});

test('unused sockets are closed after their time', async () => {
  await begin();
  const open = descriptors();
  await askMany(40);
  expect(descriptors()).toBeGreaterThan(open + 15);
  loop.clock.aheadMs += UPSTREAM_EXPIRE_MS / 2;
  await loop.rest(3);
  expect(descriptors()).toBeGreaterThan(open + 15);
  loop.clock.aheadMs += UPSTREAM_EXPIRE_MS / 2 + 1_000;
  await loop.rest(3);
  expect(descriptors()).toBe(open);
  expect(loop.timers.delay(loop.clock.now())).toBe(-1); // Nothing is left to wake up for.
});

test('never more sockets than allowed, and of idle ones only as many as wanted', async () => {
  await begin();
  const open = descriptors();
  loop.settings.idleMax = 3;
  await loop.ended(...(await askAll(500)));
  expect(descriptors()).toBeLessThanOrEqual(open + UPSTREAM_UDP_SOCKETS_MAX);
  loop.clock.aheadMs += 1_010;
  await loop.rest(3);
  expect(descriptors()).toBe(open + 3);
});

test('a socket that is too old gets no new question', async () => {
  await begin();
  loop.settings.ageMsMax = 2_000;
  loop.environment.random.below = () => 0;
  await askMany(2);
  expect(ports().size).toBe(1);
  loop.clock.aheadMs += 2_001;
  await askMany(1);
  expect(ports().size).toBe(2);
});

test('a closed pool fails what is in flight and takes nothing more', async () => {
  await begin(() => undefined);
  loop.environment.random.below = () => 0;
  const asked = loop.ask(pool, 'a.test.');
  let late: Asked | undefined;
  asked.failed = (_, error) => {
    asked.error = error;
    asked.told++;
    late = loop.ask(pool, 'b.test.'); // As forward does: the next try.
  };
  pool.close();
  expect(asked.error).toBe('use of closed network connection');
  expect(late!.error).toBe('use of closed network connection');
});
