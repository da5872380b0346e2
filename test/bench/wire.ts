/** Nanoseconds per operation of the wire room, on the code as it is bundled for the node. */
import path from 'node:path';
import { loadBundled } from '../support/bundled';

const ROUNDS = 20;
const ROUND_MS = 20;

/** Best and median over the rounds, nanoseconds per operation. */
export interface Timing {
  readonly name: string;
  readonly bestNs: number;
  readonly medianNs: number;
}

/**
 * Time each operation: rounds of about 20 ms after one to warm up.
 * @param write takes the lines of the table; standard output when not given
 */
export function benchWire(write: (line: string) => void = (line) => process.stdout.write(line + '\n')): Timing[] {
  const file = path.join(__dirname, 'wire-operations.ts');
  const { operations } = loadBundled<typeof import('./wire-operations')>(file);
  write('wire, ns per operation                   best   median');
  return operations().map(({ name, run, wanted }) => {
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

if (require.main === module) benchWire();
