/**
 * Main's side of the samples (observe/samples.ts): they are switched on with the first who looks and off with the last.
 * The rate follows the load: about SAMPLES_PER_SECOND, however many queries there are.
 */
import { assert } from '../assert';
import { EXPLAIN_MS, SAMPLE_LOOK_MS, SAMPLES_PER_SECOND, WATCH_BEGIN_MS, WATCHERS_MAX, WORKERS } from '../limits';
import { newSampleRing, queryMark, type Sample, SampleReader } from '../observe/samples';
import type { MessageToWorker } from './messages';
import type { Cancel, Clock } from './world';

/** Told every SAMPLE_LOOK_MS. @param seen queries since the last time, of which `samples` are some */
export type Watcher = (samples: readonly Sample[], seen: number) => void;

/** What watching needs. */
export interface WatchingAccess {
  readonly clock: Clock;
  /** To the worker: a ring has one writer. */
  post(message: MessageToWorker): void;
}

/** How fast the estimate of the load follows it: three looks for half of a change. */
const RATE_FOLLOWS = 0.2;

/** One per process. */
export class Watching {
  private readonly access: WatchingAccess;
  private readonly watchers = new Set<Watcher>();
  private reader: SampleReader | null = null;
  private cancelLooks: Cancel = () => {};
  private perSecond = 0;
  private explaining: Promise<unknown> = Promise.resolve();
  private explainers = 0;

  constructor(access: WatchingAccess) {
    assert(WORKERS === 1); // More need a ring each.
    this.access = access;
  }

  /** @returns how to end it; null when WATCHERS_MAX look already */
  watch(watcher: Watcher): Cancel | null {
    if (this.watchers.size >= WATCHERS_MAX) return null;
    this.watchers.add(watcher);
    if (this.watchers.size === 1) this.begin();
    return () => {
      if (this.watchers.delete(watcher) && this.watchers.size === 0) this.end();
    };
  }

  private begin(): void {
    const { clock, post } = this.access;
    this.reader = new SampleReader(newSampleRing());
    this.perSecond = 0;
    post({ kind: 'sample', ring: this.reader.ring });
    this.cancelLooks = clock.every(SAMPLE_LOOK_MS, () => this.look());
  }

  private end(): void {
    this.cancelLooks();
    this.reader = null;
    this.access.post({ kind: 'sample', ring: null });
  }

  private look(): void {
    const { reader } = this;
    if (reader === null) return;
    const seen = reader.seen();
    const samples = reader.read();
    this.perSecond += (seen * (1000 / SAMPLE_LOOK_MS) - this.perSecond) * RATE_FOLLOWS;
    reader.setStep(Math.max(1, Math.round(this.perSecond / SAMPLES_PER_SECOND)));
    for (const watcher of [...this.watchers]) watcher(samples, seen);
  }

  /**
   * What became of one query.
   * @param port of the client, 1 … 65535 @param id of the query
   * @param ready called when the query may be asked
   * @returns null when it was not seen within EXPLAIN_MS, or too many ask at once
   */
  explain(port: number, id: number, ready: () => void): Promise<Sample | null> {
    if (this.explainers >= WATCHERS_MAX) return Promise.resolve(null);
    this.explainers++;
    const mine = this.explaining.then(() => this.explainNow(port, id, ready));
    this.explaining = mine.finally(() => this.explainers--);
    return mine;
  }

  private explainNow(port: number, id: number, ready: () => void): Promise<Sample | null> {
    const { clock } = this.access;
    return new Promise((resolve) => {
      let isReady = false;
      let cancelWatch: Cancel | null = null;
      const finish = (sample: Sample | null): void => {
        cancelEnd();
        this.reader?.want(0);
        cancelWatch?.();
        resolve(sample);
      };
      let cancelEnd = clock.after(WATCH_BEGIN_MS, () => finish(null));
      cancelWatch = this.watch((samples) => {
        if (!isReady && this.reader?.isHeard) {
          isReady = true;
          cancelEnd();
          cancelEnd = clock.after(EXPLAIN_MS, () => finish(null));
          ready();
        }
        const found = samples.find(({ isWanted }) => isWanted);
        if (found !== undefined) finish(found);
      });
      if (cancelWatch === null) finish(null);
      else this.reader?.want(queryMark(port, id));
    });
  }
}
