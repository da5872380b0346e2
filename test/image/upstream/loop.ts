/**
 * The upstream room on real sockets: a worker's loop in small turns, so that servers of node:net and node:dgram in the same
 * process get theirs in between. The clock can be put forward: nobody waits for a time-out.
 */
import { readdirSync } from 'node:fs';
import { type Arena, mapArena } from '../../../image/kernel/arena';
import { Blocks } from '../../../image/kernel/blocks';
import { type Clock, MonotonicClock } from '../../../image/kernel/clock';
import { openLibc } from '../../../image/kernel/ffi';
import type { Libc } from '../../../image/kernel/libc';
import { Random } from '../../../image/kernel/random';
import { Reactor } from '../../../image/kernel/reactor';
import { Sockets } from '../../../image/kernel/socket';
import { Timers } from '../../../image/kernel/timers';
import { EXCHANGE_TIMEOUT_MS, MESSAGE_BYTES_MAX } from '../../../image/limits';
import type { UpstreamEnvironment } from '../../../image/upstream/environment';
import { type Asker, type Exchange, Exchanges } from '../../../image/upstream/exchange';
import { Health } from '../../../image/upstream/health';
import { type PoolEvents, PoolSettings } from '../../../image/upstream/pool-settings';
import { CONNECTION_BLOCK_BYTES } from '../../../image/upstream/tcp-connection';
import { PlainDialer, TlsDialer, type TlsOpen, type TlsSettings } from '../../../image/upstream/tcp-dialer';
import { TcpPool } from '../../../image/upstream/tcp-pool';
import { UdpPool } from '../../../image/upstream/udp-pool';
import { QueryView, readQuery } from '../../../image/wire/question';
import { RecordWalk } from '../../../image/wire/record';
import { encoded, message } from '../../fuzz/wire-seeds';
import type { FakeLibc } from '../../support/fake-libc';

/** Buffers for connections. */
const BLOCKS = 16;
const REQUEST_ROOM = 512;

/** A question that was asked, and how it ended. */
export class Asked implements Asker {
  readonly name: string;
  /** The answer's octets, or undefined. */
  answer: Buffer | undefined;
  error: string | undefined;
  /** How often it was told something: 1 in the end. */
  told = 0;
  exchange!: Exchange;

  constructor(name: string) {
    this.name = name;
  }

  answered(_: Exchange, bytes: Uint8Array, offset: number, length: number): void {
    this.answer = Buffer.from(bytes.slice(offset, offset + length));
    this.told++;
  }

  failed(_: Exchange, error: string): void {
    this.error = error;
    this.told++;
  }
}

/** What questions are sent through. */
export interface Pool {
  send(exchange: Exchange): string;
  close(): void;
}

/** A worker's upstream room with its loop. */
export class Loop {
  /** Time, which may be put forward. */
  readonly clock: Clock & { aheadMs: number };
  readonly libc: Libc;
  readonly arena: Arena;
  readonly timers: Timers;
  readonly reactor: Reactor;
  readonly environment: UpstreamEnvironment;
  /** Plays main's part when a connection goes through TLS. */
  openTls: (open: TlsOpen) => void = () => undefined;
  /** What pools of {@link tcp} and {@link udp} told: of each question whether it found a connection, and who waited. */
  readonly told: string[] = [];
  /** Connections and sockets that pools have open. */
  open = 0;
  readonly settings = new PoolSettings();
  /** Packets that answered nothing. */
  mismatches = 0;
  /** Events of the last turns. */
  events = 0;
  private readonly requests: number;
  private asked = 0;

  /** @param kernel a fake one; the real one when not given */
  constructor(kernel?: FakeLibc) {
    const source: Clock = kernel?.clock ?? new MonotonicClock();
    const clock = { aheadMs: 0, now: () => source.now() + clock.aheadMs };
    const libc: Libc = kernel ?? openLibc();
    const arena = mapArena(libc, (8 << 20) + Blocks.arenaBytes(CONNECTION_BLOCK_BYTES, BLOCKS));
    const timers = new Timers(clock.now());
    const reactor = new Reactor(libc, arena);
    this.libc = libc;
    this.arena = arena;
    this.clock = clock;
    this.timers = timers;
    this.reactor = reactor;
    this.requests = arena.allocate(REQUEST_ROOM * 8192);
    const random = new Random();
    this.environment = {
      libc,
      arena,
      clock,
      timers,
      reactor,
      sockets: new Sockets(libc, arena),
      random,
      exchanges: new Exchanges(clock, timers, random),
      connectionBlocks: new Blocks(arena, CONNECTION_BLOCK_BYTES, BLOCKS),
      probeBlocks: new Blocks(arena, Health.ARENA_BYTES, 16),
      datagram: arena.allocate(MESSAGE_BYTES_MAX),
      walk: new RecordWalk(),
      openTls: (open) => this.openTls(open),
      mismatched: () => {
        this.mismatches++;
      },
    };
  }

  private readonly poolEvents: PoolEvents = {
    used: (kept) => void this.told.push(kept ? 'kept' : 'opened'),
    opened: () => void this.open++,
    closed: () => void this.open--,
    waited: () => void this.told.push('waited'),
    overflowed: () => void this.told.push('overflowed'),
  };

  /** A pool of TCP connections. */
  tcp(address: string, port: number, sourceAddress = ''): TcpPool {
    const dialer = new PlainDialer(this.environment, { address, port, sourceAddress });
    return new TcpPool(this.environment, dialer, this.settings, this.poolEvents);
  }

  /** A pool of connections that main passes on. */
  tls(address: string, port: number, settings: Partial<TlsSettings> = {}): TcpPool {
    const tls = { certificate: '', key: '', authorities: '', serverName: '', ...settings };
    const dialer = new TlsDialer(this.environment, { address, port, sourceAddress: '' }, tls);
    return new TcpPool(this.environment, dialer, this.settings, this.poolEvents);
  }

  /** A pool of UDP sockets. */
  udp(address: string, port: number, sourceAddress = ''): UdpPool {
    return new UdpPool(this.environment, { address, port, sourceAddress }, this.settings, this.poolEvents);
  }

  /** Ask for the A record of `name`. @returns what will know how it ended; an error of the pool counts as failed */
  ask(pool: Pool, name: string, timeoutMs = EXCHANGE_TIMEOUT_MS): Asked {
    const { arena, environment } = this;
    const asked = new Asked(name);
    const offset = this.requests + REQUEST_ROOM * (this.asked++ % 8192);
    const request = encoded(message({ ask: name }));
    arena.u8.set(request, offset);
    const exchange = environment.exchanges.begin(asked, undefined, timeoutMs)!;
    asked.exchange = exchange;
    exchange.bytes = arena.u8;
    exchange.requestOffset = offset;
    exchange.requestBytes = request.length;
    exchange.view = new QueryView();
    readQuery(arena.u8, offset, request.length, exchange.view);
    const error = pool.send(exchange);
    if (error !== '') environment.exchanges.fail(exchange, error);
    return asked;
  }

  /** One turn, without sleep. */
  turnOnce(): void {
    const { reactor, timers, clock } = this;
    timers.sweep(clock.now());
    reactor.flush();
    this.events += reactor.turn(0);
    timers.sweep(clock.now());
    reactor.flush();
  }

  /** One turn; then the servers' turn. */
  async turn(): Promise<void> {
    this.turnOnce();
    await new Promise(setImmediate);
  }

  /** Turn until something holds. @throws after two seconds */
  async until(holds: () => boolean): Promise<void> {
    const end = performance.now() + 2_000;
    while (!holds()) {
      if (performance.now() > end) throw new Error('it did not come true in 2 s');
      await this.turn();
    }
  }

  /** Turn until all these know how they ended; each must have been told once. */
  async ended(...questions: Asked[]): Promise<void> {
    await this.until(() => questions.every(({ told }) => told > 0));
    expect(questions.map(({ told }) => told)).toEqual(questions.map(() => 1));
  }

  /** Turn for a while. */
  async rest(turns = 20): Promise<void> {
    for (let turn = 0; turn < turns; turn++) await this.turn();
  }

  /** Buffers that no connection has. */
  get blocksFree(): number {
    return (this.environment.connectionBlocks as unknown as { free: number[] }).free.length;
  }

  /** Exchanges made and given back. */
  get exchangesFree(): { made: number; free: number } {
    const { made, free } = this.environment.exchanges as unknown as { made: number; free: unknown[] };
    return { made, free: free.length };
  }

  close(): void {
    this.reactor.close();
  }
}

/** Everything a loop takes is back: buffers, exchanges. */
export function expectNothingHeld(loop: Loop): void {
  expect(loop.open).toBe(0);
  expect(loop.blocksFree).toBe(BLOCKS);
  expect(loop.exchangesFree.free).toBe(loop.exchangesFree.made);
}

/** Open file descriptors of this process. */
export function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** The right answer to a question: one A record, 127.0.0.1. @param id another one than the question's */
export function replyTo(query: Uint8Array, id?: number): Buffer {
  const reply = Buffer.concat([query, Buffer.from('c00c000100010000001e00047f000001', 'hex')]);
  if (id !== undefined) reply.writeUInt16BE(id & 0xffff, 0);
  reply.writeUInt16BE(0x8180, 2);
  reply.writeUInt16BE(1, 6);
  return reply;
}

/** With the length that TCP wants in front. */
export function framed(packet: Buffer): Buffer {
  return Buffer.concat([Buffer.from([packet.length >> 8, packet.length & 255]), packet]);
}

/** First label of a question's name. */
export function labelOf(query: Uint8Array): string {
  return Buffer.from(query.subarray(13, 13 + query[12])).toString('latin1');
}
