import { EPOLLOUT } from '../../../image/kernel/libc';
import { FakeLibc } from '../../support/fake-libc';
import type { TcpEnd } from '../../support/fake-network';
import { type Asked, expectNothingHeld, framed, Loop, replyTo } from './loop';

/** A pool to 10.96.0.10 on a fake kernel, and the server's ends of its connections. */
function begin() {
  const kernel = new FakeLibc();
  const loop = new Loop(kernel);
  const ends: TcpEnd[] = [];
  kernel.network.tcpServer('10.96.0.10', 53, (end) => ends.push(end));
  const pool = loop.tcp('10.96.0.10', 53);
  const turn = (times = 3) => {
    for (let time = 0; time < times; time++) loop.turnOnce();
  };
  return { kernel, loop, pool, ends, turn };
}

/** Answer every whole question that lies in the inbox. @returns how many */
function answerAll(end: TcpEnd): number {
  let count = 0;
  while (end.inbox.length >= 2 && end.inbox.length >= 2 + end.inbox.readUInt16BE(0)) {
    end.write(framed(replyTo(end.read(2 + end.inbox.readUInt16BE(0)).subarray(2))));
    count++;
  }
  return count;
}

const answered = (questions: Asked[]) => questions.filter(({ answer }) => answer !== undefined).length;

test('questions asked while the connection is made leave together when it is', () => {
  const { kernel, loop, pool, ends, turn } = begin();
  const questions = ['a.', 'b.', 'c.'].map((name) => loop.ask(pool, name));
  let sends = 0;
  const { send } = kernel;
  kernel.send = (...values) => {
    sends++;
    return send.apply(kernel, values);
  };
  turn();
  expect([sends, answerAll(ends[0])]).toEqual([1, 3]);
  turn();
  expect(answered(questions)).toBe(3);
});

test('what the far end has no room for waits, and leaves in order when it has', () => {
  const { loop, pool, ends, turn } = begin();
  const first = loop.ask(pool, 'first.test.');
  turn();
  answerAll(ends[0]);
  turn();
  ends[0].roomBytes = 50;
  const questions = Array.from({ length: 40 }, (_, index) => loop.ask(pool, `n${index}.test.`));
  for (let round = 0; round < 200 && answered(questions) < 40; round++) {
    turn(1);
    for (const end of ends) answerAll(end);
  }
  expect([answered(questions), first.told]).toEqual([40, 1]);
  loop.events = 0;
  turn(10);
  expect(loop.events).toBe(0); // All is said: it no longer waits for room.
});

test('a send that does not work now is tried again, one that never will ends the connection', () => {
  const { kernel, loop, pool, ends, turn } = begin();
  loop.ask(pool, 'first.test.');
  turn();
  answerAll(ends[0]);
  turn();
  kernel.inject('send', -11, 2);
  const patient = loop.ask(pool, 'a.test.');
  turn();
  answerAll(ends[0]);
  turn();
  expect(patient.answer).toBeDefined();
  kernel.inject('send', -104);
  const resent = loop.ask(pool, 'b.test.');
  turn();
  expect(ends).toHaveLength(2);
  answerAll(ends[1]);
  turn();
  expect(resent.answer).toBeDefined();
});

test('a write that fails on a new connection says so in Go’s words', () => {
  const { kernel, loop, pool, turn } = begin();
  kernel.inject('send', -32);
  const asked = loop.ask(pool, 'a.test.');
  turn();
  expect(asked.error).toBe('write tcp 10.0.0.1:40000->10.96.0.10:53: write: broken pipe');
});

test('a connection whose socket cannot be watched gives everything back', () => {
  const { kernel, loop, pool } = begin();
  const open = kernel.openCount;
  kernel.inject('epoll_ctl', -28);
  const asked = loop.ask(pool, 'a.test.');
  expect(asked.error).toBe('dial tcp 10.96.0.10:53: cannot be watched');
  kernel.inject('socket', -24);
  expect(loop.ask(pool, 'a.test.').error).toBe('dial tcp 10.96.0.10:53: connect: too many open files');
  expect(kernel.openCount).toBe(open);
  expectNothingHeld(loop);
});

test('a read that fails ends the connection; one that is interrupted does not', () => {
  const { kernel, loop, pool, ends, turn } = begin();
  const asked = loop.ask(pool, 'a.test.');
  turn();
  answerAll(ends[0]);
  kernel.inject('recv', -4);
  turn();
  expect(asked.answer).toBeDefined();
  const lost = loop.ask(pool, 'b.test.');
  turn();
  const connections = ends.length;
  kernel.inject('recv', -110);
  answerAll(ends[0]);
  turn();
  expect(ends.length).toBe(connections + 1); // Sent again on a new one.
  answerAll(ends[connections]);
  turn();
  expect(lost.answer).toBeDefined();
});

test('a frame of any size, cut at any octet, is put together', () => {
  const { loop, pool, ends, turn } = begin();
  const asked = loop.ask(pool, 'first.test.');
  turn();
  answerAll(ends[0]);
  turn();
  expect(asked.told).toBe(1);
  for (let cut = 1; cut < 44; cut++) {
    const [left, right] = [loop.ask(pool, 'left.test.'), loop.ask(pool, 'right.test.')];
    turn();
    const frames = ends.flatMap((end) => {
      const got: { end: TcpEnd; reply: Buffer }[] = [];
      while (end.inbox.length > 0) {
        got.push({ end, reply: framed(replyTo(end.read(2 + end.inbox.readUInt16BE(0)).subarray(2))) });
      }
      return got;
    });
    for (const { end, reply } of frames) {
      end.write(reply.subarray(0, cut));
      turn(1);
      end.write(reply.subarray(cut));
      turn(1);
    }
    expect([left.answer, right.answer].every((answer) => answer !== undefined)).toBe(true);
  }
});

test('what the far end sends without being asked is counted, and fills nothing', () => {
  const { loop, pool, ends, turn } = begin();
  loop.ask(pool, 'a.test.');
  turn();
  const noise = framed(Buffer.alloc(600, 0x81));
  for (let index = 0; index < 1_000; index++) ends[0].write(noise);
  turn(20);
  expect(loop.mismatches).toBe(1_000);
  answerAll(ends[0]);
  turn();
  expect(ends[0].ended).toBe(false);
});

test('it waits for room only while it has something to say', () => {
  const { kernel, loop, pool, turn } = begin();
  const interests: number[] = [];
  const { epoll_ctl } = kernel;
  kernel.epoll_ctl = (epoll, operation, fd, event) => {
    if (operation !== 2) interests.push(loop.arena.u32[(event - loop.arena.base) >>> 2] & EPOLLOUT);
    return epoll_ctl.call(kernel, epoll, operation, fd, event);
  };
  loop.ask(pool, 'a.test.');
  turn();
  expect(interests).toEqual([EPOLLOUT, 0]);
});
