/** Clients that send any bytes and give back the bytes that come: for packets no resolver library would make. */
import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A message with its length in front (RFC 1035 §4.2.2). */
export function frame(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(2);
  prefix.writeUInt16BE(message.length);
  return Buffer.concat([prefix, message]);
}

/**
 * Send datagrams from one socket; wait for as many answers, or for `waitMs`.
 * @returns answers in the order they came
 */
export function exchangeUdp(
  port: number,
  packets: readonly Uint8Array[],
  { waitMs = 3000, wanted = packets.length, address = '127.0.0.1' } = {},
): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const answers: Buffer[] = [];
    const finish = (): void => {
      clearTimeout(timer);
      socket.close();
      resolve(answers);
    };
    const timer = setTimeout(finish, waitMs);
    socket.on('error', reject);
    socket.on('message', (bytes) => {
      answers.push(bytes);
      if (answers.length === wanted) finish();
    });
    socket.connect(port, address, () => {
      for (const packet of packets) socket.send(packet);
      if (wanted === 0) finish();
    });
  });
}

/** One TCP connection. */
export class TcpTalk {
  /** Messages that came, in order. */
  readonly messages: Buffer[] = [];
  /** The other end has closed, by FIN or RST. */
  isOver = false;
  readonly socket: Socket;
  private waiting = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('end', () => {
      this.isOver = true;
    });
    socket.on('close', () => {
      this.isOver = true;
    });
    socket.on('data', (bytes: Buffer) => this.take(bytes));
  }

  static open(port: number, address = '127.0.0.1'): Promise<TcpTalk> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: address, allowHalfOpen: true, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => resolve(new TcpTalk(socket)));
    });
  }

  private take(bytes: Buffer): void {
    this.waiting = Buffer.concat([this.waiting, bytes]);
    while (this.waiting.length >= 2 && this.waiting.length >= 2 + this.waiting.readUInt16BE(0)) {
      const end = 2 + this.waiting.readUInt16BE(0);
      this.messages.push(this.waiting.subarray(2, end));
      this.waiting = this.waiting.subarray(end);
    }
  }

  /** Send bytes as they are. */
  write(...parts: Uint8Array[]): void {
    this.socket.write(Buffer.concat(parts));
  }

  /** Wait for `count` messages in all, or until the other end closes or `waitMs` are over. @returns the messages */
  async until(count: number, waitMs = 20_000): Promise<Buffer[]> {
    const endMs = Date.now() + waitMs;
    while (this.messages.length < count && !this.isOver && Date.now() < endMs) await sleep(5);
    return this.messages;
  }

  /** Wait until the other end closes. @returns milliseconds waited, or Infinity after `waitMs` */
  async ended(waitMs: number): Promise<number> {
    const startMs = Date.now();
    while (!this.isOver) {
      if (Date.now() - startMs > waitMs) return Number.POSITIVE_INFINITY;
      await sleep(5);
    }
    return Date.now() - startMs;
  }

  close(): void {
    this.socket.destroy();
  }
}
