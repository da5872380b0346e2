/** A server under test: a process of its own on the server's core, watched until it answers and ended for certain. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { encodeQuestion } from '../support/dns-client';

const START_MS = 15_000;
const ASK_AGAIN_MS = 50;
const STOP_MS = 5_000;
const RCODE_MASK = 0x0f;

/** How to start a server. */
export interface Command {
  readonly program: string;
  readonly parameters: readonly string[];
  readonly port: number;
  /** Core the whole process stays on. */
  readonly core: number;
  /** Takes what it writes; shown when it does not start. */
  readonly outputFile: string;
  /** Name to ask until it is answered; the server is ready when the answer is NOERROR. */
  readonly probeName: string;
}

/** A server that answers. */
export interface Program {
  readonly processId: number;
  /** The process still runs. */
  isAlive(): boolean;
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
  let isOver = false;
  const over = new Promise<void>((resolve) => {
    const end = (): void => {
      isOver = true;
      running.delete(child);
      resolve();
    };
    child.on('error', end).on('close', end);
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await over;
    clearTimeout(timer);
  };
  const endMs = Date.now() + START_MS;
  while (!(await answers(command.port, command.probeName))) {
    if (!isOver && Date.now() < endMs) continue;
    await stop();
    const said = readFileSync(command.outputFile, 'utf8').slice(-2000);
    throw new Error(`${command.program} does not answer on 127.0.0.1:${command.port}; it said:\n${said}`);
  }
  return { processId: child.pid!, isAlive: () => !isOver, stop };
}

/** Ask once over UDP. @returns whether a NOERROR answer came within 50 ms */
function answers(port: number, name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const finish = (isGood: boolean): void => {
      clearTimeout(timer);
      socket.close();
      if (isGood) resolve(true);
      else setTimeout(resolve, ASK_AGAIN_MS, false);
    };
    const timer = setTimeout(finish, ASK_AGAIN_MS, false);
    socket.on('error', () => finish(false)); // Nobody listens yet.
    socket.on('message', (reply) => finish(reply.length > 12 && (reply[3] & RCODE_MASK) === 0));
    socket.connect(port, '127.0.0.1', () => socket.send(encodeQuestion({ name, port }, 1)));
  });
}
