/**
 * Spoiled packets from clients, by the window: each packet of a window has its own id, so that every answer can be laid to
 * one packet, and a window is over when everything that must be answered is. That also bounds what is under way.
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import type { Random } from './random';
import { wantsReply, wrongReply } from './sockets-reply';
import { frame, Stream } from './sockets-stream';
import { fillPacket } from './wire';
import { encoded, message, opt, seedMessages } from './wire-seeds';

/** Packets in a window: all their answers fit in the socket's receive buffer of 208 KiB. */
const WINDOW = 128;
/** A window takes milliseconds; a machine that is busy with other things takes longer. */
const WINDOW_MS_MAX = 8_000;
const FAILURES_MAX = 10;
/** Of 16 windows so many go over TCP, and so many are sent by clients without manners. */
const TCP_OF_16 = 3;
const RUDE_OF_16 = 1;
const CONNECTIONS = 4;

/** What a run of clients found. */
export interface Failure {
  readonly reason: string;
  readonly hex: string;
}

/** A question the server must answer whatever came before. */
const ALIVE = encoded(message({ ask: 'www.example.org.' }));

/** More answers than the sockets between us hold: 4096 of 1.6 KB. */
const TOO_MUCH = Buffer.concat(new Array<Buffer>(4096).fill(frame(encoded(message({ ask: 'large.example.org.' })))));

/** Queries with much behind the question: options larger than the answer's room, and than the server's slot. */
function seedQueries(): Uint8Array[] {
  const padding = (octets: number): string => `000c${octets.toString(16).padStart(4, '0')}${'00'.repeat(octets)}`;
  const sizes = [400, 1150, 1300, 3000, 5000];
  return [
    ...sizes.map((octets) => encoded(message({ additional: [opt(1232, 0, padding(octets))] }))),
    ...sizes.map((octets) =>
      encoded(message({ ask: 'large.example.org.', additional: [opt(512, 0, padding(octets))] })),
    ),
    encoded(message({ ask: 'large.example.org.' })),
    encoded(message({ ask: 'large.example.org.', additional: [opt(1, 0x8000)] })),
  ];
}

export class Clients {
  readonly failures: Failure[] = [];
  /** Packets sent. */
  sent = 0;
  private readonly random: Random;
  private readonly ports: readonly number[];
  private readonly udp: UdpSocket = createSocket('udp4');
  private readonly streams: (Stream | undefined)[] = new Array<Stream | undefined>(CONNECTIONS).fill(undefined);
  private readonly seeds = [...seedMessages(), ...seedQueries()];
  private readonly buffer = new Uint8Array(8192);
  private packets: Uint8Array[] = [];
  /** By id: an answer is still to come. */
  private readonly waits = new Uint8Array(WINDOW);
  private waiting = 0;
  private overUdp = true;
  private done: () => void = () => undefined;

  /** @param ports of the server on 127.0.0.1, UDP and TCP; @param random says what is sent */
  constructor(random: Random, ports: readonly number[]) {
    this.random = random;
    this.ports = ports;
    this.udp.on('message', (reply) => this.take(reply));
  }

  /** Send at least `count` packets in windows. @param isOver looked at after each window */
  async run(count: number, isOver: () => boolean): Promise<void> {
    const end = this.sent + count;
    while (this.sent < end && this.failures.length < FAILURES_MAX && !isOver()) {
      const kind = this.random.below(16);
      if (kind < RUDE_OF_16) await this.rudeWindow();
      await this.window(kind >= RUDE_OF_16 + TCP_OF_16);
    }
  }

  /** Close all sockets. */
  close(): void {
    this.udp.close();
    for (const stream of this.streams) stream?.leave();
  }

  private next(): Uint8Array {
    this.sent++;
    return this.buffer.slice(0, fillPacket(this.buffer, this.seeds, this.random));
  }

  private fill(): void {
    this.packets = Array.from({ length: WINDOW - 1 }, () => this.next());
    this.packets.push(ALIVE.slice());
    for (const [id, packet] of this.packets.entries()) {
      if (packet.length > 0) packet[0] = id >>> 8;
      if (packet.length > 1) packet[1] = id;
      this.waits[id] = wantsReply(packet) ? 1 : 0;
    }
    this.waiting = this.waits.reduce((sum, one) => sum + one, 0);
  }

  private async window(overUdp: boolean): Promise<void> {
    this.fill();
    this.overUdp = overUdp;
    const port = this.ports[this.random.below(this.ports.length)];
    const isOver = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), WINDOW_MS_MAX);
      this.done = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
    if (overUdp) for (const packet of this.packets) this.udp.send(packet, port, '127.0.0.1');
    else this.sendFrames(this.stream(port));
    if (await isOver) return;
    for (const [id, packet] of this.packets.entries()) if (this.waits[id] === 1) this.fail('no answer', packet);
    for (const stream of this.streams) stream?.leave(); // Late answers would be laid to the next window.
  }

  /** A new connection to `port`, or one that was used before, whichever port it leads to. */
  private stream(port: number): Stream {
    const index = this.random.below(CONNECTIONS);
    const kept = this.streams[index];
    if (kept !== undefined && !kept.closed && this.random.below(8) !== 0) return kept;
    kept?.leave(this.random.below(2) === 0);
    const stream = new Stream(port, (reply) => this.take(reply));
    this.streams[index] = stream;
    return stream;
  }

  /** All frames of the window, now in one piece, now in pieces that end anywhere. */
  private sendFrames(stream: Stream): void {
    const all = Buffer.concat(this.packets.map((packet) => frame(packet)));
    const pieceBytes = this.random.below(2) === 0 ? all.length : 1 + this.random.below(3000);
    for (let at = 0; at < all.length; at += pieceBytes) stream.write(all.subarray(at, at + pieceBytes));
  }

  private take(reply: Uint8Array): void {
    const id = reply.length < 12 ? WINDOW : (reply[0] << 8) | reply[1];
    if (id >= this.packets.length || this.waits[id] === 0) {
      this.fail('an answer that nobody waits for', reply);
      return;
    }
    this.waits[id] = 0;
    this.waiting--;
    const wrong = wrongReply(this.packets[id], reply, this.overUdp);
    if (wrong !== undefined) this.fail(`${wrong}\nreply: ${Buffer.from(reply).toString('hex')}`, this.packets[id]);
    if (this.waiting === 0) this.done();
  }

  private fail(reason: string, packet: Uint8Array): void {
    if (this.failures.length < FAILURES_MAX) {
      this.failures.push({ reason, hex: Buffer.from(packet).toString('hex') });
    }
  }

  /** A client that lies about lengths, leaves in the middle, or does not take its answers. Nothing is expected of it. */
  private async rudeWindow(): Promise<void> {
    const { random } = this;
    const stream = new Stream(this.ports[random.below(this.ports.length)], () => undefined);
    const manner = random.below(4);
    if (manner === 0) {
      stream.pause();
      stream.write(TOO_MUCH);
    }
    for (let times = 0; times < WINDOW; times++) {
      const packet = this.next();
      stream.write(manner === 1 ? frame(packet, random.below(65536)) : frame(packet));
    }
    if (manner === 2) stream.end();
    await new Promise((resolve) => setTimeout(resolve, random.below(4)));
    stream.leave(random.below(2) === 0);
  }
}
