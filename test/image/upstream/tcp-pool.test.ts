import { UPSTREAM_EXPIRE_MS, UPSTREAM_TCP_CONNECTIONS_MAX } from '../../../image/limits';
import type { TcpPool } from '../../../image/upstream/tcp-pool';
import { descriptors, expectNothingHeld, framed, Loop, replyTo } from './loop';
import { answerRightly, type Behaviour, TcpServer } from './tcp-server';

let loop: Loop;
let server: TcpServer;
let pool: TcpPool;
const before = descriptors();

beforeEach(() => {
  loop = new Loop();
});

afterEach(async () => {
  pool.close();
  await loop.rest(2);
  expectNothingHeld(loop);
  loop.close();
  await server.close();
});

afterAll(async () => {
  for (let turn = 0; turn < 50 && descriptors() > before; turn++) await new Promise(setImmediate);
  expect(descriptors()).toBeLessThanOrEqual(before);
});

/** A server that behaves so, and a pool to it. */
async function begin(behaviour?: Behaviour): Promise<void> {
  server = await TcpServer.listen(behaviour);
  pool = loop.tcp('127.0.0.1', server.port);
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index}.test.`);
const route = () => new RegExp(`^read tcp 127\\.0\\.0\\.1:\\d+->127\\.0\\.0\\.1:${server.port}: `);

test('a question is sent as it is but for its id, and the answer comes back whole', async () => {
  await begin();
  const asked = loop.ask(pool, 'www.example.org.');
  await loop.ended(asked);
  const [{ query }] = server.questions;
  expect(query.readUInt16BE(0)).toBe(asked.exchange.id);
  expect(query.subarray(2).toString('hex')).toBe('0100000100000000000003777777076578616d706c65036f72670000010001');
  expect(asked.answer!.toString('hex')).toBe(replyTo(query).toString('hex'));
});

test('a second question uses the connection of the first', async () => {
  await begin();
  for (const name of names(3)) await loop.ended(loop.ask(pool, name));
  expect(server.clients).toHaveLength(1);
  expect(loop.told).toEqual(['opened', 'kept', 'kept']);
});

test('a pool that is warmed up has a connection for the first question, and no second one', async () => {
  await begin();
  pool.warmUp();
  pool.warmUp();
  await loop.ended(loop.ask(pool, 'a.test.'));
  pool.warmUp();
  await loop.ended(loop.ask(pool, 'b.test.'));
  expect(server.clients).toHaveLength(1);
  expect(loop.told).toEqual(['kept', 'kept']);
  pool.close();
  pool.warmUp();
  await loop.rest(2);
  expect(server.clients).toHaveLength(1);
});

test('while another connection is being made, questions go by the one that is open', async () => {
  await begin(() => undefined);
  loop.ask(pool, 'first.test.');
  await loop.rest(5);
  for (const name of names(10)) loop.ask(pool, name); // The first of them opens another one.
  while (server.questions.length < 11) await loop.rest(1);
  expect(server.clients[0].questions).toBe(11);
});

test('our end is the address that is wished for', async () => {
  await begin();
  pool = loop.tcp('127.0.0.1', server.port, '127.0.0.2');
  await loop.ended(loop.ask(pool, 'a.test.'));
  expect(server.clients[0].socket.remoteAddress).toBe('127.0.0.2');
});

test('answers out of order find their questions', async () => {
  const held: { query: Buffer; answer: () => void }[] = [];
  await begin((query, { socket }) => {
    held.push({ query, answer: () => socket.write(framed(replyTo(query))) });
    if (held.length === 20) for (const { answer } of held.reverse()) answer();
  });
  const questions = names(20).map((name) => loop.ask(pool, name));
  await loop.ended(...questions);
  for (const { answer, exchange, name } of questions) {
    expect(answer!.readUInt16BE(0)).toBe(exchange.id);
    expect(answer!.includes(name.split('.')[0])).toBe(true);
  }
});

test('answers that come octet by octet, and several in one piece, are put together', async () => {
  const stream: Buffer[] = [];
  await begin((query, { socket }) => {
    stream.push(framed(replyTo(query)));
    if (stream.length < 4) return;
    const all = Buffer.concat(stream);
    const send = (at: number) => {
      if (at < all.length - 40) {
        socket.write(all.subarray(at, at + 1));
        setImmediate(send, at + 1);
      } else socket.write(all.subarray(at));
    };
    socket.setNoDelay(true);
    send(0);
  });
  const questions = names(4).map((name) => loop.ask(pool, name));
  await loop.ended(...questions);
  expect(questions.every(({ answer }) => answer !== undefined)).toBe(true);
});

test('the largest answers, many at a time, fit the buffer', async () => {
  await begin((query, { socket }) => {
    const records = Math.floor((65_535 - query.length) / 16);
    const reply = replyTo(query);
    const large = Buffer.concat([reply, ...Array.from({ length: records - 1 }, () => reply.subarray(-16))]);
    large.writeUInt16BE(records, 6);
    socket.write(framed(large));
  });
  const questions = names(10).map((name) => loop.ask(pool, name));
  await loop.ended(...questions);
  for (const { answer } of questions) expect(answer!.length).toBeGreaterThan(65_500);
});

test('what answers nothing is passed over, and the answer behind it is taken', async () => {
  await begin((query, { socket }) => {
    const otherName = replyTo(query);
    otherName[13] ^= 1;
    for (const packet of [
      Buffer.alloc(0),
      Buffer.from('00'),
      replyTo(query, query.readUInt16BE(0) + 1),
      otherName,
      query,
    ]) {
      socket.write(framed(packet));
    }
    socket.write(framed(replyTo(query)));
  });
  const asked = loop.ask(pool, 'a.test.');
  await loop.ended(asked);
  expect(asked.answer).toBeDefined();
  expect(loop.mismatches).toBe(5);
});

test('a malformed answer fails its question alone', async () => {
  await begin((query, { socket }) => {
    const reply = replyTo(query);
    if (query[13] === 0x62) reply.writeUInt16BE(7, 6); // `b`: records that are not there.
    socket.write(framed(reply));
  });
  const [good, bad] = [loop.ask(pool, 'a.test.'), loop.ask(pool, 'b.test.')];
  await loop.ended(good, bad);
  expect(good.answer).toBeDefined();
  expect(bad.error).toMatch(new RegExp(`${route().source}malformed answer$`));
});

test('a connection that closes after each answer is replaced, and no question is lost', async () => {
  await begin((query, { socket }) => socket.end(framed(replyTo(query))));
  for (const name of names(5)) await loop.ended(loop.ask(pool, name));
  const questions = names(5).map((name) => loop.ask(pool, name));
  await loop.ended(...questions);
  expect(server.clients.length).toBeGreaterThanOrEqual(5);
});

test('questions in flight on a kept connection that closes are sent again, once', async () => {
  await begin((query, client) => {
    if (client.number === 0 && client.questions > 1) client.socket.destroy();
    else answerRightly(query, client);
  });
  await loop.ended(loop.ask(pool, 'first.test.'));
  const questions = names(3).map((name) => loop.ask(pool, name));
  await loop.ended(...questions);
  expect(questions.map(({ error }) => error)).toEqual([undefined, undefined, undefined]);
  expect(questions.map(({ exchange }) => exchange.resends)).toContain(1);
});

test('a question whose connections close twice fails with Go’s text', async () => {
  await begin((query, client) => {
    if (client.questions === 1 && query.includes('first')) answerRightly(query, client);
    else client.socket.end();
  });
  await loop.ended(loop.ask(pool, 'first.test.'));
  const asked = loop.ask(pool, 'second.test.');
  await loop.ended(asked);
  expect(asked.error).toBe('EOF');
  expect(server.questions.filter(({ query }) => query.includes('second'))).toHaveLength(2);
});

test('a reset connection fails with Go’s text', async () => {
  await begin((_, { socket }) => socket.resetAndDestroy());
  const asked = loop.ask(pool, 'a.test.');
  await loop.ended(asked);
  expect(asked.error).toMatch(new RegExp(`${route().source}read: connection reset by peer$`));
});

test('a refused connection fails at once with Go’s text', async () => {
  await begin();
  const { port } = server;
  await server.close();
  const asked = loop.ask(pool, 'a.test.');
  await loop.ended(asked);
  expect(asked.error).toBe(`dial tcp 127.0.0.1:${port}: connect: connection refused`);
  server = await TcpServer.listen();
});

test('an address that cannot be reached fails at once', async () => {
  await begin();
  pool = loop.tcp('255.255.255.255', 53);
  const asked = loop.ask(pool, 'a.test.');
  expect(asked.error).toBe('dial tcp 255.255.255.255:53: connect: network is unreachable');
});

test('a question that is never answered ends with its time, and gives up a connection that never said anything', async () => {
  await begin(() => undefined);
  const asked = loop.ask(pool, 'a.test.');
  await loop.until(() => server.questions.length === 1);
  loop.clock.aheadMs += 1_000; // Real time passes as well: what is not yet due has a second of it.
  await loop.rest();
  expect(asked.told).toBe(0);
  loop.clock.aheadMs += 1_010;
  await loop.ended(asked);
  expect(asked.error).toMatch(new RegExp(`${route().source}i/o timeout$`));
  expect(loop.blocksFree).toBe(16);
});

test('a connection that goes silent is given up, and its other questions go to a new one', async () => {
  await begin((query, client) => {
    if (client.number > 0 || client.questions === 1) answerRightly(query, client);
  });
  await loop.ended(loop.ask(pool, 'first.test.'));
  const lost = loop.ask(pool, 'lost.test.');
  await loop.until(() => server.questions.length === 2);
  loop.clock.aheadMs += 1_000;
  const [first] = (pool as unknown as { connections: { send(exchange: unknown): void }[] }).connections;
  const other = loop.ask(
    {
      send: (exchange) => {
        first.send(exchange);
        return '';
      },
      close: () => undefined,
    },
    'other.test.',
  );
  await loop.until(() => server.questions.length === 3);
  loop.clock.aheadMs += 1_010;
  await loop.ended(lost, other);
  expect(lost.error).toMatch(/i\/o timeout$/);
  expect(other.answer).toBeDefined();
});

test('a slow name does not take its neighbours’ connection with it', async () => {
  await begin((query, client) => {
    if (!query.includes('slow')) answerRightly(query, client);
  });
  await loop.ended(loop.ask(pool, 'first.test.'));
  const slow = loop.ask(pool, 'slow.test.');
  await loop.until(() => server.questions.length === 2);
  loop.clock.aheadMs += 1_000;
  await loop.ended(...names(3).map((name) => loop.ask(pool, name)));
  loop.clock.aheadMs += 1_010;
  await loop.ended(slow);
  await loop.ended(loop.ask(pool, 'last.test.'));
  expect(server.clients[0].socket.destroyed).toBe(false);
});

test('an answer that comes too late is for nobody', async () => {
  const late: (() => void)[] = [];
  await begin((query, client) => {
    if (query.includes('late')) late.push(() => answerRightly(query, client));
    else answerRightly(query, client);
  });
  const asked = loop.ask(pool, 'late.test.', 500);
  await loop.until(() => late.length === 1);
  await loop.ended(loop.ask(pool, 'other.test.'));
  loop.clock.aheadMs += 600;
  await loop.ended(asked);
  for (const answer of late) answer();
  await loop.rest(50);
  expect(asked.told).toBe(1);
});

test('a connection that is never made ends with its questions’ time', async () => {
  await begin();
  const { libc, arena } = loop;
  const scratch = arena.allocate(64);
  arena.u8.set([2, 0, 0, 0, 127, 0, 0, 1], scratch);
  const listener = libc.socket(2, 1, 0);
  expect(libc.bind(listener, arena.address(scratch), 16)).toBe(0);
  expect(libc.listen(listener, 0)).toBe(0); // Room for one connection, which nobody accepts: further SYNs are dropped.
  arena.u32[(scratch + 32) >>> 2] = 32;
  libc.getsockname(listener, arena.address(scratch), arena.address(scratch + 32));
  const port = (arena.u8[scratch + 2] << 8) | arena.u8[scratch + 3];
  const fillers = [0, 1].map(() => loop.environment.sockets.connectTcp('127.0.0.1', port));
  pool = loop.tcp('127.0.0.1', port);
  const questions = names(3).map((name) => loop.ask(pool, name));
  await loop.rest();
  expect(questions.map(({ told }) => told)).toEqual([0, 0, 0]);
  loop.clock.aheadMs += 2_010;
  await loop.ended(...questions);
  expect(new Set(questions.map(({ error }) => error))).toEqual(new Set([`dial tcp 127.0.0.1:${port}: i/o timeout`]));
  for (const fd of [listener, ...fillers]) libc.close(fd);
});

test('under load connections are opened one by one up to the limit, and no further', async () => {
  await begin((query, client) => setImmediate(() => answerRightly(query, client)));
  const all = [];
  for (let round = 0; round < 30; round++) {
    all.push(...names(20).map((name) => loop.ask(pool, name)));
    await loop.turn();
  }
  await loop.ended(...all);
  expect(server.clients).toHaveLength(UPSTREAM_TCP_CONNECTIONS_MAX);
});

test('a connection opened for the next question does not spin while there is none', async () => {
  const held: (() => void)[] = [];
  await begin((query, client) => held.push(() => answerRightly(query, client)));
  const first = loop.ask(pool, 'a.test.');
  await loop.until(() => server.questions.length === 1);
  const second = loop.ask(pool, 'b.test.'); // The first is busy: a second connection is begun for who comes next.
  await loop.until(() => server.clients.length === 2 && server.questions.length === 2);
  await loop.rest();
  loop.events = 0;
  await loop.rest(50);
  expect(loop.events).toBe(0);
  for (const answer of held) answer();
  await loop.ended(first, second);
});

test('more questions than the write buffer holds find another connection, or an error', async () => {
  await begin();
  const questions = Array.from({ length: 3_000 }, (_, index) => loop.ask(pool, `${'x'.repeat(60)}.n${index}.test.`));
  await loop.ended(...questions);
  const errors = new Set(questions.flatMap(({ error }) => error ?? []));
  const room = `dial tcp 127.0.0.1:${server.port}: no connection has room`;
  for (const error of errors) expect(error).toBe(room);
  expect(questions.filter(({ answer }) => answer !== undefined).length).toBeGreaterThan(100);
});

test('an unused connection is closed after its time, a used one is kept', async () => {
  await begin();
  await loop.ended(loop.ask(pool, 'a.test.'));
  for (let second = 0; second < 8; second++) {
    loop.clock.aheadMs += 1_000;
    await loop.rest(3);
  }
  expect(loop.blocksFree).toBe(15);
  await loop.ended(loop.ask(pool, 'b.test.'));
  expect(server.clients).toHaveLength(1);
  loop.clock.aheadMs += UPSTREAM_EXPIRE_MS - 2_000;
  await loop.rest(3);
  expect(loop.blocksFree).toBe(15);
  loop.clock.aheadMs += 3_100;
  await loop.rest(3);
  expect(loop.blocksFree).toBe(16);
});

test('a connection that is too old gets no new question', async () => {
  await begin();
  loop.settings.ageMsMax = 5_000;
  await loop.ended(loop.ask(pool, 'a.test.'));
  loop.clock.aheadMs += 4_000;
  await loop.ended(loop.ask(pool, 'b.test.'));
  expect(server.clients).toHaveLength(1);
  loop.clock.aheadMs += 1_100;
  await loop.ended(loop.ask(pool, 'c.test.'));
  expect(server.clients).toHaveLength(2);
});

test('of idle connections only so many are kept', async () => {
  await begin();
  loop.settings.idleMax = 2;
  for (let round = 0; round < 20; round++) {
    await loop.ended(...names(20).map((name) => loop.ask(pool, name)));
  }
  expect(server.clients.length).toBeGreaterThan(2);
  loop.clock.aheadMs += 1_010;
  await loop.rest(5);
  expect(loop.blocksFree).toBe(14);
});

test('a closed pool fails what is in flight and takes nothing more', async () => {
  await begin(() => undefined);
  const asked = loop.ask(pool, 'a.test.');
  await loop.until(() => server.questions.length === 1);
  const again = Object.assign(asked, {
    failed(_: unknown, error: string) {
      asked.error = error;
      asked.told++;
      late = loop.ask(pool, 'b.test.'); // As forward does: the next try.
    },
  });
  let late: typeof asked | undefined;
  pool.close();
  expect(again.error).toBe('use of closed network connection');
  expect(late!.error).toBe('use of closed network connection');
  expect(loop.blocksFree).toBe(16);
});

test('when all buffers are in use a question is told so', async () => {
  await begin();
  const taken = Array.from({ length: 16 }, () => loop.environment.connectionBlocks.take());
  const asked = loop.ask(pool, 'a.test.');
  expect(asked.error).toBe(`dial tcp 127.0.0.1:${server.port}: all connection buffers are in use`);
  for (const block of taken) loop.environment.connectionBlocks.give(block);
});
