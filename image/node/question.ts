/**
 * One question over UDP on a socket of its own: to ourselves, for the lease, or to a server.
 *
 * To ourselves it is a header alone with opcode STATUS (RFC 1035 §4.1.1), which the worker answers with NOTIMP from its
 * fastest path, through the same socket and loop as everything else, and counts nowhere.
 */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { HEADER_BYTES, RENEWAL_PORT_FIRST, RENEWAL_PORT_LAST } from '../limits';
import { Opcode } from '../wire/codes';
import { FLAG_QR, OPCODE_MASK, OPCODE_SHIFT, setFlags, setId } from '../wire/header';
import type { QuestionKind } from './lease';

/** One datagram and who it is for. */
export interface Exchange {
  readonly packet: Uint8Array;
  readonly address: string;
  readonly port: number;
  /** Our end: an address, and a port or 0 for any. @default as the kernel chooses */
  readonly source?: { readonly address: string; readonly port: number };
  readonly withinMs: number;
  /** Is this the answer? Other packets are passed over. */
  accepts(answer: Uint8Array): boolean;
}

/** A question that had no answer: `code` as Node has it, `TIMEOUT` when nothing came. */
export class QuestionError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Send a datagram and wait for its answer.
 * @throws QuestionError when none came in time, the far end has no socket, or the system refuses
 */
export function exchange({ packet, address, port, source, withinMs, accepts }: Exchange): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', ipv6Only: isIPv6(address) });
    const finish = (error: QuestionError | null, answer: Uint8Array = packet): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => {}); // A second one, such as a refusal that was on its way, is nobody's any more.
      socket.close();
      if (error === null) resolve(answer);
      else reject(error);
    };
    const timer = setTimeout(() => finish(new QuestionError('TIMEOUT', `no answer within ${withinMs} ms`)), withinMs);
    socket.on('error', (error: NodeJS.ErrnoException) => finish(new QuestionError(error.code ?? '', error.message)));
    socket.on('message', (answer) => {
      if (accepts(answer)) finish(null, answer);
    });
    const send = (): void => socket.connect(port, address, () => socket.send(packet));
    if (source === undefined) send();
    else socket.bind({ ...source, exclusive: true }, send);
  });
}

/** A STATUS question: twelve octets. */
export function statusQuestion(id: number): Uint8Array {
  const packet = new Uint8Array(HEADER_BYTES);
  setId(packet, 0, id);
  setFlags(packet, 0, Opcode.STATUS << OPCODE_SHIFT);
  return packet;
}

/** Is it an answer to a {@link statusQuestion}? Any rcode will do: what counts is who said it. */
export function isStatusAnswer(answer: Uint8Array, packet: Uint8Array): boolean {
  if (answer.length < HEADER_BYTES || answer[0] !== packet[0] || answer[1] !== packet[1]) return false;
  const flags = (answer[2] << 8) | answer[3];
  return (flags & FLAG_QR) !== 0 && (flags & OPCODE_MASK) >>> OPCODE_SHIFT === Opcode.STATUS;
}

const PORTS = RENEWAL_PORT_LAST - RENEWAL_PORT_FIRST + 1;

/**
 * Asks an address of ours. A new socket and port for each question, so that with several processes on the address the
 * kernel gives it now to one and now to the other.
 * @param dnsPort where the cache listens
 * @returns a function for the keeper: '' when an answer came, else why none did
 */
export function askOurselves(
  dnsPort: number,
): (address: string, kind: QuestionKind, withinMs: number) => Promise<string> {
  return async (address, kind, withinMs) => {
    const packet = statusQuestion(randomInt(0x10000));
    const first = randomInt(PORTS);
    const tries = kind === 'renewing' ? PORTS : 1;
    const loopback = isIPv6(address) ? '::1' : '127.0.0.1';
    for (let index = 0; index < tries; index++) {
      const port = kind === 'renewing' ? RENEWAL_PORT_FIRST + ((first + index) % PORTS) : 0;
      try {
        const source = { address: loopback, port };
        await exchange({ packet, address, port: dnsPort, source, withinMs, accepts: (a) => isStatusAnswer(a, packet) });
        return '';
      } catch (error) {
        const { code, message } = error as QuestionError;
        if (code === 'EADDRINUSE') continue; // Another instance asks from it.
        return reasonText(code, message, address);
      }
    }
    return `all ports from ${RENEWAL_PORT_FIRST} to ${RENEWAL_PORT_LAST} on ${loopback} are in use`;
  };
}

/** What operators can do something with. */
function reasonText(code: string, message: string, address: string): string {
  if (code === 'ECONNREFUSED') return 'no socket listens there';
  if (code === 'EADDRNOTAVAIL' && isIPv6(address)) return `${message}: is IPv6 off on interface lo?`;
  return message;
}
