/**
 * Connected UDP sockets to one upstream. Each question takes a random one of them, opened on demand; a socket is replaced
 * after UPSTREAM_UDP_USES_MAX questions. An attacker must guess the port, the id, and when either is in use.
 */
import { errnoText } from '../kernel/errno';
import { joinHostPort } from '../kernel/sockaddr';
import { Timer } from '../kernel/timers';
import { UPSTREAM_SWEEP_MS, UPSTREAM_UDP_SOCKETS_MAX } from '../limits';
import type { UpstreamEnvironment } from './environment';
import type { Exchange } from './exchange';
import type { PoolEvents, PoolSettings, PoolTarget } from './pool-settings';
import { UdpSocket } from './udp-socket';

/** What Go says of a socket that was closed on purpose. */
const CLOSED = 'use of closed network connection';

/** See the file's head. */
export class UdpPool {
  private readonly sockets: (UdpSocket | undefined)[] = new Array<UdpSocket | undefined>(UPSTREAM_UDP_SOCKETS_MAX).fill(
    undefined,
  );
  /** Replaced, but with questions in flight. */
  private readonly retired: UdpSocket[] = [];
  private readonly environment: UpstreamEnvironment;
  private readonly target: PoolTarget;
  private readonly address: string;
  private readonly settings: PoolSettings;
  private readonly events: PoolEvents;
  private readonly expiry = new Timer(() => this.expire());
  private closing = false;

  constructor(environment: UpstreamEnvironment, target: PoolTarget, settings: PoolSettings, events: PoolEvents) {
    this.environment = environment;
    this.target = target;
    this.address = joinHostPort(target.address, target.port);
    this.settings = settings;
    this.events = events;
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
    this.events.used(socket !== undefined);
    if (socket === undefined) {
      const opened = this.open();
      if (typeof opened === 'string') return opened;
      socket = opened;
      this.sockets[slot] = socket;
    }
    return socket.send(exchange);
  }

  private isOld(socket: UdpSocket): boolean {
    return this.settings.ageMsMax > 0 && this.settings.isOld(socket.openedAtMs, this.environment.clock.now());
  }

  private open(): UdpSocket | string {
    const { sockets, libc, timers, clock } = this.environment;
    const { address, port, sourceAddress } = this.target;
    const fd = sockets.connectUdp(address, port, sourceAddress);
    if (fd < 0) return `dial udp ${this.address}: connect: ${errnoText(-fd)}`;
    const socket = new UdpSocket(this.environment, fd, this.address);
    if (!socket.watched) {
      libc.close(fd);
      return `dial udp ${this.address}: cannot be watched`;
    }
    this.events.opened();
    if (!this.expiry.running) timers.start(this.expiry, clock.now() + UPSTREAM_SWEEP_MS);
    return socket;
  }

  private retire(socket: UdpSocket): void {
    if (socket.idle) this.end(socket, '');
    else this.retired.push(socket);
  }

  private end(socket: UdpSocket, error: string): void {
    this.events.closed();
    socket.close(error);
  }

  private expire(): void {
    const { clock, timers } = this.environment;
    const now = clock.now();
    let open = 0;
    let idle = 0;
    for (let slot = 0; slot < this.sockets.length; slot++) {
      const socket = this.sockets[slot];
      if (socket === undefined) continue;
      if (socket.idle && this.settings.isSurplus(socket.openedAtMs, socket.usedAtMs, idle, now)) {
        this.end(socket, '');
        this.sockets[slot] = undefined;
        continue;
      }
      open++;
      if (socket.idle) idle++;
    }
    for (let index = this.retired.length - 1; index >= 0; index--) {
      if (this.retired[index].idle) this.end(this.retired.splice(index, 1)[0], '');
    }
    if (open + this.retired.length > 0) timers.start(this.expiry, now + UPSTREAM_SWEEP_MS);
  }

  /** Close all sockets; questions in flight fail, and so do those that come now: the descriptors may be others' already. */
  close(): void {
    this.closing = true;
    this.environment.timers.stop(this.expiry);
    for (const socket of [...this.sockets.splice(0), ...this.retired.splice(0)]) {
      if (socket !== undefined) this.end(socket, CLOSED);
    }
  }
}
