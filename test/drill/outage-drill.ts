/** The drill itself: clients ask, the cache is harmed, comes back, and the clients tell. */

import type { CacheOptions } from './cache';
import { FAULTS, type FaultName } from './faults';
import { type Outage, outageOf } from './outage';
import { allStreams, type Stage, wait } from './stage';
import { type Notes, type Stream, uptimeMs } from './streams';

/** Milliseconds: of health, of harm, and after it. */
export const TIMES = { beforeMs: 1_500, faultMs: 3_000, afterMs: 3_500 } as const;
/** Milliseconds within which a cache must have been started and hold its lease. */
const START_MS = 15_000;

/** One drill. */
export interface Drill {
  readonly stage: Stage;
  readonly fault: FaultName;
  readonly options?: CacheOptions;
  /** @default all */
  readonly streams?: readonly Stream[];
  readonly times?: { readonly beforeMs: number; readonly faultMs: number; readonly afterMs: number };
}

/** Wait until every address is answered by the cache, from the pod. */
export async function untilServed(
  stage: Stage,
  streams: readonly Stream[] = allStreams(undefined, ['udp']),
): Promise<void> {
  const endMs = uptimeMs() + START_MS;
  for (;;) {
    await stage.ask(streams);
    await wait(200);
    const notes = await stage.hear();
    if (notes.every(({ by }) => by.length > 20 && /^c+$/.test(by.slice(-20)))) return;
    if (uptimeMs() > endMs) {
      const state = notes.map(({ stream, by }) => `${stream.place} ${stream.address}: ${by.slice(-20)}`).join('\n');
      throw new Error(`not all clients are answered by the cache after ${START_MS} ms:\n${state}`);
    }
  }
}

/** Do it. @returns one line per client */
export async function drillOutage({
  stage,
  fault,
  options = {},
  streams = allStreams(),
  times = TIMES,
}: Drill): Promise<Outage[]> {
  const plan = FAULTS[fault].prepare();
  const cache = stage.startCache({ ...options, ...plan.options });
  const served = streams.filter(({ way }) => way === 'udp');
  await untilServed(stage, served);
  await stage.ask(streams);
  await wait(times.beforeMs);
  const startMs = uptimeMs();
  const harm = await plan.harm({ stage, cache, options });
  const faultMs = fault === 'looping' ? uptimeMs() : startMs; // It is looked for first.
  let notes: readonly Notes[];
  let returnMs: number;
  try {
    await wait(times.faultMs);
    await harm.end();
    returnMs = uptimeMs();
    await wait(times.afterMs);
    notes = await stage.hear();
  } finally {
    await stage.endCaches();
    await harm.clean();
  }
  return notes.map((each) => outageOf(each, { faultMs, returnMs }));
}
