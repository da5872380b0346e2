/**
 * `npm run fuzz -- NAME [--packets N] [--seed N]`: run a fuzzer; its failing packets, or files, are kept in corpus/ as
 * cases. `--files` is another word for `--packets`.
 */
import { execFileSync } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { loadBundled } from '../support/bundled';
import type { Report } from './wire';

/** What every fuzzer reports, whatever else it counts. */
type Outcome = Pick<Report, 'packets' | 'seed' | 'seconds' | 'failures'>;
type Fuzz = (packets: number, seed: number) => Outcome | Promise<Outcome>;

/** Fuzzers by name. */
const FUZZERS: Readonly<Record<string, () => Fuzz>> = {
  corefile: () => (require('./corefile') as typeof import('./corefile')).fuzzCorefile,
  memory: () => loadBundled<typeof import('./memory')>(path.join(__dirname, 'memory.ts')).fuzzMemory,
  sockets: () => {
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: path.join(__dirname, '../..'), stdio: 'inherit' });
    return (require('./sockets') as typeof import('./sockets')).fuzzSockets;
  },
  wire: () => loadBundled<typeof import('./wire')>(path.join(__dirname, 'wire.ts')).fuzzWire,
};

/** Keep failing packets as files named by their content, so that one failure is one file. A failure may have no packet. */
function keep(name: string, failures: Outcome['failures']): void {
  for (const { hex, reason } of failures) {
    if (hex === '') {
      process.stdout.write(`${reason}\n`);
      continue;
    }
    const digest = createHash('sha256').update(hex).digest('hex').slice(0, 12);
    const file = path.join(__dirname, 'corpus', `${name}-${digest}.hex`);
    writeFileSync(file, `# ${reason.split('\n')[0]}\n${hex}\n`);
    process.stdout.write(`${file}\n${reason}\n`);
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { packets: { type: 'string' }, files: { type: 'string' }, seed: { type: 'string' } },
  });
  const [name = ''] = positionals;
  const packets = Number(values.files ?? values.packets ?? 1_000_000);
  const seed = values.seed === undefined ? randomInt(2 ** 32) : Number(values.seed);
  if (!Object.hasOwn(FUZZERS, name) || !Number.isSafeInteger(packets) || !Number.isSafeInteger(seed)) {
    process.stderr.write(
      `usage: npm run fuzz -- ${Object.keys(FUZZERS).join('|')} [--packets N | --files N] [--seed N]\n`,
    );
    return 2;
  }
  process.stdout.write(`fuzz ${name}: ${packets} packets, seed ${seed}\n`);
  const { failures, ...counts } = await FUZZERS[name]()(packets, seed);
  process.stdout.write(JSON.stringify(counts) + '\n');
  keep(name, failures);
  return failures.length === 0 ? 0 : 1;
}

void main().then((code) => {
  process.exitCode = code;
});
