/**
 * The control socket: HTTP/1.1 on a unix socket that only its owner may use, for the commands `status`, `query`, `top`.
 *
 *   GET /status                 one StatusReport
 *   GET /top?seconds=N          a TopFrame per second, a line each; N frames, or until the connection closes
 *   GET /explain?port=P&id=N    {"state":"ready"}, then an Explanation, a line each
 *
 * It is made where it can be made. What is left of a process that died is replaced; what another instance listens on is
 * not. Nothing of it is worth a start that fails.
 */
import { chmodSync, lstatSync, unlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Plan } from '../corefile/plan';
import { isInZone } from '../corefile/zone-name';
import { HTTP_CONNECTIONS_MAX, HTTP_HEADER_BYTES_MAX, HTTP_TIMEOUT_MS } from '../limits';
import type { Log } from '../observe/log';
import { NO_BLOCK, type PathName, type Sample } from '../observe/samples';
import { rcodeText } from '../wire/codes';
import { controlPaths } from './control-paths';
import type { Settings } from './flags';
import { type StatusSources, statusReport } from './status-report';
import { TopReport } from './top-report';
import { Watching, type WatchingAccess } from './watching';

/** What the socket shows, and what it is made with. */
export interface ControlAccess extends StatusSources, WatchingAccess {
  readonly settings: Pick<Settings, 'controlSocket' | 'conf'>;
  readonly log: Log;
  now(): Date;
}

/** What became of one query. */
export interface Explanation {
  readonly state: 'answered';
  readonly path: PathName;
  readonly rcode: string;
  /** Inside the process: from the packet's arrival to its answer. */
  readonly microseconds: number;
  /** Zone of the block that answered, and its place; '' when none did. */
  readonly zone: string;
  readonly block: string;
  /** Plugin that wrote the answer; '' for the server itself. */
  readonly plugin: string;
  /** Upstream that was asked; '' for none. */
  readonly upstream: string;
}

/** Lines of /explain. */
export type ExplainLine = { readonly state: 'ready' } | Explanation | { readonly state: 'unseen' };

/** Owner only. */
const SOCKET_UMASK = 0o177;
const SOCKET_MODE = 0o600;
const SECOND_MS = 1000;

/** The part of it that the agent's steps use. */
export type ControlPort = Pick<ControlServer, 'open' | 'close'>;

/** One per process. */
export class ControlServer {
  private readonly access: ControlAccess;
  private readonly watching: Watching;
  private server: Server | null = null;
  private openPath = '';

  constructor(access: ControlAccess) {
    this.access = access;
    this.watching = new Watching(access);
  }

  /** Where it listens; '' when it does not. */
  get path(): string {
    return this.openPath;
  }

  /** Listen at the first place that can be had. Never throws: a place that cannot is a warning in the log. */
  async open(): Promise<void> {
    const { settings, log } = this.access;
    let problem = '';
    for (const names of controlPaths(settings.controlSocket, settings.conf)) {
      for (const path of names) {
        const found = await this.tryPath(path);
        if (found === 'open') return;
        problem = `${path}: ${found}`;
        if (found !== TAKEN) break; // Another name in this directory would fare no better.
      }
    }
    log.warning(
      `The commands status, query and top cannot reach this process: no control socket can be made (last: ${problem}). ` +
        'Give it a place that can be written with -control',
    );
  }

  /** @returns `open`, or why not */
  private async tryPath(path: string): Promise<string> {
    if (await isLiving(path)) return TAKEN;
    try {
      if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) unlinkSync(path);
      await this.listen(path);
      return 'open';
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return code ?? message;
    }
  }

  private listen(path: string): Promise<void> {
    const server = createServer({ maxHeaderSize: HTTP_HEADER_BYTES_MAX, keepAliveTimeout: HTTP_TIMEOUT_MS });
    server.maxConnections = HTTP_CONNECTIONS_MAX;
    server.on('request', (request, response) => void this.answer(request, response));
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      const before = process.umask(SOCKET_UMASK); // The socket is bound within this call: nobody else ever has a chance.
      try {
        server.listen(path, () => {
          server.off('error', reject);
          server.on('error', (error) => this.access.log.warning(`Control socket ${path}: ${error.message}`));
          chmodSync(path, SOCKET_MODE);
          this.server = server;
          this.openPath = path;
          resolve();
        });
      } finally {
        process.umask(before);
      }
    });
  }

  /** Close the socket and all connections, and take its file away. */
  close(): Promise<void> {
    const { server } = this;
    this.server = null;
    this.openPath = '';
    if (server === null) return Promise.resolve();
    return new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://control');
    const number = (name: string): number => Number(url.searchParams.get(name) ?? '0');
    if (request.method !== 'GET') refuse(response, 405, 'only GET');
    else if (url.pathname === '/status') sendStatus(response, this.access);
    else if (url.pathname === '/top') this.top(response, number('seconds'));
    else if (url.pathname === '/explain') await this.explain(response, number('port'), number('id'));
    else refuse(response, 404, 'want /status, /top or /explain');
  }

  private top(response: ServerResponse, seconds: number): void {
    if (!Number.isInteger(seconds) || seconds < 0) {
      refuse(response, 400, 'seconds: want a whole number');
      return;
    }
    const report = new TopReport();
    const cancelWatch = this.watching.watch((samples, count) => report.add(samples, count));
    if (cancelWatch === null) {
      refuse(response, 503, 'too many watch already');
      return;
    }
    const { clock, now } = this.access;
    let frames = 0;
    let lastMs = clock.now();
    const cancelFrames = clock.every(SECOND_MS, () => {
      const nowMs = clock.now();
      const states = new Map(statusReport(this.access).upstreams.map(({ address, state }) => [address, state]));
      sendLine(response, report.frame(now(), (nowMs - lastMs) / SECOND_MS, states));
      lastMs = nowMs;
      if (++frames === seconds || response.writableNeedDrain) response.end(); // Who does not read is not written to.
    });
    response.on('close', () => {
      cancelFrames();
      cancelWatch();
    });
    response.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders();
  }

  private async explain(response: ServerResponse, port: number, id: number): Promise<void> {
    const isPort = Number.isInteger(port) && port > 0 && port <= 0xffff;
    if (!isPort || !Number.isInteger(id) || id < 0 || id > 0xffff) {
      refuse(response, 400, 'port, id: want numbers');
      return;
    }
    response.writeHead(200, { 'content-type': 'application/x-ndjson' }).flushHeaders();
    const sample = await this.watching.explain(port, id, () => sendLine(response, { state: 'ready' }));
    sendLine(response, sample === null ? { state: 'unseen' } : explanationOf(sample, this.access.plan()));
    response.end();
  }
}

const TAKEN = 'another instance listens there';

/** Does a process listen there? */
function isLiving(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function refuse(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, { 'content-type': 'text/plain' }).end(`${text}\n`);
}

function sendStatus(response: ServerResponse, access: ControlAccess): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(statusReport(access)));
}

function sendLine(response: ServerResponse, line: object): void {
  response.write(`${JSON.stringify(line)}\n`);
}

/** A sample in words. @param plan that runs: blocks are known by their number in it */
export function explanationOf(sample: Sample, plan: Plan): ExplainLine {
  const { path, rcode, microseconds, writer, upstream } = sample;
  const block = sample.block === NO_BLOCK ? undefined : plan.blocks[sample.block];
  const zones = (block?.zones ?? []).filter((zone) => isInZone(sample.name, zone));
  return {
    state: 'answered',
    path,
    rcode: rcodeText(rcode),
    microseconds,
    zone: zones.sort((a, b) => b.length - a.length)[0] ?? '',
    block: block === undefined ? '' : `${block.file}:${block.line}`,
    plugin: writer,
    upstream,
  };
}
