/**
 * A network namespace of a test's own, with the loopback up. It has no name and is gone with the process that holds it, however
 * the test ends. Programs run inside by {@link Namespace.run}; TypeScript by {@link Namespace.start}, because a process cannot
 * change into another namespace and back by itself.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { buildSync } from 'esbuild';

/** Longest life of a namespace whose test was killed. */
const HOLD_SECONDS = '300';

/** A script that runs inside and answers lines of JSON with lines of JSON (see `answerCalls` in calls.ts). */
export class Inside {
  private readonly child: ChildProcess;
  private readonly waiting: ((line: string) => void)[] = [];
  private said = '';

  constructor(child: ChildProcess) {
    this.child = child;
    child.stderr!.on('data', (text) => {
      this.said += text;
    });
    createInterface({ input: child.stdout! }).on('line', (line) => this.waiting.shift()?.(line));
    child.on('close', () => {
      for (const tell of this.waiting.splice(0))
        tell(JSON.stringify({ failed: { message: `it ended: ${this.said}` } }));
    });
  }

  /** Call a function of the script. @throws what the function threw: its fields are copied */
  async call<Result>(name: string, ...parameters: readonly unknown[]): Promise<Result> {
    const line = new Promise<string>((resolve) => this.waiting.push(resolve));
    this.child.stdin!.write(JSON.stringify({ name, parameters }) + '\n');
    const { result, failed } = JSON.parse(await line);
    if (failed !== undefined) throw Object.assign(new Error(failed.message), failed);
    return result;
  }

  /** Let it end, and wait until it has. */
  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('close', resolve));
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.stdin!.end();
      await ended;
    }
  }
}

export class Namespace {
  private readonly holder: ChildProcess;
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'namespace-'));
  private readonly scripts: Inside[] = [];

  private constructor(holder: ChildProcess) {
    this.holder = holder;
  }

  /** Process that holds it: where `ip link set … netns PID` sends a device. */
  get pid(): string {
    return String(this.holder.pid);
  }

  static async open(): Promise<Namespace> {
    const holder = spawn('unshare', ['-n', 'sh', '-c', `ip link set lo up && echo up && exec sleep ${HOLD_SECONDS}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve, reject) => {
      holder.stdout!.once('data', resolve);
      holder.once('close', () => reject(new Error('no network namespace could be made')));
    });
    return new Namespace(holder);
  }

  /** Run a program inside. @returns what it printed. @throws when it fails */
  run(program: string, ...parameters: readonly string[]): string {
    const enter = ['-t', this.pid, '-n', program, ...parameters];
    return execFileSync('nsenter', enter, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** The same by a shell. */
  sh(line: string): string {
    return this.run('sh', '-c', line);
  }

  /** Run a program inside that reads `input`. */
  batch(program: string, parameters: readonly string[], input: string): string {
    return execFileSync('nsenter', ['-t', this.pid, '-n', program, ...parameters], { encoding: 'utf8', input });
  }

  /**
   * Run a TypeScript file inside, bundled.
   * @param file absolute path of a script that calls `answerCalls`
   * @param through what to run it through: `setpriv`, with its parameters
   */
  start(file: string, through: readonly string[] = []): Inside {
    const outfile = path.join(this.folder, `${path.basename(file, '.ts')}.js`);
    buildSync({ entryPoints: [file], bundle: true, platform: 'node', target: 'node20', outfile, external: ['koffi'] });
    const enter = ['-t', this.pid, '-n', ...through, process.execPath, outfile];
    const child = spawn('nsenter', enter, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, NODE_PATH: path.join(__dirname, '../../node_modules') },
    });
    const inside = new Inside(child);
    this.scripts.push(inside);
    return inside;
  }

  async close(): Promise<void> {
    for (const script of this.scripts) await script.end();
    const ended = new Promise((resolve) => this.holder.once('close', resolve));
    this.holder.kill('SIGKILL');
    await ended;
    rmSync(this.folder, { recursive: true });
  }
}
