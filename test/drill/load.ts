/** Steady load from the pod by Debian's dnsperf, and what became of it. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { type LoadResult, parseDnsperf } from '../bench/dnsperf';
import { queriesText } from '../bench/names';
import { Running } from './process';
import type { Stage } from './stage';

/** Queries per second. */
export const RATE = 20_000;
/** Sockets with a port of their own; queries that may be on their way; seconds until one is lost. */
const [CLIENTS, OUTSTANDING, PATIENCE_SECONDS] = [8, 2_000, 1];

/** Room in the kernel for answers that dnsperf has no time for yet. */
const BUFFER_KIB = 4_096;

/** Ask `address` for some time. @returns when it is over */
export async function load(stage: Stage, address: string, seconds: number, rate = RATE): Promise<LoadResult> {
  const queries = path.join(stage.folder, 'queries');
  const outputFile = path.join(stage.folder, `dnsperf-${performance.now()}`);
  writeFileSync(queries, queriesText('A'));
  const numbers = {
    '-c': CLIENTS,
    '-q': OUTSTANDING,
    '-t': PATIENCE_SECONDS,
    '-Q': rate,
    '-l': seconds,
    '-T': 1,
    '-b': BUFFER_KIB,
  };
  const parameters = Object.entries(numbers).flatMap(([flag, value]) => [flag, `${value}`]);
  const command = ['dnsperf', '-s', address, '-d', queries, ...parameters];
  const dnsperf = stage.keep(new Running(stage.network.places.pod, { command, outputFile }));
  await dnsperf.ended;
  if (dnsperf.exitCode !== 0)
    throw new Error(`dnsperf ended with ${dnsperf.exitCode}:\n${dnsperf.output.slice(-2000)}`);
  return parseDnsperf(dnsperf.output);
}
