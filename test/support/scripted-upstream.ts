/** An upstream on 127.0.0.1 that says what the test wants, over UDP and TCP, and remembers what it was asked. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { rcodeByName } from '../../image/wire/codes';
import { FLAG_QR, FLAG_TC } from '../../image/wire/header';
import { decodeMessage, type Message } from '../../image/wire/message';
import { nameToText } from '../../image/wire/name-text';
import { frame } from './raw-client';
import { encodeSays, type Says } from './resolver';

/** What to say to a lower-case name, how late; undefined for silence. */
export type Script = (name: string, query: Message) => (Says & { readonly afterMs?: number }) | undefined;

const UDP_BYTES_MAX = 1232;

export class ScriptedUpstream {
  /** Questions as they came. */
  readonly packets: Buffer[] = [];
  private readonly script: Script;
  private readonly udp: UdpSocket = createSocket('udp4');
  private readonly tcp: Server;
  private readonly connections = new Set<Socket>();

  constructor(script: Script) {
    this.script = script;
    this.udp.on('message', (bytes, { port, address }) => {
      this.answer(bytes, true, (answer) => this.udp.send(answer, port, address));
    });
    this.tcp = createServer({ noDelay: true }, (socket) => this.serve(socket));
  }

  private serve(socket: Socket): void {
    this.connections.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.connections.delete(socket));
    let waiting = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      waiting = Buffer.concat([waiting, bytes]);
      while (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE(0)) {
        const end = 2 + waiting.readUInt16BE(0);
        this.answer(waiting.subarray(2, end), false, (answer) => socket.write(frame(answer)));
        waiting = waiting.subarray(end);
      }
    });
  }

  private answer(bytes: Buffer, overUdp: boolean, send: (answer: Uint8Array) => void): void {
    this.packets.push(Buffer.from(bytes));
    const query = decodeMessage(bytes, 0, bytes.length);
    if (query?.question === undefined) {
      send(
        Uint8Array.of(bytes[0], bytes[1], (FLAG_QR >>> 8) | bytes[2], rcodeByName('FORMERR')!, 0, 0, 0, 0, 0, 0, 0, 0),
      );
      return;
    }
    const says = this.script(nameToText(query.question.name, 0).toLowerCase(), query);
    if (says === undefined) return;
    let answer = Buffer.from(encodeSays(says, query));
    if (overUdp && answer.length > UDP_BYTES_MAX) answer = Buffer.from(encodeSays({ flags: FLAG_TC }, query));
    setTimeout(() => send(answer), says.afterMs ?? 0);
  }

  async start(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.udp.bind(port, '127.0.0.1', resolve));
    await new Promise<void>((resolve) => this.tcp.listen(port, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    for (const socket of this.connections) socket.destroy();
    await new Promise<void>((resolve) => this.udp.close(() => resolve()));
    await new Promise((resolve) => this.tcp.close(resolve));
  }
}
