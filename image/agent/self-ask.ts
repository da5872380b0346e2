/** The process asks itself, as others would: over HTTP for the health check, over UDP for the loop probe. */
import { get } from 'node:http';
import { HEADER_BYTES, HTTP_HEADER_BYTES_MAX } from '../limits';
import { exchange as ask, QuestionError } from '../node/question';

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
    const timer = setTimeout(() => request.destroy(new Error(noAnswer(timeoutMs))), timeoutMs);
    request.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}

/** One question over UDP from a port of its own. Only packets from `host` that carry the question's id count. */
export async function exchange(packet: Uint8Array, host: string, port: number, timeoutMs: number): Promise<void> {
  const accepts = (answer: Uint8Array): boolean =>
    answer.length >= HEADER_BYTES && answer[0] === packet[0] && answer[1] === packet[1];
  try {
    await ask({ packet, address: host, port, withinMs: timeoutMs, accepts });
  } catch (error) {
    if (!(error instanceof QuestionError) || error.code !== 'TIMEOUT') throw error;
    throw new Error(noAnswer(timeoutMs));
  }
}

/** As Go writes a duration in CoreDNS's messages. */
function noAnswer(timeoutMs: number): string {
  return `no answer within ${timeoutMs / 1000}s`;
}
