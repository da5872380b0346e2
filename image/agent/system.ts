/** The real world: Node and the operating system behind the interface of world.ts. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { machineEnvironment } from '../corefile/environment';
import { openLibc } from '../kernel/ffi';
import { WORKER_YOUNG_MEMORY_MB } from '../limits';
import { openHttp } from '../observe/http';
import { openListeners, openMoreListeners, wakeWorker } from '../serve/listen';
import { blockingExchange } from './blocking-exchange';
import { ControlServer } from './control';
import { type LookupAccess, lookUpHost } from './host-lookup';
import { httpPost } from './http-post';
import type { MessageToMain, WorkerData } from './messages';
import { exchange, getPage } from './self-ask';
import { listDirectory, replaceFile } from './system-files';
import { systemNode } from './system-node';
import { TlsRelays } from './tls-relay';
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
  replace: replaceFile,
  readBytes: (path) => readFileSync(path),
  list: listDirectory,
  remove: (path) => rmSync(path, { force: true }),
  exists: existsSync,
  stamp: (path) => {
    const found = statSync(path, { throwIfNoEntry: false });
    return found === undefined ? null : { modifiedMs: found.mtimeMs, bytes: found.size };
  },
};

const LOOKUP_ACCESS: LookupAccess = {
  readFile: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : ''),
  exchange: blockingExchange,
};

/** @param folder where the bundles are */
export function systemWorld(folder: string): World {
  const relays = new TlsRelays(process.env);
  return {
    environment: process.env,
    processId: process.pid,
    commandLine: process.argv,
    control: (access) => new ControlServer(access),
    post: httpPost,
    endWithin: (seconds) => void openLibc().alarm(seconds),
    signalReload: () => void process.kill(process.pid, 'SIGUSR1'),
    clock: SYSTEM_CLOCK,
    files: SYSTEM_FILES,
    node: systemNode(),
    machine: (warn) => ({
      ...machineEnvironment(warn),
      lookUpHost: (name, resolvers) => lookUpHost(name, resolvers, LOOKUP_ACCESS),
    }),
    openSockets: openListeners,
    openMoreSockets: openMoreListeners,
    wake: wakeWorker,
    startWorker: (data) => startThread(join(folder, WORKER_FILE), data, relays),
    openHttp,
    get: getPage,
    exchange,
    randomDecimal: () => (BigInt(`0x${randomBytes(8).toString('hex')}`) >> 2n).toString(),
  };
}

/** @param relays connections through TLS, which the worker asks for: they are this thread's, and nobody else's concern */
function startThread(file: string, data: WorkerData, relays: TlsRelays): WorkerPort {
  const resourceLimits = { maxYoungGenerationSizeMb: WORKER_YOUNG_MEMORY_MB };
  const worker = new Worker(file, { workerData: data, resourceLimits });
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => {
      worker.on('message', (message: MessageToMain) => {
        if (message.kind === 'tls-open') relays.open(message);
        else listener(message);
      });
    },
    onEnd: (listener) => {
      let told = false;
      const tell = (error: Error | null): void => {
        if (!told) listener(error);
        told = true;
      };
      worker.on('error', (error: Error) => tell(error));
      worker.on('exit', () => tell(null));
    },
  };
}

function cancelOf(timer: NodeJS.Timeout): Cancel {
  return () => clearTimeout(timer);
}
