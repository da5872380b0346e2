/**
 * Link and rules are put back by what may fail, and rules by programs that take time: one repair at a time, one more when
 * something changed meanwhile, and after a failure again, later each time.
 */
import { NODE_REPAIR_PAUSE_MS, NODE_RETRY_MS_MAX, NODE_RETRY_MS_MIN } from '../limits';
import type { Log } from '../observe/log';
import type { Cancel, Clock } from './world';

/** What repairs need. */
export interface RepairsAccess {
  readonly clock: Clock;
  readonly log: Log;
  /** What is said when all is well after a failure. */
  readonly mended: string;
  /** What is said of a failure, and how soon it is tried again. */
  failure(message: string, retryMs: number): string;
  /** @throws Error */
  repair(): Promise<void>;
  /** Each time it failed. */
  failed(error: Error): void;
}

/** One per process. */
export class Repairs {
  private readonly access: RepairsAccess;
  private running: Promise<void> | null = null;
  private again = false;
  private stopped = false;
  private cancelNext: Cancel | null = null;
  private retryMs = NODE_RETRY_MS_MIN;
  private lastError = '';

  constructor(access: RepairsAccess) {
    this.access = access;
  }

  /** Why the last repair failed; '' when it did not. */
  get problem(): string {
    return this.lastError;
  }

  /** Repair. @returns when it is done or has failed; a failure is said, counted and tried again */
  now(): Promise<void> {
    if (this.stopped) return Promise.resolve();
    this.cancelNext?.();
    this.cancelNext = null;
    this.again = false;
    this.running ??= this.run();
    return this.running;
  }

  /** Something changed: repair, but not more often than every `pauseMs`. @default NODE_REPAIR_PAUSE_MS */
  soon(pauseMs = NODE_REPAIR_PAUSE_MS): void {
    if (this.running !== null) this.again = true;
    else if (this.cancelNext === null) this.later(pauseMs);
  }

  private later(delayMs: number): void {
    if (this.stopped) return;
    this.cancelNext?.();
    this.cancelNext = this.access.clock.after(delayMs, () => {
      this.cancelNext = null;
      void this.now();
    });
  }

  private async run(): Promise<void> {
    let nextMs = -1;
    try {
      await this.access.repair();
      if (this.lastError !== '') this.access.log.info(this.access.mended);
      this.lastError = '';
      this.retryMs = NODE_RETRY_MS_MIN;
    } catch (error) {
      this.fail(error as Error);
      nextMs = this.retryMs;
      this.retryMs = Math.min(2 * this.retryMs, NODE_RETRY_MS_MAX);
    }
    this.running = null;
    if (nextMs >= 0) this.later(nextMs);
    else if (this.again) this.later(NODE_REPAIR_PAUSE_MS);
  }

  /** The same failure is said once; each is counted. */
  private fail(error: Error): void {
    const { access } = this;
    access.failed(error);
    if (error.message === this.lastError) return;
    this.lastError = error.message;
    access.log.error(access.failure(error.message, this.retryMs));
  }

  /** No more repairs. @returns when the one under way has ended */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelNext?.();
    this.cancelNext = null;
    await this.running;
  }
}
