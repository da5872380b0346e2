/** Starts a bundle of image/dist as a process of its own and watches what it says, for end-to-end tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const DIST = join(__dirname, '../../image/dist');

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A test never touches the network of the machine it runs on: without flags that say otherwise, link and rules stay as they are. */
function withoutNode(bundle: string, parameters: readonly string[]): readonly string[] {
  if (bundle !== 'main.js' || parameters[0]?.startsWith('-') !== true) return parameters;
  return ['-setupinterface=false', '-setupiptables=false', ...parameters];
}

/** A started bundle. */
export class Daemon {
  stdout = '';
  stderr = '';
  /** Resolves when the process has ended and its output is complete. */
  readonly ended: Promise<Ended>;
  private readonly child: ChildProcess;
  /** Has it ended? */
  isOver = false;

  /** @param bundle `main.js` or `demo.js` */
  constructor(
    bundle: string,
    parameters: readonly string[],
    options: { cwd?: string; env?: Record<string, string> } = {},
  ) {
    this.child = spawn(process.execPath, [join(DIST, bundle), ...withoutNode(bundle, parameters)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        this.isOver = true;
        resolve({ code, signal });
      });
    });
  }

  get processId(): number {
    return this.child.pid ?? 0;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Wait until the output has `text`. @throws Error with all output when the process ends first or 20 s are over */
  async says(text: string): Promise<void> {
    const endMs = Date.now() + 20_000;
    while (!this.stdout.includes(text) && !this.stderr.includes(text)) {
      if (this.isOver || Date.now() > endMs) {
        throw new Error(`waited for ${JSON.stringify(text)}; stdout: ${this.stdout}\nstderr: ${this.stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** End it, whatever state it is in. */
  async stop(): Promise<Ended> {
    if (!this.isOver) this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 8_000);
    const ended = await this.ended;
    clearTimeout(timer);
    return ended;
  }
}
