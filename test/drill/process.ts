/** A program in a namespace of the drill, with its output in a file and its end to wait for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Namespace } from '../support/namespace';

/** What to start. */
export interface Program {
  readonly command: readonly string[];
  /** Takes standard output and error. */
  readonly outputFile: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A drill that is killed leaves nothing running. */
const DIES_WITH_US = ['setpriv', '--pdeathsig', 'KILL'];

/** A started program; `nsenter` and `setpriv` become it, so its process id is the program's own. */
export class Running {
  readonly ended: Promise<void>;
  isOver = false;
  private readonly child: ChildProcess;
  private readonly outputFile: string;

  constructor(place: Namespace, { command, outputFile, environment }: Program) {
    this.outputFile = outputFile;
    const output = openSync(outputFile, 'a');
    this.child = spawn('nsenter', ['-t', place.pid, '-n', ...DIES_WITH_US, ...command], {
      stdio: ['ignore', output, output],
      env: { ...process.env, ...environment },
    });
    closeSync(output);
    this.ended = new Promise((resolve) => {
      const end = (): void => {
        this.isOver = true;
        resolve();
      };
      this.child.on('close', end).on('error', end); // Never started, never closed.
    });
  }

  get processId(): number {
    return this.child.pid!;
  }

  get exitCode(): number | null {
    return this.child.exitCode;
  }

  get output(): string {
    return readFileSync(this.outputFile, 'utf8');
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** @throws Error with the output when the text does not come in time */
  async says(text: string, withinMs = 10_000, times = 1): Promise<void> {
    const endMs = performance.now() + withinMs;
    while (this.output.split(text).length <= times) {
      if (this.isOver || performance.now() > endMs)
        throw new Error(`waited for '${text}' in:\n${this.output.slice(-1_500)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** SIGTERM; after 10 s SIGKILL. */
  async stop(): Promise<void> {
    if (!this.isOver) this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    await this.ended;
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
