/** One question over UDP without the event loop: the thread sleeps until the answer is there, or its time is up. */
import { type Arena, mapArena } from '../kernel/arena';
import { openLibc } from '../kernel/ffi';
import { EPOLLIN, type Libc, MSG_DONTWAIT } from '../kernel/libc';
import { Poller } from '../kernel/poller';
import { Sockets } from '../kernel/socket';
import { HOST_LOOKUP_TIMEOUT_MS, REQUEST_BYTES_MAX, UDP_PLAIN_BYTES } from '../limits';

interface Kernel {
  readonly libc: Libc;
  readonly arena: Arena;
  readonly sockets: Sockets;
  readonly buffer: number;
}

let shared: Kernel | undefined;

/** libc and memory, made on first use: most Corefiles have no names to look up. */
function kernel(): Kernel {
  if (shared === undefined) {
    const libc = openLibc();
    const arena = mapArena(libc, 64 * 1024);
    shared = { libc, arena, sockets: new Sockets(libc, arena), buffer: arena.allocate(REQUEST_BYTES_MAX) };
  }
  return shared;
}

/** Pollers take memory that is never given back, so one serves all. */
let poller: Poller | undefined;

/** Packets that are not the answer end the wait, too, when they are many: somebody plays with us. */
const PACKETS_MAX = 1_000;

/**
 * Send a packet to `address:port` and wait for the answer.
 * @param accepts tells the answer from other packets, which are passed over
 * @returns undefined when there was none within HOST_LOOKUP_TIMEOUT_MS, or the network refused
 */
export function blockingExchange(
  packet: Uint8Array,
  address: string,
  port: number,
  accepts: (answer: Uint8Array) => boolean,
): Uint8Array | undefined {
  const { libc, arena, sockets, buffer } = kernel();
  if (packet.length > UDP_PLAIN_BYTES) return undefined;
  const fd = sockets.connectUdp(address, port);
  if (fd < 0) return undefined;
  poller ??= new Poller(libc, arena);
  try {
    poller.add(fd, EPOLLIN, 0);
    arena.u8.set(packet, buffer);
    if (libc.send(fd, arena.address(buffer), packet.length, 0) < 0) return undefined;
    const endMs = performance.now() + HOST_LOOKUP_TIMEOUT_MS;
    for (let packets = 0; packets < PACKETS_MAX; packets++) {
      const leftMs = Math.ceil(endMs - performance.now());
      if (leftMs <= 0 || poller.wait(leftMs) === 0) return undefined;
      const got = libc.recv(fd, arena.address(buffer), REQUEST_BYTES_MAX, MSG_DONTWAIT);
      if (got < 0) return undefined;
      const answer = arena.u8.slice(buffer, buffer + got);
      if (accepts(answer)) return answer;
    }
    return undefined;
  } finally {
    libc.close(fd);
  }
}
