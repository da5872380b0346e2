/** A server under test: a process of its own on the server's core, watched until it answers and ended for certain. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { type Ask, ask } from '../support/dns-client';

const START_MS = 15_000;
const ASK_AGAIN_MS = 50;
const STOP_MS = 5_000;

/** How to start a server. */
export interface Command {
  readonly program: string;
  readonly parameters: readonly string[];
  /** Core the whole process stays on. */
  readonly core: number;
  /** Takes what it writes; shown when it does not start. */
  readonly outputFile: string;
  /** What to ask until it is answered; the server is ready when the answer is NOERROR. */
  readonly probe: Ask;
}

/** A server that answers. */
export interface Program {
  readonly processId: number;
  /** @throws Error with exit code, signal and the end of its output when the process has ended */
  assertAlive(): void;
  /** Ask it to end, make it end after 5 s. */
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/**
 * Start a server and wait until it answers.
 * @throws Error with the end of its output when it ends first, or does not answer within 15 s
 */
export async function startProgram(command: Command): Promise<Program> {
  const output = openSync(command.outputFile, 'w');
  const child = spawn('taskset', ['-c', `${command.core}`, command.program, ...command.parameters], {
    stdio: ['ignore', output, output],
  }); // taskset becomes the program, so this is the server's own process id.
  closeSync(output);
  running.add(child);
  let ending: string | undefined;
  const over = new Promise<void>((resolve) => {
    const end = (text: string): void => {
      ending = text;
      running.delete(child);
      resolve();
    };
    child.on('error', (error) => end(error.message));
    child.on('close', (code, signal) => end(signal ?? `exit code ${code}`));
  });
  const complain = (what: string): never => {
    const said = readFileSync(command.outputFile, 'utf8').slice(-2000);
    throw new Error(`${command.program} ${what}; it said:\n${said}`);
  };
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await over;
    clearTimeout(timer);
  };
  const endMs = Date.now() + START_MS;
  while (!(await isReady(command.probe))) {
    if (ending === undefined && Date.now() < endMs) continue;
    const reason = ending ?? `${START_MS / 1000} s are over`;
    await stop();
    complain(`does not answer on 127.0.0.1:${command.probe.port} (${reason})`);
  }
  const assertAlive = (): void => {
    if (ending !== undefined) complain(`ended under load (${ending})`);
  };
  return { processId: child.pid!, assertAlive, stop };
}

async function isReady(probe: Ask): Promise<boolean> {
  const rcode = await ask(probe).then(
    (told) => told.rcode,
    () => undefined, // Nobody listens yet.
  );
  if (rcode === 'NOERROR') return true;
  await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  return false;
}
