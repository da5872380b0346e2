/** Load by Debian's dnsperf: runs it and reads what it says. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { percentile } from './statistics';

/** One run of load. */
export interface Load {
  readonly port: number;
  /** File of `NAME TYPE` lines. */
  readonly queries: string;
  readonly seconds: number;
  /** Queries per second; as many as get answered when not given. */
  readonly rate?: number;
  /** Pass through the queries this often instead of for a time. */
  readonly passes?: number;
  /** Ask with EDNS and the DO bit. */
  readonly dnssecOk?: boolean;
  /** Core to run on. */
  readonly core: number;
}

/** What dnsperf measured. */
export interface LoadResult {
  readonly completed: number;
  readonly lost: number;
  readonly queriesPerSecond: number;
  readonly averageMicroseconds: number;
  /** Only where every query is reported: with a rate. Under full load the wait in the queue is all that would show. */
  readonly p50Microseconds?: number;
  readonly p99Microseconds?: number;
  /** Share of answers with NOERROR, 0 … 1. */
  readonly goodShare: number;
}

/** Sockets, each with a port of its own, and queries on their way at a time: enough to keep any of the servers busy. */
const CLIENTS = 8;
const OUTSTANDING = 500;
/** A query without an answer for so long is lost. */
const TIMEOUT_SECONDS = 1;

/** dnsperf's parameters for a load. */
export function dnsperfParameters(load: Load): string[] {
  const parameters = ['-s', '127.0.0.1', '-p', `${load.port}`, '-d', load.queries, '-T', '1', '-c', `${CLIENTS}`];
  parameters.push('-q', `${OUTSTANDING}`, '-t', `${TIMEOUT_SECONDS}`);
  if (load.passes === undefined) parameters.push('-l', `${load.seconds}`);
  else parameters.push('-n', `${load.passes}`);
  if (load.rate !== undefined) parameters.push('-Q', `${load.rate}`, '-v'); // -v: a line per query, for percentiles
  if (load.dnssecOk) parameters.push('-D');
  return parameters;
}

function numberIn(output: string, pattern: RegExp): number {
  const found = pattern.exec(output);
  if (found === null) throw new Error(`dnsperf said nothing like ${pattern}:\n${output.slice(-2000)}`);
  return Number(found[1]);
}

/**
 * Read dnsperf's output.
 * @param output with -v it holds `> NOERROR NAME TYPE SECONDS` per answered query
 * @throws Error when a figure is missing
 */
export function parseDnsperf(output: string): LoadResult {
  const summary = output.slice(output.lastIndexOf('\nStatistics:'));
  const completed = numberIn(summary, /Queries completed:\s+(\d+)/);
  const good = /NOERROR (\d+)/.exec(summary);
  const latencies = Float64Array.from(
    output.matchAll(/^> [A-Z]+ \S+ \S+ (\d+\.\d+)$/gm),
    (line) => Number(line[1]) * 1e6,
  );
  latencies.sort();
  return {
    completed,
    lost: numberIn(summary, /Queries lost:\s+(\d+)/),
    queriesPerSecond: numberIn(summary, /Queries per second:\s+([\d.]+)/),
    averageMicroseconds: numberIn(summary, /Average Latency \(s\):\s+([\d.]+)/) * 1e6,
    goodShare: completed === 0 || good === null ? 0 : Number(good[1]) / completed,
    ...(latencies.length > 0 && {
      p50Microseconds: percentile(latencies, 0.5),
      p99Microseconds: percentile(latencies, 0.99),
    }),
  };
}

/**
 * Run dnsperf to its end.
 * @param file takes its output, which with a rate is megabytes: a file costs the generator least
 */
export async function runDnsperf(load: Load, file: string): Promise<LoadResult> {
  const output = openSync(file, 'w');
  try {
    const command = ['-c', `${load.core}`, 'dnsperf', ...dnsperfParameters(load)];
    const child = spawn('taskset', command, { stdio: ['ignore', output, output] });
    const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
    const text = readFileSync(file, 'utf8');
    if (code !== 0) throw new Error(`dnsperf ended with ${code}:\n${text.slice(-2000)}`);
    return parseDnsperf(text);
  } finally {
    closeSync(output);
    rmSync(file, { force: true });
  }
}
