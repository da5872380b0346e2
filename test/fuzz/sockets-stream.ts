/** A client's TCP connection: frames out, frames in. */
import { connect, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

export class Stream {
  /** It can be used no more. */
  closed = false;
  private readonly socket: Socket;
  private waiting: Buffer = Buffer.alloc(0);

  /** @param take gets every whole frame, without its prefix */
  constructor(port: number, take: (message: Buffer) => void, onClosed: () => void = () => undefined) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('error', () => undefined); // A close follows.
    this.socket.on('close', () => {
      this.closed = true;
      onClosed();
    });
    this.socket.on('data', (bytes: Buffer) => {
      this.waiting = this.waiting.length === 0 ? bytes : Buffer.concat([this.waiting, bytes]);
      while (this.waiting.length >= 2 && this.waiting.length >= 2 + this.waiting.readUInt16BE(0)) {
        const end = 2 + this.waiting.readUInt16BE(0);
        take(this.waiting.subarray(2, end));
        this.waiting = this.waiting.subarray(end);
      }
    });
  }

  /** Send octets as they are. */
  write(bytes: Uint8Array): void {
    if (!this.closed) this.socket.write(bytes);
  }

  /** Leave the answers in the socket. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Say that nothing more comes. */
  end(): void {
    this.socket.end();
  }

  /** Leave at once. @param reset with RST in place of FIN */
  leave(reset = false): void {
    if (reset) hangUp(this.socket);
    else this.socket.destroy();
  }
}

/**
 * Leave with RST where that can be done. While a connect or a shutdown is pending libuv refuses it (EINVAL), and Node 20
 * then neither closes the handle nor ever ends: it spins at exit.
 */
export function hangUp(socket: Socket): void {
  const isShutting = socket.writableEnded && !socket.writableFinished;
  // A TLS socket has no way to do so.
  if (socket instanceof TLSSocket || socket.connecting || isShutting || socket.destroyed) socket.destroy();
  else socket.resetAndDestroy();
}

/** A packet with its prefix. @param saysBytes the length it claims */
export function frame(packet: Uint8Array, saysBytes: number = packet.length): Buffer {
  const framed = Buffer.allocUnsafe(2 + packet.length);
  framed.writeUInt16BE(saysBytes & 0xffff, 0);
  framed.set(packet, 2);
  return framed;
}
