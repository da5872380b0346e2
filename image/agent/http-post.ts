/** Posts JSON to a collector. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { TRACE_POST_MS } from '../limits';

/**
 * Post `body` and wait for the answer, which is not read.
 * @returns its status
 * @throws Error when there is none within TRACE_POST_MS, in words for a log
 */
export function httpPost(url: string, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const target = new URL(url); // Throws for what is no URL; the promise is rejected with it.
    const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), b3: '0' };
    const sent = send(target, { method: 'POST', headers }, (response) => {
      response.resume();
      response.on('error', reject);
      response.on('end', () => {
        clearTimeout(timer);
        resolve(response.statusCode ?? 0);
      });
    });
    const timer = setTimeout(
      () => sent.destroy(new Error(`no answer within ${TRACE_POST_MS / 1000} s`)),
      TRACE_POST_MS,
    );
    sent.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    sent.end(body);
  });
}
