/** The world of commands as it is: this process's streams and terminal. */
import { readFileSync } from 'node:fs';
import type { CommandWorld } from './command';

/** Descriptor of stdin. */
const STDIN = 0;
const COLUMNS_USUAL = 80;
const ROWS_USUAL = 24;

/** The world of this process. */
export function systemCommandWorld(): CommandWorld {
  const { stdin, stdout, stderr, env } = process;
  stdout.on('error', () => process.exit(0)); // `| head` has read enough.
  return {
    environment: env,
    write: (text) => void stdout.write(text),
    complain: (text) => void stderr.write(text),
    isTerminal: stdout.isTTY === true,
    size: () => ({ columns: stdout.columns || COLUMNS_USUAL, rows: stdout.rows || ROWS_USUAL }),
    keys: (listener) => listenToKeys(stdin, stdout, listener),
    readFile: (path) => readFileSync(path === '-' ? STDIN : path, 'utf8'),
  };
}

/** Raw keys where stdin is a terminal; signals end it in any case, so that the screen is given back. */
function listenToKeys(
  stdin: NodeJS.ReadStream,
  stdout: NodeJS.WriteStream,
  listener: (key: string) => void,
): () => void {
  const pressed = (bytes: Buffer): void => listener(bytes.toString('latin1'));
  const resized = (): void => listener('');
  const ended = (): void => listener('q');
  if (stdin.isTTY) {
    stdin.setRawMode(true);
    stdin.on('data', pressed);
    stdin.on('end', ended);
  }
  stdout.on('resize', resized);
  process.on('SIGINT', ended);
  process.on('SIGTERM', ended);
  return () => {
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.off('data', pressed);
    stdin.off('end', ended);
    stdin.pause();
    stdout.off('resize', resized);
    process.off('SIGINT', ended);
    process.off('SIGTERM', ended);
  };
}
