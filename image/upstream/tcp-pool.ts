/**
 * Kept TCP connections to one upstream, used least-loaded first. CoreDNS answers a connection in order, so a slow name must
 * not stand in front of others: when every connection has a question in flight one more is opened, up to the limit.
 */
import { errnoText } from '../kernel/errno';
import { joinHostPort } from '../kernel/sockaddr';
import { Timer } from '../kernel/timers';
import { UPSTREAM_EXPIRE_MS, UPSTREAM_SWEEP_MS, UPSTREAM_TCP_CONNECTIONS_MAX } from '../limits';
import type { UpstreamEnvironment } from './environment';
import type { Exchange } from './exchange';
import { type ConnectionOwner, TcpConnection } from './tcp-connection';

/** What Go says of a socket that was closed on purpose. */
const CLOSED = 'use of closed network connection';

export class TcpPool implements ConnectionOwner {
  /** Milliseconds that an unused connection is kept; the longest that any user of the pool wants. */
  expireMs = UPSTREAM_EXPIRE_MS;
  /** Milliseconds after which a connection gets no new question and is closed when it is idle; 0 is never. */
  ageMsMax = 0;
  /** Idle connections kept; 0 leaves it to {@link expireMs}. Looked at once a second. */
  idleMax = 0;
  /** A question found a kept connection, or had to open one. Set by the owner for its metrics. */
  onUse: (kept: boolean) => void = () => undefined;
  private readonly connections: TcpConnection[] = [];
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

  /** Send a question. @returns '' or the error in Go's words when no connection can be had; the exchange goes on either way */
  send(exchange: Exchange): string {
    if (this.closing) return CLOSED;
    const least = this.leastLoaded();
    let connection = least;
    let error = '';
    if (least === undefined ? this.hasPlace() : least.inFlight.length > 0 && this.mayOpen()) {
      const opened = this.open();
      if (typeof opened === 'string') error = opened;
      else if (least === undefined) connection = opened; // Else the new one is for the next question: it is not open yet.
    }
    if (connection === undefined)
      return error || `dial tcp ${joinHostPort(this.host, this.port)}: no connection has room`;
    this.onUse(connection === least);
    connection.send(exchange);
    return '';
  }

  private leastLoaded(): TcpConnection | undefined {
    let best: TcpConnection | undefined;
    for (const connection of this.connections) {
      if (this.isOld(connection)) continue;
      if (!connection.hasRoom) connection.flush(); // A burst of long questions: do not wait for the end of the turn.
      if (!connection.hasRoom || !connection.isOpen) continue; // Flushing may have found it broken.
      if (best === undefined || load(connection) < load(best)) best = connection;
    }
    return best;
  }

  private isOld(connection: TcpConnection): boolean {
    return this.ageMsMax > 0 && this.environment.clock.now() >= connection.openedAtMs + this.ageMsMax;
  }

  /** Old connections only finish what they have: they do not count. */
  private hasPlace(): boolean {
    let young = 0;
    for (const connection of this.connections) if (!this.isOld(connection)) young++;
    return young < UPSTREAM_TCP_CONNECTIONS_MAX;
  }

  /** One at a time: a burst must not open all connections before the first is up. */
  private mayOpen(): boolean {
    return this.hasPlace() && this.connections.every((connection) => !connection.connecting);
  }

  private open(): TcpConnection | string {
    const { sockets, libc, connectionBlocks, timers, clock } = this.environment;
    const address = joinHostPort(this.host, this.port);
    const block = connectionBlocks.take();
    if (block < 0) return `dial tcp ${address}: all connection buffers are in use`;
    const fd = sockets.connectTcp(this.host, this.port);
    if (fd < 0) {
      connectionBlocks.give(block);
      return `dial tcp ${address}: connect: ${errnoText(-fd)}`;
    }
    const connection = new TcpConnection(this.environment, this, fd, block, address);
    if (!connection.watched) {
      libc.close(fd);
      connectionBlocks.give(block);
      return `dial tcp ${address}: cannot be watched`;
    }
    this.connections.push(connection);
    if (!this.expiry.running) timers.start(this.expiry, clock.now() + UPSTREAM_SWEEP_MS);
    return connection;
  }

  closed(connection: TcpConnection, unanswered: Exchange[], error: string, answered: number): void {
    this.connections.splice(this.connections.indexOf(connection), 1);
    for (const exchange of unanswered) {
      // A kept connection that the other end closed says nothing about the question: once more, on another one.
      const again = answered > 0 && !exchange.resent && !this.closing;
      exchange.resent = true;
      exchange.channel = undefined;
      const sendError = again ? this.send(exchange) : error;
      if (sendError !== '') this.environment.exchanges.fail(exchange, sendError);
    }
  }

  private expire(): void {
    const { clock, timers } = this.environment;
    const now = clock.now();
    let idle = 0;
    for (const connection of [...this.connections]) {
      if (connection.inFlight.length > 0) continue;
      const surplus = this.idleMax > 0 && idle >= this.idleMax;
      if (surplus || this.isOld(connection) || connection.usedAtMs + this.expireMs <= now) connection.close('');
      else idle++;
    }
    if (this.connections.length > 0) timers.start(this.expiry, now + UPSTREAM_SWEEP_MS);
  }

  /** Close all connections; questions in flight fail, and so do those that come now. */
  close(): void {
    this.closing = true;
    this.environment.timers.stop(this.expiry);
    for (const connection of [...this.connections]) connection.close(CLOSED);
  }
}

/** Questions in front of a new one; a connection that is still being made counts for a few. */
function load(connection: TcpConnection): number {
  return connection.inFlight.length + (connection.connecting ? 4 : 0);
}
