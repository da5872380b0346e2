/** Entry of a worker thread: the real kernel, the real clock, main's mailbox. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { MessageToWorker, WorkerData } from './agent/messages';
import { MonotonicClock } from './kernel/clock';
import { openLibc } from './kernel/ffi';
import { ownHeap, SpareMemory } from './observe/spare-memory';
import { Worker } from './serve/worker';

const port = parentPort;
if (port === null) throw new Error('worker.js is started by main.js as a thread, not by itself');

const spare = new SpareMemory(ownHeap());

/** Main's next message. Its heartbeat is our clock for looking after memory: the loop does not return to libuv's timers. */
function receive(): MessageToWorker | undefined {
  const message = receiveMessageOnPort(port!)?.message as MessageToWorker | undefined;
  if (message?.kind === 'ping') spare.look();
  return message;
}

const worker = new Worker(workerData as WorkerData, {
  libc: openLibc(),
  clock: new MonotonicClock(),
  post: (message) => port.postMessage(message),
  receive,
});
worker.run();
port.close(); // Nothing keeps the thread alive now.
