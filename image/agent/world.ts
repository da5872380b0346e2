/**
 * Everything the agent does to the world outside, as one interface: files, clock, sockets, threads, HTTP. The real one is
 * made in system.ts; tests bring their own and start an agent without a single port.
 */
import type { Environment } from '../corefile/environment';
import type { ListenerPlan, Plan } from '../corefile/plan';
import type { HttpListeners, Route } from '../observe/http';
import type { DirectoryFiles } from './config-directory';
import type { ControlAccess, ControlPort } from './control';
import type { ListenerDescriptors, MessageToMain, MessageToWorker, WorkerData } from './messages';
import type { NodePorts } from './node-ports';

/** Ends a timer. */
export type Cancel = () => void;

/** Time. */
export interface Clock {
  /** Milliseconds from a fixed point; never goes back. */
  now(): number;
  after(delayMs: number, action: () => void): Cancel;
  every(intervalMs: number, action: () => void): Cancel;
}

/** A file's modification time and size: what the hosts plugin compares. */
export interface FileStamp {
  readonly modifiedMs: number;
  readonly bytes: number;
}

/** The file system, synchronous: the agent touches few files, and none while queries wait for it. */
export interface Files extends DirectoryFiles {
  /** @throws NodeJS.ErrnoException */
  read(path: string): string;
  /** @throws NodeJS.ErrnoException */
  write(path: string, text: string, mode: number): void;
  /** As write, but nobody reads a half of it. @param mode of a new file @throws NodeJS.ErrnoException */
  replace(path: string, text: string, mode: number): void;
  /** Nothing happens when there is none. */
  remove(path: string): void;
  exists(path: string): boolean;
  /** @returns null when there is no such file */
  stamp(path: string): FileStamp | null;
}

/** Sockets and wake-ups of all workers, opened and bound. */
export interface OpenedSockets {
  readonly workers: readonly { readonly listeners: readonly ListenerDescriptors[]; readonly wakeFd: number }[];
  /** Close what no worker has taken over. */
  close(): void;
}

/** Sockets that running workers get with a new plan. */
export interface MoreSockets {
  /** Per worker, in the order of the listeners. */
  readonly workers: readonly (readonly ListenerDescriptors[])[];
  /** Close all of them: no worker has taken them over. */
  close(): void;
}

/** A thread as main sees it. */
export interface WorkerPort {
  post(message: MessageToWorker): void;
  onMessage(listener: (message: MessageToMain) => void): void;
  /** The thread threw, or ended: `error` is null when it ended by itself. Called once. */
  onEnd(listener: (error: Error | null) => void): void;
}

/** Everything outside. */
export interface World {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly processId: number;
  /** The control socket, not open yet. */
  control(access: ControlAccess): ControlPort;
  /** How the process was started. */
  readonly commandLine: readonly string[];
  /** The kernel ends this process after so many seconds, unless it has ended by itself. */
  endWithin(seconds: number): void;
  /** SIGUSR1 to this process: reload. @throws Error */
  signalReload(): void;
  readonly clock: Clock;
  readonly files: Files;
  /** Link, rules and lease of the node. */
  readonly node: NodePorts;
  /** The machine as a Corefile sees it. */
  machine(warn: (line: string) => void): Environment;
  /** @throws Error in CoreDNS's words */
  openSockets(plan: Plan, workers: number): OpenedSockets;
  /** The same for listeners that a new plan adds. @throws Error in CoreDNS's words; then none is open */
  openMoreSockets(listeners: readonly ListenerPlan[], workers: number): MoreSockets;
  wake(wakeFd: number): void;
  startWorker(data: WorkerData): WorkerPort;
  /** @throws HttpListenError */
  /** Post JSON. @returns the answer's status @throws Error when there is none */
  post(url: string, body: string): Promise<number>;
  openHttp(routes: readonly Route[]): Promise<HttpListeners>;
  /** GET; resolves when an answer came. @throws Error when none did within `timeoutMs` */
  get(url: string, timeoutMs: number): Promise<void>;
  /** Send a query over UDP. @returns when an answer with its id came @throws Error when none did within `timeoutMs` */
  exchange(packet: Uint8Array, host: string, port: number, timeoutMs: number): Promise<void>;
  /** Random decimal number below 2^62, as the loop plugin's names have. */
  randomDecimal(): string;
}
