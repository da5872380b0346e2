/**
 * Profiles of the thread it runs in, by V8's inspector. Commands are carried out within the call, so it works in a thread
 * whose loop never returns to libuv.
 */
import { Session } from 'node:inspector';

/** `cpu`: where time goes; `heap`: who allocated what is still held. */
export type ProfileKind = 'cpu' | 'heap';

/** Microseconds between two looks at the stack: V8's own choice, under 2 % of a busy thread. */
const CPU_INTERVAL_US = 1000;
/** Bytes allocated between two samples, on average (V8's own choice). */
const HEAP_INTERVAL_BYTES = 32_768;

export class Profiler {
  private session: Session | undefined;
  private kind: ProfileKind = 'cpu';

  /** Begin. One that was begun before is given up. @throws Error when V8 will not */
  start(kind: ProfileKind): void {
    this.abandon();
    const session = new Session();
    session.connect();
    this.session = session;
    this.kind = kind;
    if (kind === 'cpu') {
      this.post('Profiler.enable');
      this.post('Profiler.setSamplingInterval', { interval: CPU_INTERVAL_US });
      this.post('Profiler.start');
    } else {
      this.post('HeapProfiler.enable');
      this.post('HeapProfiler.startSampling', { samplingInterval: HEAP_INTERVAL_BYTES });
    }
  }

  /** End. @returns the profile as JSON, as Chrome's DevTools load it @throws Error when none was begun */
  stop(): string {
    if (this.session === undefined) throw new Error('no profile is being taken');
    const result = this.post(this.kind === 'cpu' ? 'Profiler.stop' : 'HeapProfiler.stopSampling');
    this.abandon();
    return JSON.stringify((result as { profile: unknown }).profile);
  }

  /** Give up what was begun. */
  abandon(): void {
    this.session?.disconnect();
    this.session = undefined;
  }

  private post(method: string, parameters: object = {}): unknown {
    let answer: unknown;
    let failure: Error | null = null;
    this.session?.post(method, parameters, (error, result) => {
      failure = error;
      answer = result;
    });
    if (failure !== null) throw failure;
    return answer;
  }
}
