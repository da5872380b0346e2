/**
 * Log text on its way to a descriptor without making anyone wait.
 *
 * Node writes to pipes synchronously on Linux: a reader that stalls (a full disk under the container runtime) would stop
 * /health and /metrics with it. So text is queued and written by libuv's pool, one write at a time to keep the order;
 * beyond LOG_BACKLOG_BYTES_MAX lines are dropped and counted.
 */
import { write } from 'node:fs';
import { LOG_BACKLOG_BYTES_MAX, LOG_RETRY_MS } from '../limits';
import type { LogSink } from './log';

/** Writes to a descriptor; tests give their own. `done` gets the error, or the bytes written: perhaps fewer than given. */
export type WriteDescriptor = (
  descriptor: number,
  bytes: Uint8Array,
  done: (error: NodeJS.ErrnoException | null, writtenBytes: number) => void,
) => void;

const writeDescriptor: WriteDescriptor = (descriptor, bytes, done) => write(descriptor, bytes, done);

/** A bounded queue in front of a descriptor. */
export class LogWriter implements LogSink {
  private readonly descriptor: number;
  private readonly dropped: () => void;
  private readonly writeOut: WriteDescriptor;
  /** Not yet given to the operating system, and who wants to know when it was. */
  private waiting: { bytes: Uint8Array; done?: () => void }[] = [];
  private waitingBytes = 0;
  private busy = false;
  private drainers: (() => void)[] = [];

  /**
   * @param descriptor 1 or 2
   * @param dropped called once per text that found the queue full
   */
  constructor(descriptor: number, dropped: () => void, writeOut: WriteDescriptor = writeDescriptor) {
    this.descriptor = descriptor;
    this.dropped = dropped;
    this.writeOut = writeOut;
  }

  /** @param done called when the text has left us, written or dropped: the moment to give back its share of a backlog */
  write(text: string, done?: () => void): void {
    const bytes = Buffer.from(text);
    if (this.waitingBytes + bytes.length > LOG_BACKLOG_BYTES_MAX) {
      this.dropped();
      done?.();
      return;
    }
    this.waiting.push({ bytes, done });
    this.waitingBytes += bytes.length;
    if (!this.busy) this.writeWaiting();
  }

  /** Resolves when everything is written, or after `withinMs`: a reader that stalls does not keep a process alive. */
  drain(withinMs: number): Promise<void> {
    if (!this.busy) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.drainers.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** One write for all lines that came in during the last one. */
  private writeWaiting(): void {
    if (this.waiting.length === 0) {
      this.busy = false;
      for (const drained of this.drainers.splice(0)) drained();
      return;
    }
    this.busy = true;
    const batch = this.waiting.splice(0);
    const bytes = batch.length === 1 ? batch[0].bytes : Buffer.concat(batch.map((entry) => entry.bytes));
    this.writeWhole(bytes, () => {
      this.waitingBytes -= bytes.length;
      for (const entry of batch) entry.done?.();
      this.writeWaiting();
    });
  }

  private writeWhole(bytes: Uint8Array, done: () => void): void {
    this.writeOut(this.descriptor, bytes, (error, writtenBytes) => {
      if (error?.code === 'EAGAIN') return void setTimeout(() => this.writeWhole(bytes, done), LOG_RETRY_MS);
      if (error !== null || writtenBytes === bytes.length) return done(); // EPIPE and the like: nobody reads any more.
      this.writeWhole(bytes.subarray(writtenBytes), done);
    });
  }
}
