/** What every upstream client needs of its worker, and how it names a connection in messages. */
import type { Arena } from '../kernel/arena';
import type { Blocks } from '../kernel/blocks';
import type { Clock } from '../kernel/clock';
import type { Libc } from '../kernel/libc';
import type { Random } from '../kernel/random';
import type { Reactor } from '../kernel/reactor';
import { joinHostPort, sockaddrPort, sockaddrText } from '../kernel/sockaddr';
import type { Sockets } from '../kernel/socket';
import type { Timers } from '../kernel/timers';
import type { RecordWalk } from '../wire/record';
import type { Exchanges } from './exchange';
import type { TlsOpen } from './tcp-dialer';

export interface UpstreamEnvironment {
  readonly libc: Libc;
  readonly arena: Arena;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly reactor: Reactor;
  readonly sockets: Sockets;
  readonly random: Random;
  readonly exchanges: Exchanges;
  /** Read and write buffers of TCP connections (tcp-connection.ts says how large). */
  readonly connectionBlocks: Blocks;
  /** Questions of health probes, a block each. */
  readonly probeBlocks: Blocks;
  /** Offset of MESSAGE_BYTES_MAX bytes that one datagram is received into at a time. */
  readonly datagram: number;
  /** Scratch to check answers with. */
  readonly walk: RecordWalk;
  /** Let main connect through TLS and pass on what goes through a socket (tcp-dialer.ts). */
  openTls(open: TlsOpen): void;
  /** A packet came that answers nothing we asked; it stands in the arena. */
  mismatched(offset: number, length: number): void;
}

/** `10.0.0.1:4242->10.0.0.10:53`, as Go prints a connection. @param remote the far end as text */
export function routeText({ sockets, arena }: UpstreamEnvironment, fd: number, remote: string): string {
  const local = sockets.localAddress(fd);
  const from = local === undefined ? '' : joinHostPort(sockaddrText(arena, local), sockaddrPort(arena, local));
  return `${from}->${remote}`;
}
