/**
 * Connected UDP sockets to one upstream. Each question takes a random one of them, opened on demand; a socket is replaced
 * after UPSTREAM_UDP_USES_MAX questions. An attacker must guess the port, the id, and when either is in use.
 */
import { errnoText } from '../kernel/errno';
import { joinHostPort } from '../kernel/sockaddr';
import { Timer } from '../kernel/timers';
import { UPSTREAM_EXPIRE_MS, UPSTREAM_SWEEP_MS, UPSTREAM_UDP_SOCKETS_MAX } from '../limits';
import type { UpstreamEnvironment } from './environment';
import type { Exchange } from './exchange';
import { UdpSocket } from './udp-socket';

/** What Go says of a socket that was closed on purpose. */
const CLOSED = 'use of closed network connection';

export class UdpPool {
  expireMs = UPSTREAM_EXPIRE_MS;
  /** Milliseconds after which a socket gets no new question; 0 is never. */
  ageMsMax = 0;
  /** Idle sockets kept; 0 leaves it to {@link expireMs}. Looked at once a second. */
  idleMax = 0;
  onUse: (kept: boolean) => void = () => undefined;
  private readonly sockets: (UdpSocket | undefined)[] = new Array<UdpSocket | undefined>(UPSTREAM_UDP_SOCKETS_MAX).fill(
    undefined,
  );
  /** Replaced, but with questions in flight. */
  private readonly retired: UdpSocket[] = [];
  private readonly environment: UpstreamEnvironment;
  private readonly host: string;
  private readonly port: number;
  private readonly expiry = new Timer(() => this.expire());
  private closing = false;

  constructor(environment: UpstreamEnvironment, host: string, port: number) {
    this.environment = environment;
    this.host = host;
    this.port = port;
  }

  /** Send a question. @returns '' or the error in Go's words; the exchange goes on either way */
  send(exchange: Exchange): string {
    if (this.closing) return CLOSED;
    const slot = this.environment.random.below(UPSTREAM_UDP_SOCKETS_MAX);
    let socket = this.sockets[slot];
    if (socket !== undefined && (socket.worn || this.isOld(socket))) {
      this.retire(socket);
      socket = undefined;
    }
    this.onUse(socket !== undefined);
    if (socket === undefined) {
      const opened = this.open();
      if (typeof opened === 'string') return opened;
      socket = opened;
      this.sockets[slot] = socket;
    }
    return socket.send(exchange);
  }

  private isOld(socket: UdpSocket): boolean {
    return this.ageMsMax > 0 && this.environment.clock.now() >= socket.openedAtMs + this.ageMsMax;
  }

  private open(): UdpSocket | string {
    const { sockets, libc, timers, clock } = this.environment;
    const address = joinHostPort(this.host, this.port);
    const fd = sockets.connectUdp(this.host, this.port);
    if (fd < 0) return `dial udp ${address}: connect: ${errnoText(-fd)}`;
    const socket = new UdpSocket(this.environment, fd, address);
    if (!socket.watched) {
      libc.close(fd);
      return `dial udp ${address}: cannot be watched`;
    }
    if (!this.expiry.running) timers.start(this.expiry, clock.now() + UPSTREAM_SWEEP_MS);
    return socket;
  }

  private retire(socket: UdpSocket): void {
    if (socket.idle) socket.close('');
    else this.retired.push(socket);
  }

  private expire(): void {
    const { clock, timers } = this.environment;
    const now = clock.now();
    let open = 0;
    let idle = 0;
    for (let slot = 0; slot < this.sockets.length; slot++) {
      const socket = this.sockets[slot];
      if (socket === undefined) continue;
      const surplus = this.idleMax > 0 && idle >= this.idleMax;
      if (socket.idle && (surplus || this.isOld(socket) || socket.usedAtMs + this.expireMs <= now)) {
        socket.close('');
        this.sockets[slot] = undefined;
        continue;
      }
      open++;
      if (socket.idle) idle++;
    }
    for (let index = this.retired.length - 1; index >= 0; index--) {
      if (this.retired[index].idle) this.retired.splice(index, 1)[0].close('');
    }
    if (open + this.retired.length > 0) timers.start(this.expiry, now + UPSTREAM_SWEEP_MS);
  }

  /** Close all sockets; questions in flight fail, and so do those that come now: the descriptors may be others' already. */
  close(): void {
    this.closing = true;
    this.environment.timers.stop(this.expiry);
    for (const socket of [...this.sockets, ...this.retired]) socket?.close(CLOSED);
  }
}
