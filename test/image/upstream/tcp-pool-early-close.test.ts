/** Servers that close connections early: after each answer, after so many, or when several questions come at once. */
import { UPSTREAM_TCP_CONNECTIONS_MAX, UPSTREAM_WAITING_MAX } from '../../../image/limits';
import type { TcpPool } from '../../../image/upstream/tcp-pool';
import { expectNothingHeld, framed, Loop, replyTo } from './loop';
import { answerRightly, type Behaviour, TcpServer } from './tcp-server';

let loop: Loop;
let server: TcpServer;
let pool: TcpPool;

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

async function begin(behaviour?: Behaviour): Promise<void> {
  server = await TcpServer.listen(behaviour);
  pool = loop.tcp('127.0.0.1', server.port);
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index}.test.`);
const count = (what: string) => loop.told.filter((word) => word === what).length;

/** Closes after `answers` answers on a connection, whatever else was asked. */
const closesAfter =
  (answers: number): Behaviour =>
  (query, { socket, questions }) => {
    if (questions < answers) socket.write(framed(replyTo(query)));
    else if (questions === answers) socket.end(framed(replyTo(query)));
  };

/** Ask so many at once and expect all answers. */
async function askAll(questions: number): Promise<void> {
  const asked = names(questions).map((name) => loop.ask(pool, name));
  await loop.ended(...asked);
  expect(asked.flatMap(({ error }) => error ?? [])).toEqual([]);
}

test.each([1, 2, 3, 7])('a server that closes after %i answers: twenty at once, each is answered', async (answers) => {
  await begin(closesAfter(answers));
  for (let round = 0; round < 3; round++) await askAll(20);
});

test('after the first round nothing is asked twice', async () => {
  await begin(closesAfter(1));
  await askAll(20);
  const before = server.questions.length;
  await askAll(20);
  expect(server.questions.length - before).toBe(20);
  expect(count('waited')).toBeGreaterThanOrEqual(20 - UPSTREAM_TCP_CONNECTIONS_MAX);
});

test('a server that closes when a second question comes before the first is answered', async () => {
  await begin((query, { socket, questions }) => {
    if (questions > 1) socket.destroy();
    else setTimeout(() => !socket.destroyed && socket.end(framed(replyTo(query))), 5);
  });
  for (let round = 0; round < 2; round++) await askAll(20);
});

test('questions that wait are asked in their order', async () => {
  await begin(closesAfter(1));
  await askAll(10);
  const before = server.questions.length;
  await askAll(30);
  const numbers = server.questions
    .slice(before)
    .map(({ query }) => Number(/n(\d+)/.exec(query.toString('latin1'))![1]));
  for (const [index, number] of numbers.entries()) {
    expect(Math.abs(number - index)).toBeLessThan(2 * UPSTREAM_TCP_CONNECTIONS_MAX);
  }
});

test('a connection that stays open has carried too little: twice as many are tried', async () => {
  let answers = 1;
  await begin((query, client) => closesAfter(answers)(query, client));
  await askAll(20);
  answers = 1_000_000; // It got better.
  const opened: number[] = [];
  for (let second = 0; second < 8; second++) {
    const before = count('opened');
    await askAll(20);
    opened.push(count('opened') - before);
    loop.clock.aheadMs += 1_100;
    await loop.rest(3);
  }
  expect(opened[0]).toBe(20);
  expect(opened.at(-1)).toBe(0);
});

test('under load, too, it is found out that a server got better: it was a restart', async () => {
  let answers = 2;
  await begin((query, client) => closesAfter(answers)(query, client));
  await askAll(20);
  answers = 1_000_000;
  const opened: number[] = [];
  for (let second = 0; second < 60; second++) {
    const before = count('opened');
    for (let burst = 0; burst < 3; burst++) await askAll(30);
    opened.push(count('opened') - before);
    loop.clock.aheadMs += 900; // Never a second without questions.
    await loop.rest(2);
  }
  expect(opened[0]).toBeGreaterThan(30);
  expect(opened.at(-1)).toBeLessThanOrEqual(UPSTREAM_TCP_CONNECTIONS_MAX);
});

test('a server that takes no question at all is not asked again and again', async () => {
  await begin((_, { socket }) => socket.destroy());
  const asked = names(20).map((name) => loop.ask(pool, name));
  await loop.ended(...asked);
  expect(asked.every(({ error }) => error !== undefined)).toBe(true);
  expect(server.questions.length).toBeLessThanOrEqual(20 + 20); // All at once, then each alone.
});

test('a slow question is not sent again and again beside quick ones', async () => {
  const slow = new Map<string, number>();
  await begin((query, { socket }) => {
    const answer = () => !socket.destroyed && socket.end(framed(replyTo(query)));
    if (!query.includes('slow')) answer();
    else {
      slow.set(query.toString('latin1', 12), (slow.get(query.toString('latin1', 12)) ?? 0) + 1);
      setTimeout(answer, 60);
    }
  });
  await askAll(20);
  for (let round = 0; round < 3; round++) {
    loop.clock.aheadMs += 6_000; // It is trusted with twice as many.
    await loop.rest(2);
    const questions = [];
    for (let index = 0; index < 40; index++) {
      questions.push(loop.ask(pool, `${index % 10 === 0 ? 'slow' : 'n'}${round}-${index}.test.`));
      if (index % 8 === 0) await loop.turn();
    }
    await loop.ended(...questions);
    expect(questions.flatMap(({ error }) => error ?? [])).toEqual([]);
  }
  expect(Math.max(...slow.values())).toBeLessThan(5);
});

test('a connection that is closed for being idle, just as a question comes, teaches nothing', async () => {
  await begin();
  await askAll(1);
  for (let round = 0; round < 3; round++) {
    loop.clock.aheadMs += 900;
    for (const { socket } of server.clients) socket.destroy();
    await askAll(1);
  }
  await askAll(100);
  expect(count('waited')).toBe(0);
});

test('a connection whose questions time out says nothing about how many it may carry', async () => {
  await begin((query, client) => {
    if (client.number > 0) answerRightly(query, client);
  });
  const asked = names(3).map((name) => loop.ask(pool, name));
  await loop.until(() => server.questions.length === 3);
  loop.clock.aheadMs += 2_010;
  await loop.ended(...asked);
  expect(asked.every(({ error }) => error?.endsWith('i/o timeout'))).toBe(true);
  await askAll(20);
  expect(count('waited')).toBe(0);
});

test('a question that waits for a connection has its time, and its place is free then', async () => {
  await begin(closesAfter(1));
  await askAll(20);
  server.behaviour = () => undefined;
  const asked = names(UPSTREAM_TCP_CONNECTIONS_MAX + 3).map((name) => loop.ask(pool, name));
  await loop.rest();
  loop.clock.aheadMs += 2_010;
  await loop.ended(...asked);
  const waited = asked.slice(-3).map(({ error }) => error);
  expect(waited).toEqual(Array.from({ length: 3 }, () => `dial tcp 127.0.0.1:${server.port}: i/o timeout`));
  server.behaviour = answerRightly;
  await askAll(3);
});

test('not more wait than may, the others are told so at once and counted', async () => {
  await begin(closesAfter(1));
  await askAll(20);
  server.behaviour = () => undefined;
  const total = UPSTREAM_TCP_CONNECTIONS_MAX + UPSTREAM_WAITING_MAX + 5;
  const asked = Array.from({ length: total }, (_, index) => loop.ask(pool, `n${index}.test.`));
  expect(asked.filter(({ told }) => told === 1).map(({ error }) => error)).toEqual(
    Array.from({ length: 5 }, () => `dial tcp 127.0.0.1:${server.port}: no connection has room`),
  );
  expect(count('overflowed')).toBe(5);
  pool.close();
  await loop.ended(...asked);
});
