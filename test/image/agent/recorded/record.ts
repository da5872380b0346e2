/**
 * Asks a real agent what it makes of every command line and of every pair of directories:
 *
 *   npx tsx test/image/agent/recorded/record.ts --binary PATH
 *
 * PATH is a k8s-dns-node-cache. It is started with -setupinterface=false and -setupiptables=false only, on loopback, ports
 * 24053 to 24399, and writes to a temporary folder. It takes three minutes, most of it waiting for its 10 s. What it
 * says goes to commands.jsonl and directories.jsonl, which the test beside this folder compares us with.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { COMMANDS, type CommandRecording, HARMLESS } from './commands';
import {
  BASE_NAME,
  DIRECTORIES,
  type DirectoryCase,
  type DirectoryRecording,
  DNS_PORT,
  sortStubDomains,
} from './directories';
import { Folders } from './folders';

/** What usage texts call the agent. */
const PROGRAM = 'node-cache';
const METRICS_PORT = 24100;
/** Longer than the agent's 10 s between two looks, and than it takes to write. */
const CHANGE_MS = 12_000;
const START_MS = 5_000;
const AT_ONCE = 4;

const DATE = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

function run(binary: string, parameters: readonly string[], variables: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(binary, parameters, { cwd: '/', env: variables, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const take = (text: string): void => {
    output += text;
  };
  child.stdout?.setEncoding('utf8').on('data', take);
  child.stderr?.setEncoding('utf8').on('data', take);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, output: () => output, ended };
}

/** Until `is` or the end of the process. */
async function waitFor({ child, output }: Running, is: (text: string) => boolean): Promise<void> {
  for (let waitedMs = 0; waitedMs < START_MS && child.exitCode === null && !is(output()); waitedMs += 20)
    await sleep(20);
}

async function recordCommand(binary: string, parameters: readonly string[]): Promise<CommandRecording> {
  const running = run(binary, [...HARMLESS, ...parameters]);
  await waitFor(running, (text) => text.includes('Using Pidfile'));
  running.child.kill('SIGKILL');
  const exitCode = await running.ended;
  const lines = running
    .output()
    .replaceAll(binary, PROGRAM)
    .split('\n')
    .map((line) => line.replace(DATE, ''));
  const used = lines.filter((line) => /^\[INFO\] Using (Corefile|Pidfile) /.test(line));
  if (used.length === 2) return { parameters, exitCode: null, says: used.join('\n') };
  return { parameters, exitCode, says: lines.find((line) => !/ (Starting|maxprocs)/.test(line)) ?? '' };
}

const isError = (line: string): boolean => /^\[(ERROR|FATAL)\]/.test(line.replace(DATE, '')) || /^E\d{4} /.test(line);

async function recordDirectory(binary: string, each: DirectoryCase, index: number): Promise<DirectoryRecording> {
  const folders = new Folders();
  folders.set(each.steps[0]);
  const parameters = [
    ...HARMLESS,
    `-metrics-listen-address=127.0.0.1:${METRICS_PORT + index}`,
    `-localip=${each.localIps ?? '127.0.0.1'}`,
    `-dns.port=${DNS_PORT}`,
    `-basecorefile=${join(folders.base, BASE_NAME)}`,
    `-kubednscm=${each.steps[0].kubeDns === undefined ? '' : folders.kubeDns}`,
    `-conf=${folders.conf}`,
    '-upstreamsvc=upstream-dns',
  ];
  const running = run(binary, parameters, { UPSTREAM_DNS_SERVICE_HOST: each.clusterDns ?? '10.96.0.10' });
  await waitFor(running, (text) => text.includes('CoreDNS-'));
  const corefiles: (string | null)[] = [];
  const complains: boolean[] = [];
  let seen = 0;
  for (const [number, step] of each.steps.entries()) {
    if (number > 0) {
      folders.set(step);
      await sleep(CHANGE_MS);
    }
    const corefile = folders.corefile();
    corefiles.push(corefile === null ? null : sortStubDomains(corefile));
    complains.push(running.output().slice(seen).split('\n').some(isError));
    seen = running.output().length;
  }
  running.child.kill('SIGKILL');
  await running.ended;
  folders.remove();
  return { title: each.title, corefiles, complains };
}

/** A few at once, results in order. */
async function each<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index], index);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return results;
}

async function main(): Promise<void> {
  const { binary } = parseArgs({ options: { binary: { type: 'string' } } }).values;
  if (binary === undefined) throw new Error('say which agent: --binary PATH');
  const write = (name: string, recordings: readonly unknown[]): void =>
    writeFileSync(join(__dirname, name), recordings.map((recording) => `${JSON.stringify(recording)}\n`).join(''));
  write('commands.jsonl', await each(COMMANDS, (parameters) => recordCommand(binary, parameters)));
  write('directories.jsonl', await each(DIRECTORIES, (directory, index) => recordDirectory(binary, directory, index)));
}

void main();
