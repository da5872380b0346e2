/** Is a port free? Asked before a start that must not share it with another instance (SO_REUSEPORT would). */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** @returns true when nobody else holds UDP `port` on `address` */
export function udpPortIsFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const finish = (free: boolean): void => void socket.close(() => resolve(free));
    socket.on('error', () => finish(false));
    socket.bind({ address, port, exclusive: true }, () => finish(true));
  });
}

/** @returns true when nobody else listens on TCP `port` of `address` */
export function tcpPortIsFree(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
