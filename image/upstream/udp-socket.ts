/** One connected UDP socket to an upstream: a random port that hears nobody else (RFC 5452 §9.2). */
import { assert } from '../assert';
import { ECONNREFUSED, EHOSTUNREACH, errnoText, isTransient } from '../kernel/errno';
import { EPOLLIN, MSG_DONTWAIT, MSG_NOSIGNAL } from '../kernel/libc';
import type { Flushable, Watcher } from '../kernel/reactor';
import { HEADER_BYTES, MESSAGE_BYTES_MAX, UPSTREAM_UDP_USES_MAX } from '../limits';
import { routeText, type UpstreamEnvironment } from './environment';
import { answersQuestion, type Channel, type Exchange, usableBytes } from './exchange';

/** Datagrams taken per event; epoll calls again for more. */
const READS_MAX = 16;

export class UdpSocket implements Watcher, Flushable, Channel {
  /** Questions sent through it in its life. */
  uses = 0;
  usedAtMs = 0;
  /** When it was opened. */
  readonly openedAtMs: number;
  private readonly inFlight: Exchange[] = [];
  private readonly environment: UpstreamEnvironment;
  private readonly fd: number;
  private readonly token: number;
  private readonly address: string;
  private open = true;
  /** What the questions in flight fail with at the end of this turn. */
  private refusal = '';

  /** @param fd a connected socket; @param address of the upstream, for messages */
  constructor(environment: UpstreamEnvironment, fd: number, address: string) {
    assert(fd >= 0);
    this.environment = environment;
    this.fd = fd;
    this.address = address;
    this.openedAtMs = environment.clock.now();
    this.token = environment.reactor.add(fd, EPOLLIN, this);
  }

  get watched(): boolean {
    return this.token >= 0;
  }

  /** Worn out: its port has been seen often enough. */
  get worn(): boolean {
    return this.uses >= UPSTREAM_UDP_USES_MAX;
  }

  get idle(): boolean {
    return this.inFlight.length === 0;
  }

  /** Send a question now. @returns '' or the error in Go's words */
  send(exchange: Exchange): string {
    const { libc, arena } = this.environment;
    const { requestOffset } = exchange;
    assert(exchange.bytes === arena.u8); // Questions lie in the arena: the kernel reads them where they are.
    const [high, low] = [arena.u8[requestOffset], arena.u8[requestOffset + 1]];
    arena.u8[requestOffset] = exchange.id >>> 8;
    arena.u8[requestOffset + 1] = exchange.id;
    const sent = libc.send(this.fd, arena.address(requestOffset), exchange.requestBytes, MSG_DONTWAIT | MSG_NOSIGNAL);
    arena.u8[requestOffset] = high;
    arena.u8[requestOffset + 1] = low;
    if (sent < 0) return this.refused(sent);
    this.uses++;
    this.usedAtMs = exchange.sentAtMs;
    exchange.channel = this;
    this.inFlight.push(exchange);
    return '';
  }

  /**
   * A question could not be sent. What an ICMP message left behind is told once, to whoever calls next: when that is a send,
   * the questions that it is about would wait out their time. It is told in the words of a read, which people look for:
   * CoreDNS, with a socket for each question, hears of it there.
   */
  private refused(result: number): string {
    const text = errnoText(-result);
    if (result !== -ECONNREFUSED && result !== -EHOSTUNREACH) return `write udp ${this.route()}: write: ${text}`;
    const refusal = `read udp ${this.route()}: read: ${text}`;
    if (this.refusal === '' && this.inFlight.length > 0) {
      this.refusal = refusal;
      this.environment.reactor.later(this); // Not now: whoever sends is in the middle of something.
    }
    return refusal;
  }

  flush(): void {
    const { refusal } = this;
    this.refusal = '';
    this.fail(refusal);
  }

  ready(): void {
    const { libc, arena, datagram } = this.environment;
    for (let reads = 0; reads < READS_MAX && this.open; reads++) {
      const got = libc.recv(this.fd, arena.address(datagram), MESSAGE_BYTES_MAX, MSG_DONTWAIT);
      if (got < 0) {
        if (!isTransient(got)) this.fail(`read udp ${this.route()}: read: ${errnoText(-got)}`);
        return;
      }
      this.take(datagram, got);
    }
  }

  /** A datagram: the answer to one of ours, or something to ignore until the deadline. It is never a reason to give up. */
  private take(offset: number, length: number): void {
    const { arena, exchanges } = this.environment;
    const exchange = length < HEADER_BYTES ? undefined : exchanges.find((arena.u8[offset] << 8) | arena.u8[offset + 1]);
    if (exchange?.channel !== this || !answersQuestion(arena.u8, offset, length, exchange.view)) {
      this.environment.mismatched(offset, length);
      return;
    }
    const usable = usableBytes(arena.u8, offset, length, exchange.view, this.environment.walk);
    if (usable === 0) {
      this.environment.mismatched(offset, length); // Right id and question, but no message: forged or broken, the right one may follow.
      return;
    }
    this.forget(exchange);
    exchanges.answer(exchange, arena.u8, offset, usable);
  }

  /** The kernel heard from the network (ICMP): no question of this socket will be answered. */
  private fail(error: string): void {
    for (const exchange of this.inFlight.splice(0)) this.environment.exchanges.fail(exchange, error);
  }

  private forget(exchange: Exchange): void {
    const index = this.inFlight.indexOf(exchange);
    assert(index >= 0);
    this.inFlight.splice(index, 1);
  }

  timedOut(exchange: Exchange): string {
    this.forget(exchange);
    return `read udp ${this.route()}: i/o timeout`;
  }

  private route(): string {
    return routeText(this.environment, this.fd, this.address);
  }

  /** Close it; what was in flight fails. */
  close(error: string): void {
    if (!this.open) return;
    this.open = false;
    if (this.token >= 0) this.environment.reactor.remove(this.fd, this.token);
    this.environment.libc.close(this.fd);
    this.fail(error);
  }
}
