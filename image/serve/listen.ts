/**
 * Main's part of the data path: the sockets. They are opened before a worker starts, so that an address that cannot be had
 * is one clear message and not half a server, and they may outlive a worker (reload).
 */
import type { ListenerPlan, Plan } from '../corefile/plan';
import { mapArena } from '../kernel/arena';
import { EACCES, EADDRINUSE, EADDRNOTAVAIL, errnoText } from '../kernel/errno';
import { openLibc } from '../kernel/ffi';
import { checkLayout } from '../kernel/layout';
import { EFD_CLOEXEC, EFD_NONBLOCK, type Libc } from '../kernel/libc';
import { joinHostPort } from '../kernel/sockaddr';
import { Sockets } from '../kernel/socket';

/** Descriptors of one entry of the plan's listeners. */
export interface Descriptors {
  readonly udp: number;
  readonly tcp: number;
}

/** Sockets and wake-up descriptors of all workers. */
export interface Opened {
  readonly workers: readonly { readonly listeners: readonly Descriptors[]; readonly wakeFd: number }[];
  /** Close all of them. */
  close(): void;
}

/** An address that cannot be served; the message begins with CoreDNS's words. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

let shared:
  | { readonly libc: Libc; readonly sockets: Sockets; readonly word: number; readonly address: number }
  | undefined;

/** The main thread's way to the kernel, made on first use: libc, and memory for addresses. */
function kernel(): NonNullable<typeof shared> {
  if (shared === undefined) {
    const libc = openLibc();
    const arena = mapArena(libc, 16_384);
    checkLayout(libc, arena);
    const sockets = new Sockets(libc, arena);
    const word = arena.allocate(8);
    arena.u32[word >>> 2] = 1; // What is added to an eventfd to wake its reader.
    shared = { libc, sockets, word, address: arena.address(word) };
  }
  return shared;
}

const HINTS: Readonly<Record<number, string>> = {
  [EADDRINUSE]: 'another program has this port; stop it, or give the zone another port or -dns.port',
  [EADDRNOTAVAIL]: 'no interface of this host has this address; add it, or correct `bind`',
  [EACCES]: 'ports below 1024 need CAP_NET_BIND_SERVICE; grant it, or use another port',
};

function refuse(network: string, listener: ListenerPlan, result: number): ListenError {
  const where = joinHostPort(listener.address, listener.port);
  const hint = HINTS[-result];
  const text = `Listen: listen ${network} ${where}: bind: ${errnoText(-result)}`;
  return new ListenError(hint === undefined ? text : `${text} (${hint})`);
}

/** Descriptors opened together: all of them, or none. */
class Together {
  private readonly open: number[] = [];

  /** @param fd or -errno, which closes the others @throws what `refusal` makes of it */
  take(fd: number, refusal: (result: number) => Error): number {
    if (fd >= 0) {
      this.open.push(fd);
      return fd;
    }
    this.close();
    throw refusal(fd);
  }

  close(): void {
    for (const fd of this.open.splice(0)) kernel().libc.close(fd);
  }
}

function openPair(listener: ListenerPlan, together: Together): Descriptors {
  const { sockets } = kernel();
  const { address, port } = listener;
  return {
    tcp: together.take(sockets.listenTcp(address, port), (result) => refuse('tcp', listener, result)),
    udp: together.take(sockets.listenUdp(address, port), (result) => refuse('udp', listener, result)),
  };
}

/**
 * Open a UDP and a TCP socket per listener and worker, bound with SO_REUSEPORT, and an eventfd per worker.
 * @throws ListenError for the first address that cannot be had; then nothing stays open
 */
export function openListeners(plan: Plan, workers: number): Opened {
  const { libc } = kernel();
  const together = new Together();
  const made = Array.from({ length: workers }, () => {
    const wakeFd = together.take(libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), (result) => {
      return new ListenError(`Cannot create an eventfd: ${errnoText(-result)}`);
    });
    return { listeners: plan.listeners.map((listener) => openPair(listener, together)), wakeFd };
  });
  return { workers: made, close: () => together.close() };
}

/**
 * The same for listeners that a new plan adds, without eventfds.
 * @throws ListenError as {@link openListeners}
 */
export function openMoreListeners(
  listeners: readonly ListenerPlan[],
  workers: number,
): { readonly workers: readonly (readonly Descriptors[])[]; close(): void } {
  const together = new Together();
  const made = Array.from({ length: workers }, () => listeners.map((listener) => openPair(listener, together)));
  return { workers: made, close: () => together.close() };
}

/** Wake a worker's loop: it has mail. */
export function wakeWorker(wakeFd: number): void {
  const { libc, address } = kernel();
  libc.write(wakeFd, address, 8);
}
