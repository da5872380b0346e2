/** The real world: Node and the operating system behind the interface of world.ts. */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { machineEnvironment } from '../corefile/environment';
import { HTTP_HEADER_BYTES_MAX } from '../limits';
import { openHttp } from '../observe/http';
import { openListeners, wakeWorker } from '../serve/listen';
import type { MessageToMain, WorkerData } from './messages';
import type { Cancel, Clock, Files, WorkerPort, World } from './world';

/** The bundle of worker.ts, beside the one this code is in. */
const WORKER_FILE = 'worker.js';

/** Time of this machine. */
export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  after: (delayMs, action) => cancelOf(setTimeout(action, delayMs)),
  every: (intervalMs, action) => cancelOf(setInterval(action, intervalMs)),
};

/** Files of this machine. */
export const SYSTEM_FILES: Files = {
  read: (path) => readFileSync(path, 'utf8'),
  write: (path, text, mode) => writeFileSync(path, text, { mode }),
  remove: (path) => rmSync(path, { force: true }),
  exists: existsSync,
  stamp: (path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    return found === undefined ? null : { modifiedMs: found.mtimeMs, bytes: found.size };
  },
};

/** @param folder where the bundles are */
export function systemWorld(folder: string): World {
  return {
    environment: process.env,
    processId: process.pid,
    clock: SYSTEM_CLOCK,
    files: SYSTEM_FILES,
    machine: machineEnvironment,
    openSockets: openListeners,
    wake: wakeWorker,
    startWorker: (data) => startThread(join(folder, WORKER_FILE), data),
    openHttp,
    get: getPage,
    exchange,
    randomDecimal: () => (BigInt(`0x${randomBytes(8).toString('hex')}`) >> 2n).toString(),
  };
}

function startThread(file: string, data: WorkerData): WorkerPort {
  const worker = new Worker(file, { workerData: data });
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => void worker.on('message', (message: MessageToMain) => listener(message)),
    onEnd: (listener) => {
      let told = false;
      const tell = (error: Error | null): void => {
        if (!told) listener(error);
        told = true;
      };
      worker.on('error', (error) => tell(error instanceof Error ? error : new Error(String(error))));
      worker.on('exit', () => tell(null));
    },
  };
}

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
      if (answer.length >= 12 && answer[0] === packet[0] && answer[1] === packet[1]) finish(null);
    });
    socket.connect(port, host, () => socket.send(packet));
  });
}

function cancelOf(timer: NodeJS.Timeout): Cancel {
  return () => clearTimeout(timer);
}
