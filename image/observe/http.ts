/**
 * The HTTP side: few paths, fixed answers, one listener per address however many blocks name it.
 *
 * Everyone on the network may reach these ports, so a client costs us little: headers are bounded in bytes and time,
 * bodies are not read, idle and slow connections are closed, and there are at most HTTP_CONNECTIONS_MAX per address.
 */
import { lookup } from 'node:dns/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import {
  HTTP_CHECK_MS,
  HTTP_CONNECTIONS_MAX,
  HTTP_HEADER_BYTES_MAX,
  HTTP_TIMEOUT_MS,
  PROFILE_LATE_MS,
  PROFILE_SECONDS_MAX,
} from '../limits';
import { EXPOSITION_CONTENT_TYPE } from './exposition';

/** Milliseconds for a page that takes its time. */
const HTTP_PAGE_MS_MAX = PROFILE_SECONDS_MAX * 1000 + PROFILE_LATE_MS + HTTP_TIMEOUT_MS;

/** Where to listen. */
export interface ListenAddress {
  /** Address or name without brackets; empty for every address of both families. */
  readonly host: string;
  /** 0 lets the kernel choose. */
  readonly port: number;
}

/** As Go writes it: `:9253`, `127.0.0.1:9253`, `[::1]:9253`. */
export function formatListenAddress(address: ListenAddress): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** One path on one address. */
export interface Route {
  readonly address: ListenAddress;
  /** `/metrics` or `/health`. */
  readonly path: string;
  /** Makes the answer at the time of the request, or later. */
  readonly page: PageMaker;
  /** How the operator changes this address, for the message when it is taken: `the prometheus directive at Corefile:3`. */
  readonly origin: string;
  /**
   * Called with the message when the address cannot be opened: others are then opened all the same. Without it, or when
   * another route of the address has none, that is an error.
   */
  readonly failed?: (message: string) => void;
}

/** Makes a page of what stands behind the question mark. */
export type PageMaker = (parameters: URLSearchParams) => Page | Promise<Page>;

/** What a path answers. */
export interface Page {
  /** @default 200 */
  readonly status?: number;
  readonly contentType: string;
  readonly body: string;
  /** Where to look instead, for a redirect. */
  readonly location?: string;
  /** What a browser saves it as. */
  readonly fileName?: string;
}

/** An address could not be opened. The message says which, why, and what changes it. */
export class HttpListenError extends Error {}

/** Open HTTP listeners. */
export interface HttpListeners {
  /** `HOST:PORT` as bound: with port 0 the port that was chosen. */
  readonly addresses: readonly ListenAddress[];
  /**
   * Get ready to serve other routes: addresses that are new are opened, and answer already.
   * @throws HttpListenError for the first that cannot be; then all is as before
   */
  change(routes: readonly Route[]): Promise<HttpChange>;
  /** Ends connections, finished or not. Resolves when the ports are free. */
  close(): Promise<void>;
}

/** Other routes, ready to be served. One of the two is called, once. */
export interface HttpChange {
  /** Addresses that stay answer by the new routes, without closing a connection; those that go are closed. */
  commit(): Promise<void>;
  /** Close what was opened. */
  abandon(): Promise<void>;
}

/** The page of `health`: two bytes, no newline. @source CoreDNS plugin/health */
export const HEALTH_PAGE: Page = { contentType: 'text/plain; charset=utf-8', body: 'OK' };

/** The page of `ready`. @param reason why not; '' for ready @source CoreDNS plugin/ready */
export function readyPage(reason: string): Page {
  return reason === '' ? HEALTH_PAGE : { ...HEALTH_PAGE, status: 503, body: reason };
}

/** A page of metrics. */
export function metricsPage(text: string): Page {
  return { contentType: EXPOSITION_CONTENT_TYPE, body: text };
}

/** An open address. */
interface OpenAddress {
  readonly server: Server;
  /** Paths with their pages. */
  pages: ReadonlyMap<string, PageMaker>;
}

class HttpServers implements HttpListeners {
  private open = new Map<string, OpenAddress>();

  get addresses(): ListenAddress[] {
    return [...this.open.values()].map(({ server }) => boundAddress(server));
  }

  async change(routes: readonly Route[]): Promise<HttpChange> {
    const next = new Map<string, OpenAddress>();
    const opened: Server[] = [];
    const groups = groupByAddress(routes);
    const abandon = async (): Promise<void> => {
      await Promise.all(opened.map(closeServer));
    };
    for (const [key, group] of groups) {
      const kept = this.open.get(key);
      try {
        const address = kept ?? (await openServer(group));
        if (kept === undefined) opened.push(address.server);
        next.set(key, address);
      } catch (error) {
        if (group.every(({ failed }) => failed !== undefined)) {
          for (const { failed } of group) failed?.((error as Error).message);
          continue;
        }
        await abandon();
        throw error;
      }
    }
    return { commit: () => this.commit(groups, next), abandon };
  }

  private async commit(groups: ReadonlyMap<string, Route[]>, next: Map<string, OpenAddress>): Promise<void> {
    const gone = [...this.open].filter(([key]) => !next.has(key));
    this.open = next;
    for (const [key, address] of next) address.pages = pagesOf(groups.get(key) ?? []);
    await Promise.all(gone.map(([, { server }]) => closeServer(server)));
  }

  async close(): Promise<void> {
    await Promise.all([...this.open.values()].map(({ server }) => closeServer(server)));
  }
}

/**
 * Open one listener per distinct address.
 * @throws HttpListenError for the first that fails; those already open are closed again
 */
export async function openHttp(routes: readonly Route[]): Promise<HttpListeners> {
  const servers = new HttpServers();
  await (await servers.change(routes)).commit();
  return servers;
}

/** Routes of one address together, in the order of their first appearance. */
function groupByAddress(routes: readonly Route[]): Map<string, Route[]> {
  const groups = new Map<string, Route[]>();
  for (const route of routes) {
    const key = formatListenAddress(route.address);
    const group = groups.get(key);
    if (group) group.push(route);
    else groups.set(key, [route]);
  }
  return groups;
}

function pagesOf(routes: readonly Route[]): ReadonlyMap<string, PageMaker> {
  return new Map(routes.map((route) => [route.path, route.page]));
}

async function openServer(routes: readonly Route[]): Promise<OpenAddress> {
  const server = createServer(
    {
      maxHeaderSize: HTTP_HEADER_BYTES_MAX,
      headersTimeout: HTTP_TIMEOUT_MS,
      requestTimeout: HTTP_TIMEOUT_MS,
      keepAliveTimeout: HTTP_TIMEOUT_MS,
      connectionsCheckingInterval: HTTP_CHECK_MS,
    },
    (request, response) => {
      answer(address.pages, request, response).catch(() => response.destroy()); // Ours to mend; the process goes on.
    },
  );
  server.maxConnections = HTTP_CONNECTIONS_MAX;
  server.setTimeout(HTTP_TIMEOUT_MS); // Without a handler Node destroys a socket on which nothing moved: slow readers.
  const address: OpenAddress = { server, pages: pagesOf(routes) };
  await listen(server, routes[0]);
  return address;
}

async function answer(
  pages: ReadonlyMap<string, PageMaker>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [path, parameters = ''] = (request.url ?? '').split('?', 2);
  const page = pages.get(path);
  if (page === undefined) {
    // The text and headers of Go's http.NotFound.
    response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' });
    response.end('404 page not found\n');
    return;
  }
  const made = page(new URLSearchParams(parameters));
  if (made instanceof Promise) response.setTimeout(HTTP_PAGE_MS_MAX); // Nothing moves until it is there.
  const { status = 200, contentType, body, location, fileName } = await made;
  response.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
    ...(location === undefined ? {} : { Location: location }),
    ...(fileName === undefined ? {} : { 'Content-Disposition': `attachment; filename="${fileName}"` }),
  });
  response.end(body);
}

/** @throws HttpListenError */
async function listen(server: Server, route: Route): Promise<void> {
  const { host, port } = route.address;
  try {
    const address = await resolveHost(host);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(listenOptions(address, port), () => {
        server.off('error', reject);
        server.on('error', () => {}); // Accepting failed (EMFILE): the client sees it; the process goes on.
        resolve();
      });
    });
  } catch (error) {
    throw new HttpListenError(listenMessage(error as NodeJS.ErrnoException, route));
  }
}

/** Name to address, IPv4 first as Go's Listen does; Node alone would take ::1 for localhost on some machines. */
async function resolveHost(host: string): Promise<string> {
  if (host === '' || isIP(host) !== 0) return host;
  return (await lookup(host, { verbatim: false })).address;
}

/**
 * reusePort lets the next instance open its ports before this one leaves, as with the Go agent. Node has it since 22.12;
 * older versions ignore the option.
 */
function listenOptions(host: string, port: number): { host?: string; port: number } {
  const reuse = { reusePort: true };
  return host === '' ? { port, ...reuse } : { host, port, ...reuse };
}

/** Go's text, then whose address it is and what to do. */
function listenMessage(error: NodeJS.ErrnoException, route: Route): string {
  const address = formatListenAddress(route.address);
  const reasons: Record<string, string> = {
    EADDRINUSE: 'bind: address already in use',
    EADDRNOTAVAIL: 'bind: cannot assign requested address',
    EACCES: 'bind: permission denied',
  };
  const reason = reasons[error.code ?? ''] ?? error.message;
  const repairs: Record<string, string> = {
    EADDRINUSE: `stop the program that holds it or change ${route.origin}`,
    EADDRNOTAVAIL: `no interface of this machine has the address; change ${route.origin}`,
  };
  return `listen tcp ${address}: ${reason} - ${repairs[error.code ?? ''] ?? `see ${route.origin}`}`;
}

function boundAddress(server: Server): ListenAddress {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') return { host: '', port: 0 };
  return { host: bound.address, port: bound.port };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
