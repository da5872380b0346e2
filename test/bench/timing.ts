/** Nanoseconds per operation, in rounds long enough for the clock and short enough for the patience. */

const ROUNDS = 20;
const ROUND_MS = 20;

/** An operation, its name and the number that shows it did its work. */
export interface Operation {
  readonly name: string;
  readonly run: () => number;
  readonly wanted: number;
}

/** Best and median over the rounds, nanoseconds per operation. */
export interface Timing {
  readonly name: string;
  readonly bestNs: number;
  readonly medianNs: number;
}

/**
 * Time each operation: rounds of about 20 ms after one to warm up.
 * @param write takes the lines of the table
 * @throws Error when an operation gives another result than it should: something else would be timed
 */
export function timeOperations(
  title: string,
  operations: readonly Operation[],
  write: (line: string) => void,
): Timing[] {
  write(`${title}, ns per operation`.padEnd(36) + 'best'.padStart(9) + 'median'.padStart(9));
  return operations.map(({ name, run, wanted }) => {
    let count = 1;
    let elapsedNs = 0;
    const round = () => {
      const start = process.hrtime.bigint();
      let wrong = 0;
      for (let times = 0; times < count; times++) if (run() !== wanted) wrong++;
      elapsedNs = Number(process.hrtime.bigint() - start);
      if (wrong > 0) throw new Error(`${name} gave another result than ${wanted}`);
    };
    for (round(); elapsedNs < ROUND_MS * 1e6; round()) count *= 2;
    const times = Array.from({ length: ROUNDS }, () => {
      round();
      return elapsedNs / count;
    }).sort((left, right) => left - right);
    const timing = { name, bestNs: times[0], medianNs: times[ROUNDS / 2] };
    write(name.padEnd(36) + timing.bestNs.toFixed(1).padStart(9) + timing.medianNs.toFixed(1).padStart(9));
    return timing;
  });
}
