/** Nanoseconds per operation of the memory room, and what its eviction is worth, on the code as it is bundled for the node. */
import path from 'node:path';
import { loadBundled } from '../support/bundled';
import { type Timing, timeOperations } from './timing';

/** Time each operation, print the hit ratios. @param write takes the lines of the table; standard output when not given */
export function benchMemory(write: (line: string) => void = (line) => process.stdout.write(line + '\n')): Timing[] {
  const file = path.join(__dirname, 'memory-operations.ts');
  const timings = timeOperations('memory', loadBundled<typeof import('./memory-operations')>(file).operations(), write);
  writeHitRatios(write);
  return timings;
}

/** Share of questions answered from a full table, beside two other ways to choose who goes. */
function writeHitRatios(write: (line: string) => void): void {
  const { hitRatios } = loadBundled<typeof import('./hit-ratio')>(path.join(__dirname, 'hit-ratio.ts'));
  const line = (workload: string, ...columns: string[]) =>
    write(workload.padEnd(36) + columns.map((column) => column.padStart(9)).join(''));
  line('hits of 100, full table', 'SIEVE', 'random', 'LRU');
  for (const { workload, ...ratios } of hitRatios()) {
    line(workload, ...[ratios.sieve, ratios.random, ratios.lru].map((ratio) => (100 * ratio).toFixed(1)));
  }
}

if (require.main === module) benchMemory();
