/** A scenario's upstream on a loopback address, UDP and TCP. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { frame } from '../support/raw-client';
import type { Reply, UpstreamScript } from './upstream-script';

/** Messages of a stream, each with its length in front. @returns octets that are no whole message yet */
export function takeFrames(bytes: Buffer, take: (message: Buffer) => void): Buffer {
  let rest = bytes;
  while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
    const end = 2 + rest.readUInt16BE(0);
    take(rest.subarray(2, end));
    rest = rest.subarray(end);
  }
  return rest;
}

export class RealUpstream {
  readonly script: UpstreamScript;
  private readonly port: number;
  private udp: UdpSocket | undefined;
  private tcp: Server | undefined;
  private readonly connections = new Set<Socket>();

  constructor(script: UpstreamScript, port: number) {
    this.script = script;
    this.port = port;
  }

  async start(): Promise<void> {
    if (this.udp !== undefined) return;
    const udp = createSocket('udp4');
    udp.on('message', (bytes, { port, address }) => {
      send(this.script.hear(bytes, false), (reply) => this.udp?.send(reply, port, address));
    });
    udp.bind(this.port, '127.0.0.1');
    await once(udp, 'listening');
    const tcp = createServer({ noDelay: true }, (socket) => this.serve(socket));
    tcp.listen(this.port, '127.0.0.1');
    await once(tcp, 'listening');
    this.udp = udp;
    this.tcp = tcp;
  }

  private serve(socket: Socket): void {
    this.connections.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.connections.delete(socket));
    let waiting: Buffer = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      waiting = takeFrames(Buffer.concat([waiting, bytes]), (message) => {
        const replies = this.script.hear(message, true);
        if (replies === 'close') socket.destroy();
        else send(replies, (reply) => socket.writable && socket.write(frame(reply)));
      });
    });
  }

  async stop(): Promise<void> {
    const { udp, tcp } = this;
    if (udp === undefined || tcp === undefined) return;
    this.udp = undefined;
    this.tcp = undefined;
    for (const socket of this.connections) socket.destroy();
    udp.close();
    tcp.close();
    await Promise.all([once(udp, 'close'), once(tcp, 'close')]);
  }
}

function send(replies: readonly Reply[] | 'close', write: (bytes: Uint8Array) => void): void {
  if (replies === 'close') return; // Over UDP there is nothing to close.
  for (const { bytes, afterMs } of replies) {
    if (afterMs === 0) write(bytes);
    else setTimeout(() => write(bytes), afterMs);
  }
}
