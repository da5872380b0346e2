/** One worker thread as main keeps it: its counters, its log lines, its start and its end. */
import { STOP_OVERDUE_MS, WARM_UP_MS, WORKER_READY_MS, WORKER_SILENCE_MS } from '../limits';
import { Heartbeat } from '../node/heartbeat';
import type { Series } from '../observe/counters';
import type { CounterSource } from '../observe/exposition';
import type { TraceReport } from '../plugin/trace/report';
import type { MessageToMain, MessageToWorker, PlanData, TapFrame, WorkerData } from './messages';
import type { Clock, WorkerPort } from './world';

/** What a worker's messages lead to. */
export interface WorkerEvents {
  /** Whole lines to write. @param written to be called when they are */
  log(text: string, written: () => void): void;
  /** The process must end with 1. */
  fatal(text: string): void;
  /** A profile, or why there is none. */
  profile(text: string, error: string): void;
  /** Queries that were traced. */
  traces(reports: readonly TraceReport[]): void;
  /** dnstap messages. */
  taps(frames: readonly TapFrame[]): void;
}

/** Ways to reach a thread. */
export interface WorkerAccess {
  readonly clock: Clock;
  wake(wakeFd: number): void;
  startWorker(data: WorkerData): WorkerPort;
}

type Phase = 'starting' | 'running' | 'stopping' | 'ended';

/** A started worker. */
export class WorkerHandle {
  /** For the metrics page. */
  readonly source: CounterSource;
  private readonly data: WorkerData;
  private readonly access: WorkerAccess;
  private readonly events: WorkerEvents;
  private readonly port: WorkerPort;
  private readonly series: Series[] = [];
  private readonly heartbeat: Heartbeat;
  private phase: Phase = 'starting';
  private settleReady: { resolve(): void; reject(error: Error): void } | null = null;
  private settleWarmUp: () => void = () => {};
  private settleStopped: (() => void) | null = null;
  private settlePlan: { resolve(): void; reject(error: Error): void } | null = null;

  constructor(data: WorkerData, access: WorkerAccess, events: WorkerEvents) {
    this.data = data;
    this.access = access;
    this.events = events;
    this.heartbeat = new Heartbeat({
      clock: access.clock,
      ping: () => this.post({ kind: 'ping' }),
      silent: () =>
        events.fatal(`worker ${data.index} has not answered for ${WORKER_SILENCE_MS / 1000} s: its loop hangs`),
    });
    this.source = { values: new Float64Array(data.counters), series: this.series };
    this.port = access.startWorker(data);
    this.port.onMessage((message) => this.receive(message));
    this.port.onEnd((error) => this.ended(error));
  }

  /** @throws Error when the thread ends first or is not ready within WORKER_READY_MS */
  ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.phase === 'running') return resolve();
      if (this.phase === 'ended') return reject(new Error('the worker thread ended before it was ready'));
      const cancel = this.access.clock.after(WORKER_READY_MS, () => {
        reject(new Error(`the worker thread was not ready within ${WORKER_READY_MS / 1000} s`));
      });
      this.settleReady = {
        resolve: () => {
          cancel();
          resolve();
        },
        reject: (error) => {
          cancel();
          reject(error);
        },
      };
    });
  }

  /** Post and wake: the loop sleeps in the kernel and would not see a message by itself. */
  post(message: MessageToWorker): void {
    if (this.phase === 'ended') return;
    this.port.post(message);
    this.access.wake(this.data.wakeFd);
  }

  /**
   * Serve by another plan. One at a time. It may take a while: a worker ends older plans first when there are many.
   * @throws Error when the worker refuses it, or ends; the new descriptors are then the caller's
   */
  takePlan(data: PlanData): Promise<void> {
    if (this.phase !== 'running') return Promise.reject(new Error(`worker ${this.data.index} does not run`));
    return new Promise((resolve, reject) => {
      this.settlePlan = { resolve, reject };
      this.post({ kind: 'plan', ...data });
    });
  }

  /** Have connections to upstreams opened. Resolves when they are, or when it has taken long enough. */
  warmUp(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.access.clock.after(2 * WARM_UP_MS, resolve); // A worker that hangs holds no start up.
      this.settleWarmUp = () => {
        cancel();
        resolve();
      };
      this.post({ kind: 'warm-up' });
    });
  }

  /** Drain and end the thread. @throws Error when it has not ended STOP_OVERDUE_MS after its grace */
  stop(graceMs: number): Promise<void> {
    if (this.phase === 'ended') return Promise.resolve();
    this.phase = 'stopping';
    this.heartbeat.stop();
    return new Promise((resolve, reject) => {
      const cancel = this.access.clock.after(graceMs + STOP_OVERDUE_MS, () => {
        reject(new Error(`worker ${this.data.index} did not stop within ${(graceMs + STOP_OVERDUE_MS) / 1000} s`));
      });
      this.settleStopped = () => {
        cancel();
        resolve();
      };
      this.post({ kind: 'stop', graceMs });
    });
  }

  private receive(message: MessageToMain): void {
    switch (message.kind) {
      case 'ready':
        this.begin();
        return;
      case 'pong':
        this.heartbeat.pong();
        return;
      case 'series':
        this.series.push(message.series);
        return;
      case 'warmed-up':
        this.settleWarmUp();
        return;
      case 'plan-taken':
        this.settlePlan?.resolve();
        return;
      case 'plan-refused':
        this.settlePlan?.reject(new Error(message.reason));
        return;
      case 'log':
        this.events.log(message.text, () => Atomics.sub(new Int32Array(this.data.logBacklog), 0, message.bytes));
        return;
      case 'traces':
        this.taken(message.reports.length);
        this.events.traces(message.reports);
        return;
      case 'taps':
        this.taken(message.frames.length);
        this.events.taps(message.frames);
        return;
      case 'profile':
        this.events.profile(message.text, message.error);
        return;
      case 'fatal':
        this.events.fatal(message.text);
        return;
      case 'stopped':
        this.phase = 'ended';
        this.settleStopped?.();
        return;
    }
  }

  private begin(): void {
    if (this.phase === 'starting') {
      this.phase = 'running';
      this.heartbeat.start();
    }
    this.settleReady?.resolve();
  }

  private taken(reports: number): void {
    Atomics.sub(new Int32Array(this.data.reportsWaiting), 0, reports);
  }

  private ended(error: Error | null): void {
    const before = this.phase;
    this.phase = 'ended';
    this.heartbeat.stop();
    this.settlePlan?.reject(new Error(`worker ${this.data.index} ended`));
    this.settleWarmUp();
    const text = error === null ? 'ended unexpectedly' : `failed: ${error.stack ?? error.message}`;
    if (before === 'starting' && this.settleReady) {
      this.settleReady.reject(error ?? new Error('the worker thread ended before it was ready'));
    } else if (before === 'running' || before === 'starting') {
      this.events.fatal(`worker ${this.data.index} ${text}`);
    }
    this.settleStopped?.();
  }
}

/** A shared number by which a worker knows how much of what it posted is still on the way: one Int32, 0. */
export function newBacklog(): SharedArrayBuffer {
  return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
}
