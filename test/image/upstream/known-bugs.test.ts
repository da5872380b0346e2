/** Bugs and attacks that other resolvers had when they asked upstreams, each under the name it is known by. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { UPSTREAM_TCP_CONNECTIONS_MAX, UPSTREAM_UDP_SOCKETS_MAX } from '../../../image/limits';
import { type Asked, expectNothingHeld, framed, Loop, type Pool, replyTo } from './loop';
import { answerRightly, type Behaviour, TcpServer } from './tcp-server';

let loop: Loop;
let pool: Pool;
let ends: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  loop = new Loop();
});

afterEach(async () => {
  pool.close();
  await loop.rest(2);
  expectNothingHeld(loop);
  loop.close();
  for (const end of ends) await end();
  ends = [];
});

/** A UDP upstream that does so with each question. */
async function overUdp(behaviour: (query: Buffer, from: RemoteInfo, server: Socket) => void): Promise<number> {
  const server = createSocket('udp4');
  server.on('message', (query, from) => behaviour(query, from, server));
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  ends.push(() => new Promise<void>((resolve) => server.close(resolve)));
  const { port } = server.address();
  pool = loop.udp('127.0.0.1', port);
  return port;
}

/** A TCP upstream that does so with each question. */
async function overTcp(behaviour: Behaviour): Promise<TcpServer> {
  const server = await TcpServer.listen(behaviour);
  ends.push(() => server.close());
  pool = loop.tcp('127.0.0.1', server.port);
  return server;
}

async function answerOf(name: string): Promise<Asked> {
  const asked = loop.ask(pool, name);
  await loop.ended(asked);
  return asked;
}

const send = (server: Socket, packet: Uint8Array, { port, address }: RemoteInfo) => server.send(packet, port, address);

test('CVE-2019-19794: ids are random, not counted', async () => {
  const ids: number[] = [];
  await overUdp((query, from, server) => {
    ids.push(query.readUInt16BE(0));
    send(server, replyTo(query), from);
  });
  for (let index = 0; index < 200; index++) await answerOf(`n${index}.test.`);
  const steps = new Set(ids.slice(1).map((id, index) => (id - ids[index]) & 0xffff));
  expect(steps.size).toBeGreaterThan(190); // A counter has one step, a bad generator few.
  expect(ids.filter((id) => id < 0x8000).length).toBeGreaterThan(60); // Both halves of the range are used:
  expect(ids.filter((id) => id >= 0x8000).length).toBeGreaterThan(60); // 60 of 200 is 5.6 standard deviations away.
});

test('CVE-2023-28454: questions leave by many random ports', async () => {
  const ports = new Set<number>();
  await overUdp((query, from, server) => {
    ports.add(from.port);
    send(server, replyTo(query), from);
  });
  for (let index = 0; index < 300; index++) await answerOf(`n${index}.test.`);
  expect(ports.size).toBeGreaterThan(UPSTREAM_UDP_SOCKETS_MAX - 14);
});

test('CVE-2023-30464: an id that is guessed at another port is not believed', async () => {
  const held: { query: Buffer; from: RemoteInfo }[] = [];
  let upstream!: Socket;
  await overUdp((query, from, server) => {
    upstream = server;
    held.push({ query, from });
  });
  const questions = Array.from({ length: 30 }, (_, index) => loop.ask(pool, `n${index}.test.`));
  await loop.until(() => held.length === 30);
  for (const { query, from } of held) {
    for (const other of held) if (other.from.port !== from.port) send(upstream, replyTo(query), other.from);
    await loop.turn();
  }
  await loop.rest(5);
  expect(questions.map(({ told }) => told)).toEqual(questions.map(() => 0));
  for (const { query, from } of held) send(upstream, replyTo(query), from);
  await loop.ended(...questions);
});

test.each<[string, (query: Buffer) => Buffer]>([
  ['noise', () => Buffer.alloc(40, 0xff)],
  ['an empty packet', () => Buffer.alloc(0)],
  ['a header cut short', (query) => query.subarray(0, 7)],
  [
    'the right id and a loop of pointers',
    (query) => Buffer.concat([replyTo(query).subarray(0, 12), Buffer.from('c00cc00c00010001', 'hex')]),
  ],
  ['the right question and a record cut short', (query) => replyTo(query).subarray(0, query.length + 9)],
])('CVE-2023-28452, coredns #6014, #6270, #8287: %s does not end the wait for the answer', async (_, forge) => {
  await overUdp((query, from, server) => {
    send(server, forge(query), from);
    send(server, replyTo(query), from);
  });
  expect((await answerOf('a.test.')).answer).toBeDefined();
  expect(loop.mismatches).toBe(1);
});

test('coredns #2636, #2637: a late answer is not taken for the answer to the next question of the same socket', async () => {
  loop.environment.random.below = () => 0; // All by one socket.
  let first: { query: Buffer; from: RemoteInfo } | undefined;
  await overUdp((query, from, server) => {
    if (first === undefined) {
      first = { query, from };
      return;
    }
    send(server, replyTo(first.query), first.from);
    send(server, replyTo(query), from);
  });
  const late = loop.ask(pool, 'late.test.');
  await loop.until(() => first !== undefined);
  loop.clock.aheadMs += 2_010;
  await loop.ended(late);
  const next = await answerOf('next.test.');
  expect(next.answer!.includes('next')).toBe(true);
  expect(loop.mismatches).toBe(1);
});

test('coredns #8272: an answer of another class is not believed', async () => {
  await overUdp((query, from, server) => {
    const chaos = replyTo(query);
    chaos[query.length - 1] = 3;
    send(server, chaos, from);
    send(server, replyTo(query), from);
  });
  expect((await answerOf('a.test.')).answer!.readUInt16BE(22)).toBe(1);
  expect(loop.mismatches).toBe(1);
});

test('coredns #5953: an answer over 512 octets to a question without EDNS is taken, not a reason to ask for ever', async () => {
  let asked = 0;
  await overUdp((query, from, server) => {
    asked++;
    const reply = replyTo(query);
    const large = Buffer.concat([reply, ...Array.from({ length: 99 }, () => reply.subarray(-16))]);
    large.writeUInt16BE(100, 6);
    send(server, large, from);
  });
  expect((await answerOf('a.test.')).answer!.length).toBeGreaterThan(1_600);
  expect(asked).toBe(1);
});

test('coredns #7427: a kept connection that the upstream has closed meanwhile costs no answer', async () => {
  const server = await overTcp(answerRightly);
  await answerOf('a.test.');
  server.clients[0].socket.resetAndDestroy();
  // Not one turn in between: the pool has not heard of it.
  expect((await answerOf('b.test.')).answer).toBeDefined();
});

test('coredns #7321: a pool that closes while a connection is being made does not hang', async () => {
  await overTcp(answerRightly);
  const asked = loop.ask(pool, 'a.test.');
  pool.close();
  expect(asked.error).toBe('use of closed network connection');
  expect(loop.timers.delay(loop.clock.now())).toBe(-1);
});

test('coredns #7790: a thousand questions at once need no more than the pool’s connections', async () => {
  const server = await overTcp(answerRightly);
  const questions = Array.from({ length: 1000 }, (_, index) => loop.ask(pool, `n${index}.test.`));
  await loop.ended(...questions);
  expect(questions.flatMap(({ error }) => error ?? [])).toEqual([]);
  expect(server.clients.length).toBeLessThanOrEqual(UPSTREAM_TCP_CONNECTIONS_MAX);
});

test('kubernetes/dns #745: a slow name over TCP does not make others time out', async () => {
  await overTcp((query, client) => {
    if (!query.includes('slow')) answerRightly(query, client);
  });
  const slow = loop.ask(pool, 'slow.test.');
  for (let index = 0; index < 50; index++) expect((await answerOf(`n${index}.test.`)).answer).toBeDefined();
  loop.clock.aheadMs += 2_010;
  await loop.ended(slow);
  expect(slow.error).toMatch(/i\/o timeout$/);
});

test('kubernetes/dns #387: a resolver that takes few questions per connection gets no more', async () => {
  const most: number[] = [];
  await overTcp((query, { socket, number, questions }) => {
    most[number] = questions;
    if (questions > 4)
      socket.destroy(); // What it does to who asks for more.
    else socket.write(framed(replyTo(query)));
  });
  for (let round = 0; round < 4; round++) {
    const questions = Array.from({ length: 40 }, (_, index) => loop.ask(pool, `r${round}-${index}.test.`));
    await loop.ended(...questions);
    expect(questions.flatMap(({ error }) => error ?? [])).toEqual([]);
  }
  expect(Math.max(...most.slice(1))).toBeLessThanOrEqual(5);
});
