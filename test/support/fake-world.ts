/**
 * A world for the agent without a port, a thread or a file: time stands still until `clock.pass`, workers do what the test
 * tells them, and everything that was done is in `events`, in order.
 */

import type { DirectoryEntry } from '../../image/agent/config-directory';
import type { ControlPort } from '../../image/agent/control';
import type { MessageToMain, MessageToWorker, WorkerData } from '../../image/agent/messages';
import type { Cancel, Clock, Files, WorkerPort, World } from '../../image/agent/world';
import type { Environment } from '../../image/corefile/environment';
import {
  formatListenAddress,
  type HttpChange,
  HttpListenError,
  type HttpListeners,
  type Route,
} from '../../image/observe/http';
import { Log } from '../../image/observe/log';
import { FakeNode } from './fake-node';

/** A clock that moves when told. */
export class FakeClock implements Clock {
  private nowMs = 0;
  private timers: { atMs: number; everyMs: number; action: () => void }[] = [];

  now(): number {
    return this.nowMs;
  }

  after(delayMs: number, action: () => void): Cancel {
    return this.add(delayMs, 0, action);
  }

  every(intervalMs: number, action: () => void): Cancel {
    return this.add(intervalMs, intervalMs, action);
  }

  /** Let time pass; timers fire in order, and what they start as promises gets its turn. */
  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    for (;;) {
      await settle();
      const next = this.timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.nowMs = next.atMs;
      if (next.everyMs > 0) next.atMs += next.everyMs;
      else this.timers = this.timers.filter((timer) => timer !== next);
      next.action();
    }
    this.nowMs = endMs;
    await settle();
  }

  /** Timers that still wait. */
  get waiting(): number {
    return this.timers.length;
  }

  private add(delayMs: number, everyMs: number, action: () => void): Cancel {
    const timer = { atMs: this.nowMs + delayMs, everyMs, action };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((each) => each !== timer);
    };
  }
}

/** Let promises that are ready run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Files in a map. */
export class FakeFiles implements Files {
  readonly texts = new Map<string, { text: string; modifiedMs: number }>();
  /** Paths that cannot be written. */
  readonly readOnly = new Set<string>();

  set(path: string, text: string, modifiedMs = 1_000): void {
    this.texts.set(path, { text, modifiedMs });
  }

  read(path: string): string {
    const file = this.texts.get(path);
    if (file === undefined)
      throw Object.assign(new Error(`open ${path}: no such file or directory`), { code: 'ENOENT' });
    return file.text;
  }

  write(path: string, text: string): void {
    if (this.readOnly.has(path))
      throw Object.assign(new Error(`open ${path}: read-only file system`), { code: 'EROFS' });
    this.set(path, text);
  }

  replace(path: string, text: string): void {
    this.write(path, text);
  }

  readBytes(path: string): Uint8Array {
    return Buffer.from(this.read(path));
  }

  list(path: string): DirectoryEntry[] {
    const inside = [...this.texts].filter(([name]) => name.startsWith(`${path}/`));
    if (inside.length === 0) throw Object.assign(new Error(`scandir ${path}`), { code: 'ENOENT' });
    return inside.map(([name, { text, modifiedMs }]) => {
      const rest = name.slice(path.length + 1);
      return { name: rest.split('/')[0], isFile: !rest.includes('/'), bytes: Buffer.byteLength(text), modifiedMs };
    });
  }

  remove(path: string): void {
    this.texts.delete(path);
  }

  exists(path: string): boolean {
    return this.texts.has(path) || [...this.texts.keys()].some((name) => name.startsWith(`${path}/`));
  }

  stamp(path: string): { modifiedMs: number; bytes: number } | null {
    const file = this.texts.get(path);
    return file === undefined ? null : { modifiedMs: file.modifiedMs, bytes: Buffer.byteLength(file.text) };
  }
}

/** A worker that says what the test says. */
export class FakeWorker implements WorkerPort {
  readonly data: WorkerData;
  readonly received: MessageToWorker[] = [];
  private listener: (message: MessageToMain) => void = () => {};
  private endListener: (error: Error | null) => void = () => {};
  manners: WorkerManners;

  constructor(data: WorkerData, manners: WorkerManners) {
    this.data = data;
    this.manners = manners;
    setImmediate(() => {
      if (manners.startError !== undefined) this.end(new Error(manners.startError));
      else if (manners.getsReady) this.say({ kind: 'ready' });
    });
  }

  post(message: MessageToWorker): void {
    if (message.kind === 'ping') {
      if (this.manners.hangs !== true) setImmediate(() => this.say({ kind: 'pong' }));
      return; // Every few seconds, and no test's subject but one.
    }
    this.received.push(message);
    if (message.kind === 'stop' && this.manners.stops) setImmediate(() => this.say({ kind: 'stopped' }));
    if (message.kind === 'warm-up' && this.manners.getsWarm !== false)
      setImmediate(() => this.say({ kind: 'warmed-up' }));
    const { refusal = '' } = this.manners;
    if (message.kind !== 'plan' || refusal === null) return;
    setImmediate(() => this.say(refusal === '' ? { kind: 'plan-taken' } : { kind: 'plan-refused', reason: refusal }));
  }

  onMessage(listener: (message: MessageToMain) => void): void {
    this.listener = listener;
  }

  onEnd(listener: (error: Error | null) => void): void {
    this.endListener = listener;
  }

  say(message: MessageToMain): void {
    this.listener(message);
  }

  end(error: Error | null): void {
    this.endListener(error);
  }
}

/** How a fake worker behaves. */
export interface WorkerManners {
  readonly getsReady: boolean;
  readonly stops: boolean;
  readonly startError?: string;
  /** It no longer answers `ping`. @default false */
  readonly hangs?: boolean;
  /** It says when its upstreams are connected. @default true */
  readonly getsWarm?: boolean;
  /** Why it refuses a new plan; null: it does not answer. @default it takes it */
  readonly refusal?: string | null;
}

/** The world and what the tests see of it. */
export class FakeWorld implements World {
  readonly environment: Record<string, string | undefined> = {};
  readonly commandLine = ['node', 'main.js'];

  control(): ControlPort {
    const say = (text: string) => async (): Promise<void> => void this.events.push(text);
    return { open: say('control open'), close: say('control close') };
  }

  readonly processId = 4711;
  /** What was posted to collectors. */
  readonly posts: { url: string; body: string }[] = [];
  post = async (url: string, body: string): Promise<number> => {
    this.posts.push({ url, body });
    return 202;
  };
  endWithin = (seconds: number): void => void this.events.push(`ends within ${seconds} s`);
  signalReload = (): void => void this.events.push('SIGUSR1');
  readonly clock = new FakeClock();
  readonly files = new FakeFiles();
  /** What was done, in order. */
  readonly events: string[] = [];
  readonly node = new FakeNode(this.events);
  readonly workers: FakeWorker[] = [];
  /** Pages that are open now, by `ADDRESS PATH`. */
  readonly pages = new Map<string, Route['page']>();
  /** Addresses that somebody else holds. */
  readonly taken = new Set<string>();
  manners: WorkerManners = { getsReady: true, stops: true };
  socketError: string | null = null;
  getError: string | null = null;
  exchangeError: string | null = null;
  /** How long a GET takes. */
  getMs = 0;
  exchanges: { name: string; host: string; port: number }[] = [];
  private decimals = 0;

  machine = (warn: (line: string) => void): Environment => ({
    variables: this.environment,
    workingDirectory: '/',
    readFile: (path) => this.files.read(path),
    pathKind: (path) => (this.files.exists(path) ? 'file' : 'missing'),
    listDirectory: () => [],
    listInterfaces: () => [],
    warn,
  });

  openSockets: World['openSockets'] = (plan, workers) => {
    if (this.socketError !== null) throw new Error(this.socketError);
    this.events.push(`sockets open: ${plan.listeners.map(({ label }) => label).join(' ')}`);
    const listeners = plan.listeners.map((_, index) => ({ udp: 10 + index, tcp: 20 + index }));
    return {
      workers: Array.from({ length: workers }, (_, index) => ({ listeners, wakeFd: 30 + index })),
      close: () => void this.events.push('sockets closed'),
    };
  };

  openMoreSockets: World['openMoreSockets'] = (plans, workers) => {
    if (this.socketError !== null) throw new Error(this.socketError);
    if (plans.length > 0) this.events.push(`sockets open: ${plans.map(({ label }) => label).join(' ')}`);
    const listeners = plans.map((_, index) => ({ udp: 110 + index, tcp: 120 + index }));
    const close = (): void => void (plans.length > 0 && this.events.push('new sockets closed'));
    return { workers: Array.from({ length: workers }, () => listeners), close };
  };

  wake = (wakeFd: number): void => void this.events.push(`wake ${wakeFd}`);

  startWorker = (data: WorkerData): FakeWorker => {
    this.events.push(`worker ${data.index} started`);
    const worker = new FakeWorker(data, this.manners);
    this.workers.push(worker);
    return worker;
  };

  openHttp = async (routes: readonly Route[]): Promise<HttpListeners> => {
    let open: string[] = [];
    const change = async (wanted: readonly Route[]): Promise<HttpChange> => {
      const next = wanted.filter((route) => this.isFree(route, open));
      const key = ({ address, path }: Route): string => `${formatListenAddress(address)} ${path}`;
      const keys = next.map(key);
      const more = keys.filter((each) => !open.includes(each));
      const gone = open.filter((each) => !keys.includes(each));
      if (more.length > 0) this.events.push(`http open: ${more.join(', ')}`);
      return {
        commit: async () => {
          for (const route of next) this.pages.set(key(route), route.page);
          this.closePages(gone);
          open = keys;
        },
        abandon: async () => this.closePages(more),
      };
    };
    await (await change(routes)).commit();
    return { addresses: routes.map(({ address }) => address), change, close: async () => this.closePages(open) };
  };

  /** @throws HttpListenError when somebody has the address, and that is not said otherwise */
  private isFree({ address, origin, failed, path }: Route, open: readonly string[]): boolean {
    const text = formatListenAddress(address);
    if (!this.taken.has(text) || open.includes(`${text} ${path}`)) return true;
    const message = `listen tcp ${text}: in use - change ${origin}`;
    if (failed === undefined) throw new HttpListenError(message);
    failed(message);
    return false;
  }

  private closePages(keys: readonly string[]): void {
    if (keys.length === 0) return;
    for (const key of keys) this.pages.delete(key);
    this.events.push(`http closed: ${keys.join(', ')}`);
  }

  get = async (_url: string, timeoutMs: number): Promise<void> => {
    const takenMs = Math.min(this.getMs, timeoutMs);
    if (takenMs > 0) await new Promise<void>((resolve) => this.clock.after(takenMs, resolve));
    if (this.getMs > timeoutMs) throw new Error('timed out');
    if (this.getError !== null) throw new Error(this.getError);
  };

  exchange: World['exchange'] = async (packet, host, port) => {
    this.exchanges.push({ name: questionName(packet), host, port });
    if (this.exchangeError !== null) throw new Error(this.exchangeError);
  };

  randomDecimal = (): string => String(++this.decimals * 1_111_111);
}

/** The first name of a packet as text. */
export function questionName(packet: Uint8Array): string {
  let name = '';
  for (let offset = 12; packet[offset] !== 0; offset += 1 + packet[offset]) {
    name += `${Buffer.from(packet.subarray(offset + 1, offset + 1 + packet[offset])).toString('latin1')}.`;
  }
  return name;
}

/** A log whose lines are kept. */
export function fakeLog(): { log: Log; early: string[]; late: string[] } {
  const early: string[] = [];
  const late: string[] = [];
  const date = new Date(2026, 10, 21, 2, 12, 10);
  const log = new Log(
    { write: (text) => void early.push(text) },
    { write: (text) => void late.push(text) },
    () => date,
  );
  return { log, early, late };
}
