/** A TCP upstream that does what a test tells it, connection by connection. */
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { framed, replyTo } from './loop';

/** What to do with a question. */
export type Behaviour = (query: Buffer, client: Client) => void;

/** One connection as the server sees it. */
export interface Client {
  readonly socket: Socket;
  /** Number of the connection, from 0. */
  readonly number: number;
  /** Questions it sent so far, this one included. */
  questions: number;
}

export class TcpServer {
  readonly clients: Client[] = [];
  /** Questions in the order they came. */
  readonly questions: { readonly query: Buffer; readonly client: Client }[] = [];
  /** What it does from now on. */
  behaviour: Behaviour;
  private readonly server: Server;

  private constructor(behaviour: Behaviour) {
    this.behaviour = behaviour;
    this.server = createServer((socket) => {
      const client: Client = { socket, number: this.clients.length, questions: 0 };
      this.clients.push(client);
      let bytes = Buffer.alloc(0);
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        bytes = Buffer.concat([bytes, data]);
        while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
          const query = Buffer.from(bytes.subarray(2, 2 + bytes.readUInt16BE(0)));
          bytes = bytes.subarray(2 + query.length);
          client.questions++;
          this.questions.push({ query, client });
          this.behaviour(query, client);
        }
      });
    });
  }

  /** Listen on a free port of 127.0.0.1. @param behaviour answers rightly when not given */
  static async listen(behaviour: Behaviour = answerRightly): Promise<TcpServer> {
    const server = new TcpServer(behaviour);
    await new Promise<void>((resolve) => server.server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const { socket } of this.clients) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** One right answer at once. */
export function answerRightly(query: Buffer, { socket }: Client): void {
  socket.write(framed(replyTo(query)));
}
