import { Arena } from '../../../image/kernel/arena';
import { EAGAIN } from '../../../image/kernel/errno';
import { EPOLLERR, EPOLLIN } from '../../../image/kernel/libc';
import { Timers } from '../../../image/kernel/timers';
import type { TcpService } from '../../../image/serve/tcp';
import { CLIENT_BLOCK_BYTES, TcpClient } from '../../../image/serve/tcp-client';
import { frame } from '../../support/raw-client';

/** A connection whose other end and whose service are played: what is in the socket, what was taken, why it was closed. */
class Connection {
  /** Not yet read from the socket. */
  socket: Buffer = Buffer.alloc(0);
  readonly taken: number[] = [];
  closedFor = '';
  nowMs = 1_000_000;
  readonly timers = new Timers(this.nowMs);
  readonly client: TcpClient;
  private current: TcpClient | undefined;
  private readonly arena = new Arena(0, new ArrayBuffer(1 << 16));

  constructor() {
    const { arena, timers } = this;
    const block = arena.allocate(CLIENT_BLOCK_BYTES);
    const service: Partial<TcpService> = {
      arena,
      timers,
      clock: { now: () => this.nowMs } as never,
      limitsOf: () => ({ firstQueryMs: 3000, idleMs: 10_000 }),
      libc: { recv: (_: number, at: number, room: number) => this.recv(at, room), close: () => 0 } as never,
      reactor: { add: () => 1, modify: () => undefined, remove: () => undefined } as never,
      begin: (client) => {
        this.current = client;
      },
      handle: (client, offset) => {
        client.inFlight++;
        this.taken.push(arena.u8[offset]);
      },
      finish: () => {
        this.current = undefined;
      },
      isCurrent: (client) => this.current === client,
      closed: (_client, _block, reason) => {
        this.closedFor = reason;
      },
    };
    this.client = new TcpClient(service as TcpService, 0, 1, 9, block, 0, 1);
  }

  private recv(at: number, room: number): number {
    const part = this.socket.subarray(0, room);
    this.socket = this.socket.subarray(part.length);
    this.arena.u8.set(part, at);
    return part.length > 0 ? part.length : -EAGAIN;
  }

  arrive(...questions: number[]): void {
    this.socket = Buffer.concat([this.socket, ...questions.map((octet) => frame(Buffer.alloc(12, octet)))]);
  }

  pass(ms: number): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; this.nowMs += 8) this.timers.sweep(this.nowMs);
  }
}

describe('the worker stops', () => {
  test('questions that the kernel holds are taken first; it is closed when the last is answered', () => {
    const connection = new Connection();
    connection.arrive(1, 2, 3);
    connection.client.drain();
    expect(connection.taken).toEqual([1, 2, 3]);
    for (let answers = 0; answers < 3; answers++) {
      expect(connection.closedFor).toBe('');
      connection.client.answered();
    }
    expect(connection.closedFor).toBe('stop');
  });

  test('however many reads that takes', () => {
    const connection = new Connection();
    connection.arrive(...Array.from({ length: 40 }, (_, index) => index));
    connection.socket = Buffer.concat([frame(Buffer.alloc(9000, 7)), connection.socket]);
    connection.client.drain();
    expect(connection.taken.length).toBe(41);
  });

  test('without questions it is closed at once', () => {
    const connection = new Connection();
    connection.client.drain();
    expect(connection.closedFor).toBe('stop');
  });

  test('questions that come later are not taken', () => {
    const connection = new Connection();
    connection.arrive(1);
    connection.client.drain();
    connection.arrive(2);
    connection.client.ready(EPOLLIN);
    expect(connection.taken).toEqual([1]);
  });
});

test('with 64 in work no more is read; each answer makes room for one', () => {
  const connection = new Connection();
  connection.arrive(...Array.from({ length: 100 }, (_, index) => index));
  connection.client.ready(EPOLLIN);
  connection.client.ready(EPOLLIN);
  expect(connection.taken.length).toBe(64);
  connection.client.answered();
  expect(connection.taken.length).toBe(65);
});

test('a connection with a question in work is not idle, however long that takes', () => {
  const connection = new Connection();
  connection.arrive(1);
  connection.client.ready(EPOLLIN);
  connection.pass(35_000);
  expect(connection.closedFor).toBe('');
  connection.client.answered();
  connection.pass(9_900);
  expect(connection.closedFor).toBe('');
  connection.pass(200);
  expect(connection.closedFor).toBe('idle');
});

test('a reset ends it, whatever is in work', () => {
  const connection = new Connection();
  connection.arrive(1);
  connection.client.ready(EPOLLIN);
  connection.client.ready(EPOLLERR);
  expect(connection.closedFor).toBe('error');
});
