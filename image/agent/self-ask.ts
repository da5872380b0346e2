/** The process asks itself, as others would: over HTTP for the health check, over UDP for the loop probe. */
import { createSocket } from 'node:dgram';
import { get } from 'node:http';
import { isIPv6 } from 'node:net';
import { HEADER_BYTES, HTTP_HEADER_BYTES_MAX } from '../limits';

/** GET to the end of the answer, on a connection of its own: a kept one would not show that accepting works. */
export function getPage(url: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, maxHeaderSize: HTTP_HEADER_BYTES_MAX }, (response) => {
      response.on('error', reject);
      response.on('end', () => {
        clearTimeout(timer);
        resolve();
      });
      response.resume();
    });
    const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs / 1000}s`)), timeoutMs);
    request.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

/** One question over UDP from a port of its own. Only packets from `host` that carry the question's id count. */
export function exchange(packet: Uint8Array, host: string, port: number, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    const finish = (error: Error | null): void => {
      clearTimeout(timer);
      socket.close();
      if (error === null) resolve();
      else reject(error);
    };
    const timer = setTimeout(() => finish(new Error(`no answer within ${timeoutMs / 1000}s`)), timeoutMs);
    socket.on('error', finish);
    socket.on('message', (answer) => {
      if (answer.length >= HEADER_BYTES && answer[0] === packet[0] && answer[1] === packet[1]) finish(null);
    });
    socket.connect(port, host, () => socket.send(packet));
  });
}
