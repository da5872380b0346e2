/** The commands' end of the control socket (agent/control.ts). */
import { lstatSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { controlPaths } from '../agent/control-paths';
import { HTTP_TIMEOUT_MS } from '../limits';
import type { CommandLine } from './command';

/** Nobody answers; the message says what was tried and what helps. */
export class UnreachableError extends Error {}

/** Where the running process listens. */
export class ControlClient {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** One JSON document. @throws UnreachableError */
  async json<T>(target: string): Promise<T> {
    const response = await this.request(target, HTTP_TIMEOUT_MS);
    let text = '';
    for await (const part of response.setEncoding('utf8')) text += part;
    return JSON.parse(text) as T;
  }

  /**
   * A JSON document per line, until the other side ends it.
   * @param take returns false to end it
   * @param opened gets what ends it at once
   * @returns false when this side ended it @throws UnreachableError
   */
  async lines<T>(
    target: string,
    take: (line: T) => boolean,
    opened = (_end: () => void): void => {},
  ): Promise<boolean> {
    const response = await this.request(target, 0);
    let isOver = false;
    const end = (): void => {
      isOver = true;
      response.destroy();
    };
    let rest = '';
    response.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (!isOver && !take(JSON.parse(line) as T)) end();
    });
    response.on('error', () => {}); // Whatever ends it, there are no more lines.
    const closed = new Promise((resolve) => response.once('close', resolve));
    opened(end);
    await closed;
    return !isOver;
  }

  private request(target: string, timeoutMs: number): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => reject(new UnreachableError(`${this.path}: ${error.message}`));
      const request = get({ socketPath: this.path, path: target, agent: false, timeout: timeoutMs }, (response) => {
        if (response.statusCode === 200) return resolve(response);
        response.resume();
        fail(new Error(`HTTP ${response.statusCode}`));
      });
      request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
      request.on('error', fail);
    });
  }
}

/** Is it a socket, and of somebody who may say what runs here: root, or ourselves? Others can make files in /tmp, too. */
function isTrusted(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isSocket() === true && (found.uid === 0 || found.uid === process.getuid?.());
}

/**
 * Find the running process.
 * @throws UnreachableError with what was tried
 */
export async function findControl({ values }: CommandLine): Promise<ControlClient> {
  const paths = controlPaths(values.get('control') ?? '', values.get('conf') ?? '').flat();
  const problems: string[] = [];
  for (const path of paths) {
    if (!isTrusted(path)) continue;
    const client = new ControlClient(path);
    try {
      await client.json('/status');
      return client;
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  const tried = problems.length > 0 ? problems.join('; ') : `no socket at ${firsts(paths).join(', ')}`;
  throw new UnreachableError(
    `No running cache can be reached (${tried}). Run it in the cache's own container, or name its socket with -control`,
  );
}

/** Of each directory the first name. */
function firsts(paths: readonly string[]): string[] {
  return paths.length === 1 ? [...paths] : paths.filter((path) => !/-\d+\.sock$/.test(path));
}
