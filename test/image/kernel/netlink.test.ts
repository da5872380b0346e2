import { Arena } from '../../../image/kernel/arena';
import { EAGAIN, EINTR, EMSGSIZE, ENOBUFS, ENODEV, EPERM } from '../../../image/kernel/errno';
import { MORE, NETLINK_ROUTE, NetlinkSocket } from '../../../image/kernel/netlink';
import { MessageWriter, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST } from '../../../image/kernel/netlink-message';
import {
  NETLINK_DATAGRAM_BYTES_MAX,
  NETLINK_DATAGRAMS_MAX,
  NETLINK_DUMP_TRIES_MAX,
  NETLINK_EVENTS_MAX,
} from '../../../image/limits';
import { done, FakeNetlink, message, type Sent, verdict } from '../../support/fake-netlink';
import { Machine } from './machine';

const ASK = new MessageWriter(18, NLM_F_REQUEST).u32(0).finish();
const LIST = new MessageWriter(22, NLM_F_REQUEST | NLM_F_DUMP).u32(0).finish();
const GROUP = 1;

let kernel: FakeNetlink;
let socket: NetlinkSocket;

beforeEach(() => {
  kernel = new FakeNetlink();
  const address = kernel.mapMemory(64 << 10);
  socket = new NetlinkSocket(kernel, new Arena(address, kernel.viewMemory(address, 64 << 10)));
  expect(socket.open(NETLINK_ROUTE)).toBe(0);
});

afterEach(() => {
  socket.close();
  expect(kernel.openSockets).toBe(0);
});

/** What the kernel says to each request in turn; the last again and again. */
function answers(...all: ((sequence: number) => readonly (Buffer | number)[])[]): void {
  let turn = 0;
  kernel.answer = ({ sequence }: Sent) => all[Math.min(turn++, all.length - 1)](sequence);
}

describe('requests', () => {
  test('each has its number and wants an acknowledgement', () => {
    for (let round = 0; round < 3; round++) {
      expect(socket.request(ASK)).toEqual({ error: 0, explanation: '', messages: [] });
    }
    expect(kernel.sent.map(({ sequence, flags }) => [sequence, flags])).toEqual([
      [1, 5],
      [2, 5],
      [3, 5],
    ]);
  });

  test('what is asked for comes before the acknowledgement, in one datagram or two', () => {
    answers(
      (sequence) => [message(16, sequence, [1, 2, 3]), verdict(sequence, 0)],
      (sequence) => [Buffer.concat([message(16, sequence, [1, 2, 3, 4]), verdict(sequence, 0)])],
    );
    expect(socket.request(ASK).messages).toEqual([{ type: 16, payload: Uint8Array.from([1, 2, 3]) }]);
    expect(socket.request(ASK).messages).toEqual([{ type: 16, payload: Uint8Array.from([1, 2, 3, 4]) }]);
  });

  test('a long answer can be taken piece by piece, without keeping it', () => {
    answers((sequence) => [
      message(16, sequence, [1]),
      message(16, sequence - 1, [9]),
      message(16, sequence, [2]),
      done(sequence),
    ]);
    const heard: number[] = [];
    const hear = (): number => socket.hear(({ bytes, payload }) => void heard.push(bytes[payload]));
    expect(socket.ask(LIST)).toBe(0);
    expect([hear(), hear(), hear(), hear()]).toEqual([MORE, MORE, MORE, 0]);
    expect(heard).toEqual([1, 2]); // What belongs to an answer before is passed over.
    expect(hear()).toBe(-EAGAIN);
  });

  test('a refusal is -errno, with the kernel’s words when it has some', () => {
    answers(
      (sequence) => [verdict(sequence, -ENODEV)],
      (sequence) => [verdict(sequence, -EPERM, 'Not for you')],
    );
    expect(socket.request(ASK)).toEqual({ error: -ENODEV, explanation: '', messages: [] });
    expect(socket.request(ASK)).toEqual({ error: -EPERM, explanation: 'Not for you', messages: [] });
  });

  test('words behind a request that is repeated whole are found, too', () => {
    answers((sequence) => {
      const echo = Buffer.from(new MessageWriter(18, 5).u32(7).u8(1).finish()); // 21 octets, padded to 24.
      const words = Buffer.from(new MessageWriter(0, 0).text(1, 'No').finish().subarray(16));
      const error = Buffer.from([0xed, 0xff, 0xff, 0xff]);
      return [message(2, sequence, Buffer.concat([error, echo, Buffer.alloc(3), words]), 0x200)];
    });
    expect(socket.request(ASK)).toMatchObject({ error: -ENODEV, explanation: 'No' });
  });

  test('an echo longer than the message is no way out of it', () => {
    answers((sequence) => {
      const payload = Buffer.alloc(24);
      payload.writeInt32LE(-EPERM);
      payload.writeUInt32LE(0xfffffff0, 4);
      return [message(2, sequence, payload, 0x200)];
    });
    expect(socket.request(ASK)).toMatchObject({ error: -EPERM, explanation: '' });
  });

  test('answers to a request that was given up are passed over', () => {
    answers((sequence) => [verdict(sequence - 1, -EPERM), message(16, sequence - 1), verdict(sequence, 0)]);
    expect(socket.request(ASK)).toEqual({ error: 0, explanation: '', messages: [] });
  });

  test('no answer, a lost one, and one that never ends: an error, not a wait', () => {
    answers(
      () => [],
      () => [-ENOBUFS],
      (sequence) => [Buffer.concat([message(16, sequence), Buffer.alloc(NETLINK_DATAGRAM_BYTES_MAX)])],
      (sequence) => Array(NETLINK_DATAGRAMS_MAX + 1).fill(message(16, sequence)),
    );
    expect(socket.request(ASK).error).toBe(-EAGAIN);
    expect(socket.request(ASK).error).toBe(-ENOBUFS);
    expect(socket.request(ASK).error).toBe(-EMSGSIZE);
    expect(socket.request(ASK).error).toBe(-EMSGSIZE);
  });

  test.each(['socket', 'connect', 'send'])('%s that fails is said, and nothing stays open', (call) => {
    kernel.refuse.set(call, -EPERM);
    const opened = socket.open(NETLINK_ROUTE);
    if (call === 'send') expect([opened, socket.request(ASK).error]).toEqual([0, -EPERM]);
    else expect([opened, socket.isOpen, kernel.openSockets]).toEqual([-EPERM, false, 0]);
  });
});

describe('lists', () => {
  const part = (sequence: number, number: number, flags = 2): Buffer => message(20, sequence, [number], flags);
  const numbers = (): number[] => socket.request(LIST).messages.map(({ payload }) => payload[0]);

  test('come in several datagrams of several messages, until the end is said', () => {
    answers((sequence) => [
      Buffer.concat([part(sequence, 1), part(sequence, 2)].map(padded)),
      part(sequence, 3),
      done(sequence),
    ]);
    expect(numbers()).toEqual([1, 2, 3]);
  });

  test('that fail on the way fail', () => {
    answers((sequence) => [part(sequence, 1), done(sequence, -EPERM)]);
    expect(socket.request(LIST).error).toBe(-EPERM);
  });

  test.each([
    ['a message', (sequence: number) => [part(sequence, 1, 2 | NLM_F_DUMP_INTR), done(sequence)]],
    ['the end', (sequence: number) => [part(sequence, 1), done(sequence, 0, 2 | NLM_F_DUMP_INTR)]],
  ])('are read again when %s says that they changed meanwhile', (_what, interrupted) => {
    answers(interrupted, interrupted, (sequence) => [part(sequence, 7), done(sequence)]);
    expect(numbers()).toEqual([7]);
    expect(kernel.sent).toHaveLength(3);
  });

  test('that never hold still are given as last read, and said to be so', () => {
    answers((sequence) => [part(sequence, sequence, 2 | NLM_F_DUMP_INTR), done(sequence)]);
    const reply = socket.request(LIST);
    expect(reply.error).toBe(-EINTR);
    expect(reply.messages.map(({ payload }) => payload[0])).toEqual([NETLINK_DUMP_TRIES_MAX]);
    expect(kernel.sent).toHaveLength(NETLINK_DUMP_TRIES_MAX);
  });
});

describe('events', () => {
  const heard: number[] = [];
  const listen = (): number => socket.events(({ type }) => heard.push(type));
  const tell = (event: Buffer | number): void => kernel.tell(NETLINK_ROUTE, GROUP, event);

  beforeEach(() => {
    heard.length = 0;
    expect(socket.joinGroup(GROUP)).toBe(0);
  });

  test('are those of groups that were joined, in their order; none is none', () => {
    expect(listen()).toBe(0);
    kernel.tell(NETLINK_ROUTE, 5, message(20, 0));
    tell(Buffer.concat([message(16, 0), message(17, 0)]));
    tell(message(21, 0));
    expect([listen(), heard]).toEqual([2, [16, 17, 21]]);
    expect(listen()).toBe(0);
  });

  test.each([
    ['that the kernel dropped', -ENOBUFS],
    ['too long for the buffer', Buffer.concat([message(18, 0), Buffer.alloc(NETLINK_DATAGRAM_BYTES_MAX)])],
  ])('%s are said to be lost; the others are heard', (_what, lost) => {
    tell(message(16, 0));
    tell(lost);
    tell(message(17, 0));
    expect([listen(), heard]).toEqual([-ENOBUFS, [16, 17]]);
    expect(listen()).toBe(0);
  });

  test('a look has an end, however many wait', () => {
    for (let index = 0; index < NETLINK_EVENTS_MAX + 5; index++) tell(message(16, 0));
    expect([listen(), heard.length]).toEqual([NETLINK_EVENTS_MAX, NETLINK_EVENTS_MAX]);
    expect([listen(), heard.length]).toEqual([5, NETLINK_EVENTS_MAX + 5]);
  });

  test('a socket that broke is said to be', () => {
    tell(-EPERM);
    expect(listen()).toBe(-EPERM);
  });
});

test('the real kernel: what is there is described, what is not is refused, events are joined without rights', () => {
  const machine = new Machine();
  const real = new NetlinkSocket(machine.libc, machine.arena);
  const ask = (name: string) => new MessageWriter(18, NLM_F_REQUEST).u32(0).u32(0).u32(0).u32(0).text(3, name).finish();
  expect(real.open(NETLINK_ROUTE)).toBe(0);
  try {
    const found = real.request(ask('lo'));
    expect([found.error, found.messages.length, found.messages[0].type]).toEqual([0, 1, 16]);
    expect(Buffer.from(found.messages[0].payload).includes('lo\0')).toBe(true);
    expect(real.request(ask('absent'))).toMatchObject({ error: -ENODEV, messages: [] });
    const list = real.request(LIST);
    expect([list.error, list.messages.length > 0]).toEqual([0, true]);
    expect(real.joinGroup(GROUP)).toBe(0);
    expect(real.events(() => undefined)).toBeGreaterThanOrEqual(0);
  } finally {
    real.close();
    machine.close();
  }
});

/** With the padding that a message has before another. */
function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
