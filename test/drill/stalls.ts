/**
 * A witness that is no client and asks nothing: a thread that sleeps for 5 ms again and again. When it oversleeps, the machine gave
 * no processor to what was ready to run, and what a drill measured meanwhile is the machine's, not the cache's.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** How long the witness sleeps. Milliseconds. */
const SLEEP_MS = 5;
/** A fifth of what lies between a usual outage (0.8 s) and the longest one allowed. Milliseconds. */
const STALL_MS_MAX = 50;
/** How often a drill is done anew on a machine that stands still, then it counts as it is. */
const REPEATS_MAX = 2;

/** Cells of the shared memory: nobody ever writes the one that is slept on. */
const [SLEEP, LONGEST] = [0, 1];

const WITNESS = `
const { workerData: { cells, sleepMs } } = require('node:worker_threads');
for (;;) {
  const before = performance.now();
  Atomics.wait(cells, ${SLEEP}, 0, sleepMs);
  const late = Math.round(performance.now() - before - sleepMs);
  if (late > Atomics.load(cells, ${LONGEST})) Atomics.store(cells, ${LONGEST}, late);
}`;

/** Watches from its opening on. */
export class Witness {
  private readonly cells = new Int32Array(new SharedArrayBuffer(8));
  private readonly worker = new Worker(WITNESS, { eval: true, workerData: { cells: this.cells, sleepMs: SLEEP_MS } });

  static async open(): Promise<Witness> {
    const witness = new Witness();
    await once(witness.worker, 'online');
    return witness;
  }

  /** How much it overslept at worst since the last time this was asked, in milliseconds. */
  longestMs(): number {
    return Atomics.exchange(this.cells, LONGEST, 0);
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }
}

/**
 * Measure, and measure again when the complaints may be the machine's.
 * @param measure does it all, with a stage of its own
 * @param complaintsOf what is wrong with its result
 * @param open for tests of this file
 * @returns the complaints that count
 */
export async function complaintsAwake<Result>(
  measure: () => Promise<Result>,
  complaintsOf: (result: Result) => readonly string[],
  open: () => Promise<Pick<Witness, 'longestMs' | 'close'>> = Witness.open,
): Promise<readonly string[]> {
  const witness = await open();
  try {
    for (let repeats = 0; ; repeats++) {
      witness.longestMs();
      const complaints = complaintsOf(await measure());
      const stallMs = witness.longestMs();
      if (complaints.length === 0) return [];
      const said = [`the machine stood still for ${stallMs} ms at worst`, ...complaints];
      if (stallMs <= STALL_MS_MAX || repeats === REPEATS_MAX) return said;
      process.stdout.write(`once more: ${said.join('\n  ')}\n`);
    }
  } finally {
    await witness.close();
  }
}
