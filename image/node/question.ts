/** One question to a server over UDP, on a socket of its own. */
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** One datagram and who it is for. */
export interface Exchange {
  readonly packet: Uint8Array;
  readonly address: string;
  readonly port: number;
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
export function exchange({ packet, address, port, withinMs, accepts }: Exchange): Promise<Uint8Array> {
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
    // Not as connect's callback: that one is called with an error, too, and what send then throws nobody would catch.
    socket.on('connect', () => socket.send(packet));
    socket.connect(port, address);
  });
}
