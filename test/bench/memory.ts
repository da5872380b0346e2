/** Nanoseconds per operation of the memory room, on the code as it is bundled for the node. */
import path from 'node:path';
import { loadBundled } from '../support/bundled';
import { type Timing, timeOperations } from './timing';

/** Time each operation. @param write takes the lines of the table; standard output when not given */
export function benchMemory(write: (line: string) => void = (line) => process.stdout.write(line + '\n')): Timing[] {
  const file = path.join(__dirname, 'memory-operations.ts');
  return timeOperations('memory', loadBundled<typeof import('./memory-operations')>(file).operations(), write);
}

if (require.main === module) benchMemory();
