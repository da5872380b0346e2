/**
 * Kept TCP connections to one upstream, used least-loaded first. CoreDNS answers a connection in order, so a slow name must
 * not stand in front of others: when every connection has a question in flight one more is opened, up to the limit.
 *
 * Some servers close a connection after so many questions, or after each. That is learned from connections that close while
 * questions are unanswered: new ones then carry no more than that one answered, and what finds no connection waits. It
 * may have been a restart: every few seconds twice as many are tried, and at once when a connection that has carried its
 * share stays open for a second.
 */
import { Timer } from '../kernel/timers';
import {
  QUERIES_MAX,
  UPSTREAM_HOPE_MS,
  UPSTREAM_RESENDS_MAX,
  UPSTREAM_SWEEP_MS,
  UPSTREAM_TCP_CONNECTIONS_MAX,
  UPSTREAM_WAITING_MAX,
} from '../limits';
import type { UpstreamEnvironment } from './environment';
import type { Channel, Exchange } from './exchange';
import type { PoolEvents, PoolSettings } from './pool-settings';
import { type ConnectionEnd, type ConnectionOwner, TcpConnection } from './tcp-connection';
import type { Dialer } from './tcp-dialer';

/** What Go says of a socket that was closed on purpose. */
const CLOSED = 'use of closed network connection';
/** Milliseconds between the last answer and the end of a connection, if the one is why the other came. */
const EARLY_MS = 200;

export class TcpPool implements ConnectionOwner, Channel {
  private readonly environment: UpstreamEnvironment;
  private readonly dialer: Dialer;
  private readonly settings: PoolSettings;
  private readonly events: PoolEvents;
  private readonly connections: TcpConnection[] = [];
  /** Questions that no connection had room for, oldest first. */
  private readonly waiting: Exchange[] = [];
  private readonly expiry = new Timer(() => this.expire());
  /** Questions that a connection may carry: none have closed early so far. */
  private questionsMax = Number.POSITIVE_INFINITY;
  /** When {@link questionsMax} was last changed. */
  private learnedAtMs = 0;
  private serving = false;
  private closing = false;

  constructor(environment: UpstreamEnvironment, dialer: Dialer, settings: PoolSettings, events: PoolEvents) {
    this.environment = environment;
    this.dialer = dialer;
    this.settings = settings;
    this.events = events;
  }

  /** Send a question. @returns '' or the error in Go's words when it cannot even wait; the exchange goes on either way */
  send(exchange: Exchange): string {
    if (this.closing) return CLOSED;
    const error = this.trySend(exchange);
    if (error === '' || this.connections.length === 0) return error;
    if (this.waiting.length >= UPSTREAM_WAITING_MAX) {
      this.events.overflowed();
      return `dial tcp ${this.dialer.address}: no connection has room`;
    }
    exchange.channel = this;
    this.waiting.push(exchange);
    this.events.waited();
    return '';
  }

  /** Open a connection before there is a question; when it cannot be opened, the first question finds out why. */
  warmUp(): void {
    if (!this.closing && this.connections.length === 0) this.open();
  }

  /** Is a connection on its way? */
  get isConnecting(): boolean {
    return this.connections.some(({ connecting }) => connecting);
  }

  /** Enough waited for the one of {@link warmUp}: the first question is better served by a new one. */
  endWarmUp(): void {
    for (const connection of [...this.connections]) {
      if (connection.connecting && connection.inFlight.length === 0) connection.close('');
    }
  }

  /** Send on a connection that has room, or on a new one. @returns '' or why that is not possible */
  private trySend(exchange: Exchange): string {
    const least = this.leastLoaded();
    let connection = least;
    let error = `dial tcp ${this.dialer.address}: no connection has room`;
    if (least === undefined ? this.makePlace() : least.inFlight.length > 0 && this.mayOpen()) {
      const opened = this.open();
      if (typeof opened === 'string') error = opened;
      else if (least === undefined) connection = opened; // Else the new one is for the next question: it is not open yet.
    }
    if (connection === undefined) return error;
    this.events.used(connection === least);
    connection.send(exchange);
    return '';
  }

  private leastLoaded(): TcpConnection | undefined {
    let best: TcpConnection | undefined;
    for (const connection of this.connections) {
      if (this.isOld(connection) || connection.isSpent) continue;
      if (connection.isFull) connection.flush(); // A burst of long questions: do not wait for the end of the turn.
      if (!connection.hasRoom || !connection.isOpen) continue; // Flushing may have found it broken.
      if (best === undefined || load(connection) < load(best)) best = connection;
    }
    return best;
  }

  private isOld(connection: TcpConnection): boolean {
    // The clock is a system call, and most pools have no limit.
    return this.settings.ageMsMax > 0 && this.settings.isOld(connection.openedAtMs, this.environment.clock.now());
  }

  /** Old connections only finish what they have: they do not count. */
  private hasPlace(): boolean {
    let young = 0;
    for (const connection of this.connections) if (!this.isOld(connection)) young++;
    return young < UPSTREAM_TCP_CONNECTIONS_MAX;
  }

  /** Is there a place for a connection? One that has carried what it may and has its answers makes one. */
  private makePlace(): boolean {
    if (this.hasPlace()) return true;
    const spent = this.connections.find(({ isSpent, inFlight }) => isSpent && inFlight.length === 0);
    spent?.close('');
    return spent !== undefined;
  }

  /** One at a time: a burst must not open all connections before the first is up. */
  private mayOpen(): boolean {
    return this.hasPlace() && this.connections.every((connection) => !connection.connecting);
  }

  private open(): TcpConnection | string {
    const { libc, connectionBlocks, timers, clock } = this.environment;
    const block = connectionBlocks.take();
    if (block < 0) return `dial tcp ${this.dialer.address}: all connection buffers are in use`;
    const dialed = this.dialer.dial();
    if (typeof dialed === 'string') {
      connectionBlocks.give(block);
      return dialed;
    }
    const connection = new TcpConnection(this.environment, this, dialed, block, this.questionsMax);
    if (!connection.watched) {
      libc.close(dialed.fd);
      connectionBlocks.give(block);
      return `dial tcp ${this.dialer.address}: cannot be watched`;
    }
    this.connections.push(connection);
    this.events.opened();
    if (!this.expiry.running) timers.start(this.expiry, clock.now() + UPSTREAM_SWEEP_MS);
    return connection;
  }

  closed(connection: TcpConnection, unanswered: Exchange[], end: ConnectionEnd): void {
    this.connections.splice(this.connections.indexOf(connection), 1);
    this.events.closed();
    const isEarly = isEarlyEnd(connection, unanswered.length, end);
    if (isEarly) this.learn(end.answered);
    // A connection that worked, or was given too much, says nothing about its questions: once more, on another one.
    const mayResend = !this.closing && !connection.connecting && (end.answered > 0 || isEarly);
    for (const exchange of unanswered) {
      exchange.channel = undefined;
      const again = mayResend && exchange.resends++ < UPSTREAM_RESENDS_MAX;
      const error = again ? this.resend(exchange) : end.error;
      if (error !== '') this.environment.exchanges.fail(exchange, error);
    }
    this.serveWaiting();
  }

  private resend(exchange: Exchange): string {
    exchange.writtenAtMs = this.environment.clock.now();
    return this.send(exchange);
  }

  /** A connection closed with questions unanswered: new ones get as many as it answered. */
  private learn(answered: number): void {
    this.questionsMax = Math.max(1, Math.min(this.questionsMax, answered));
    this.learnedAtMs = this.environment.clock.now();
    for (const connection of this.connections) {
      connection.questionsMax = Math.min(connection.questionsMax, Math.max(connection.sent, this.questionsMax));
    }
  }

  hasRoomAgain(connection: TcpConnection): void {
    if (this.waiting.length > 0 && (connection.hasRoom || connection.isSpent)) this.serveWaiting();
  }

  /** Questions that waited get what room there is. */
  private serveWaiting(): void {
    if (this.serving) return; // Sending may find connections broken, which comes here.
    this.serving = true;
    while (this.waiting.length > 0) {
      const exchange = this.waiting[0];
      exchange.writtenAtMs = this.environment.clock.now();
      const error = this.closing ? CLOSED : this.trySend(exchange);
      if (error !== '' && this.connections.length > 0) break;
      this.waiting.shift();
      if (error !== '') this.environment.exchanges.fail(exchange, error);
    }
    this.serving = false;
  }

  /** A question that waits for a connection has waited long enough. */
  timedOut(exchange: Exchange): string {
    this.waiting.splice(this.waiting.indexOf(exchange), 1);
    return `dial tcp ${this.dialer.address}: i/o timeout`;
  }

  private expire(): void {
    const { clock, timers } = this.environment;
    const now = clock.now();
    let idle = 0;
    for (const connection of [...this.connections]) {
      if (connection.inFlight.length > 0) continue;
      if (this.settings.isSurplus(connection.openedAtMs, connection.usedAtMs, idle, now)) {
        connection.close('');
        continue;
      }
      idle++;
      if (connection.isSpent && connection.usedAtMs + UPSTREAM_SWEEP_MS <= now) this.hope(now, connection);
    }
    if (this.learnedAtMs + UPSTREAM_HOPE_MS <= now) this.hope(now);
    if (this.connections.length > 0) timers.start(this.expiry, now + UPSTREAM_SWEEP_MS);
  }

  /** Try twice as many. @param proof carried what it may, and the far end left it open */
  private hope(now: number, proof?: TcpConnection): void {
    this.questionsMax = proof ? Math.max(this.questionsMax, 2 * proof.questionsMax) : 2 * this.questionsMax;
    this.learnedAtMs = now;
    if (proof !== undefined) proof.questionsMax = this.questionsMax;
  }

  /** Close all connections; questions in flight fail, and so do those that come now. */
  close(): void {
    this.closing = true;
    this.environment.timers.stop(this.expiry);
    for (const connection of [...this.connections]) connection.close(CLOSED);
    this.serveWaiting();
  }
}

/**
 * Did the far end close it because of how many questions it was sent? One that was in flight alone says so only when an answer
 * came shortly before: else the connection was kept too long, and met a question by chance.
 */
function isEarlyEnd({ connecting }: TcpConnection, unanswered: number, end: ConnectionEnd): boolean {
  if (!end.isTheirs || connecting || unanswered === 0) return false;
  return unanswered > 1 || (end.answered > 0 && end.sinceAnswerMs < EARLY_MS);
}

/** Questions in front of a new one. On a connection that is being made they wait for its SYN, and a lost one takes a second. */
function load(connection: TcpConnection): number {
  return connection.inFlight.length + (connection.connecting ? QUERIES_MAX : 0);
}
