/** One question over UDP or TCP from a port that is known before it is asked: so that the server can be told to watch for it. */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { EXCHANGE_TIMEOUT_MS, MESSAGE_BYTES_MAX, UDP_REPLY_BYTES_MAX } from '../limits';
import { Class, Type } from '../wire/codes';
import { EDNS_DO } from '../wire/edns';
import { FLAG_RD } from '../wire/header';
import { encodeMessage } from '../wire/message';
import type { QueryServer, QueryWords } from './query-words';

/** An answer as it came. */
export interface Reply {
  readonly bytes: Uint8Array;
  readonly microseconds: number;
}

/** A message for {@link exchangeUdp} and {@link exchangeTcp}. */
export interface Request {
  readonly id: number;
  readonly packet: Uint8Array;
}

/** Called between having a port and asking. */
export type BeforeAsking = (port: number) => Promise<void>;

/** Longer than a server may take for its own upstreams. */
const TIMEOUT_MS = 3 * EXCHANGE_TIMEOUT_MS;

/** The root, which owns an OPT record (RFC 6891 §6.1.2). */
const ROOT = new Uint8Array(1);

/** The question with RD and an OPT record. */
export function makeRequest({ key, type, dnssec }: QueryWords): Request {
  const id = randomInt(0x10000);
  const out = new Uint8Array(512);
  const opt = {
    name: ROOT,
    type: Type.OPT,
    class: UDP_REPLY_BYTES_MAX,
    ttl: dnssec ? EDNS_DO : 0,
    data: new Uint8Array(),
  };
  const question = { name: key, type, class: Class.IN };
  const message = { id, flags: FLAG_RD, question, answer: [], authority: [], additional: [opt] };
  return { id, packet: out.subarray(0, encodeMessage(message, out, 0, out.length)) };
}

function microsecondsSince(start: bigint): number {
  return Number(process.hrtime.bigint() - start) / 1000;
}

/** @throws Error when no answer comes */
export function exchangeUdp(request: Request, { host, port }: QueryServer, before: BeforeAsking): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    let start = 0n;
    const finish = (action: () => void): void => {
      clearTimeout(timer);
      socket.close();
      action();
    };
    const fail = (error: Error): void => finish(() => reject(error));
    let timer = setTimeout(() => fail(new Error(`no way to ${host}`)), TIMEOUT_MS * 10);
    socket.on('error', fail);
    socket.on('message', (bytes) => {
      if (bytes.length < 12 || bytes.readUInt16BE(0) !== request.id) return;
      finish(() => resolve({ bytes, microseconds: microsecondsSince(start) }));
    });
    // Not as connect's callback: that one is called with an error, too.
    socket.on('connect', () => {
      void before(socket.address().port).then(() => {
        clearTimeout(timer);
        timer = setTimeout(() => fail(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
        start = process.hrtime.bigint();
        socket.send(request.packet);
      }, fail);
    });
    socket.connect(port, host);
  });
}

/** @throws Error when no answer comes */
export function exchangeTcp(request: Request, { host, port }: QueryServer, before: BeforeAsking): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host);
    let start = 0n;
    let received = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.setTimeout(TIMEOUT_MS * 10, () => socket.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the connection was closed without an answer')));
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const end = 2 + Math.min(MESSAGE_BYTES_MAX, received.readUInt16BE(0));
      resolve({ bytes: received.subarray(2, end), microseconds: microsecondsSince(start) });
      socket.destroy();
    });
    socket.on('connect', () => {
      void before(socket.localPort ?? 0).then(
        () => {
          socket.setTimeout(TIMEOUT_MS);
          const prefix = Buffer.alloc(2);
          prefix.writeUInt16BE(request.packet.length);
          start = process.hrtime.bigint();
          socket.write(Buffer.concat([prefix, request.packet]));
        },
        (error: Error) => socket.destroy(error),
      );
    });
  });
}
