/** Runs the programs that know the kernel's tables: with a time limit, and everything they said. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { COMMAND_MS, COMMAND_OUTPUT_CHARACTERS_MAX } from '../limits';

/** What became of a program. */
export interface CommandResult {
  /** Exit status; null when it was ended by a signal or never ran. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** There is no such program. */
  readonly missing: boolean;
  readonly timedOut: boolean;
}

/** Options of one run. */
export interface CommandOptions {
  /** @default nothing */
  readonly input?: string;
  /** @default COMMAND_MS */
  readonly timeoutMs?: number;
  /** Beside the process's own. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a program. Never rejects. */
export type RunCommand = (
  program: string,
  parameters: readonly string[],
  options?: CommandOptions,
) => Promise<CommandResult>;

/** Where tools are that a container's PATH may leave out. */
const PATH = '/usr/sbin:/sbin:/usr/bin:/bin';

/** On this machine. */
export const runCommand: RunCommand = (program, parameters, options = {}) => {
  const { input = '', timeoutMs = COMMAND_MS, environment = {} } = options;
  return new Promise((resolve) => {
    const env = { ...process.env, LC_ALL: 'C', PATH: `${process.env.PATH ?? ''}:${PATH}`, ...environment };
    const out = { stdout: '', stderr: '' };
    let child: ChildProcessWithoutNullStreams;
    try {
      // A process group of its own, so that what a script has started ends with it.
      child = spawn(program, parameters, { env, stdio: 'pipe', detached: true });
    } catch (error) {
      resolve({ ...out, ...NOT_RUN, stderr: (error as Error).message }); // E2BIG, ENOMEM.
      return;
    }
    let missing = false;
    let timedOut = false;
    child.on('error', (error: NodeJS.ErrnoException) => {
      missing = error.code === 'ENOENT';
      out.stderr += error.message;
      if (child.stdin === undefined) resolve({ ...out, ...NOT_RUN }); // EMFILE: no pipes, and never closed.
    });
    if (child.stdin === undefined) return;
    const timer = setTimeout(() => {
      timedOut = true;
      end(child);
    }, timeoutMs);
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        out[stream] += text;
        if (out[stream].length < COMMAND_OUTPUT_CHARACTERS_MAX) return;
        out[stream] = ''; // Half of a rule set looks like a rule set.
        out.stderr = `it printed more than ${COMMAND_OUTPUT_CHARACTERS_MAX} characters`;
        end(child);
      });
    }
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code: missing ? null : code, signal, ...out, missing, timedOut });
    });
    child.stdin.on('error', () => {}); // It ended before it read all.
    child.stdin.end(input);
  });
};

/** Of a program that was never started. */
const NOT_RUN = { code: null, signal: null, missing: false, timedOut: false };

/** With all that it has started; whoever escapes from that has its pipes no more, which would keep it from closing. */
function end(child: ChildProcessWithoutNullStreams): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
  child.stdout.destroy();
  child.stderr.destroy();
}
