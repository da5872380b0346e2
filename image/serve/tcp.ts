/** TCP of all listeners: accept, keep connections within limits, collect the answers of a read and send them in one call. */
import { assert } from '../assert';
import { type Query, TCP } from '../chain/query';
import { PEER_BYTES } from '../kernel/batch';
import { Blocks } from '../kernel/blocks';
import { EMFILE, ENFILE, ENOBUFS, ENOMEM, isTransient } from '../kernel/errno';
import { EPOLLIN, SOCK_CLOEXEC, SOCK_NONBLOCK } from '../kernel/libc';
import type { Watcher } from '../kernel/reactor';
import { SOCKADDR_BYTES_MAX, sockaddrFamily } from '../kernel/sockaddr';
import type { Sockets } from '../kernel/socket';
import { Timer, type Timers } from '../kernel/timers';
import { MESSAGE_BYTES_MAX, TCP_ACCEPT_PAUSE_MS, TCP_BACKLOG_BLOCKS, TCP_CLIENTS_MAX } from '../limits';
import type { Counters } from '../observe/counters';
import { readQuery, Verdict } from '../wire/question';
import { writeAnswer } from './reply';
import type { Asked, ListenerService, TcpLimits } from './server';
import { CLIENT_BLOCK_BYTES, type CloseReason, PREFIX_BYTES, TcpClient } from './tcp-client';
import type { ServiceEnvironment } from './udp';

const FRAME_BYTES_MAX = PREFIX_BYTES + MESSAGE_BYTES_MAX;
/** Answers collected before they are sent; there is room for the largest one behind them. */
const COLLECT_BYTES = 65_536;
/** Connections accepted per event; epoll calls again for more. */
const ACCEPTS_PER_TURN = 16;

export class TcpService {
  readonly libc: ServiceEnvironment['libc'];
  readonly arena: ServiceEnvironment['arena'];
  readonly clock: ServiceEnvironment['clock'];
  readonly reactor: ServiceEnvironment['reactor'];
  readonly timers: Timers;
  /** Blocks for answers that a client does not take at once. */
  readonly backlogs: Blocks;
  private readonly environment: ServiceEnvironment;
  private readonly sockets: Sockets;
  private readonly counters: Counters;
  private readonly blocks: Blocks;
  private readonly peers: number;
  /** Where accept4 writes the address of a connection that has no slot yet. */
  private readonly newPeer: number;
  private readonly addressBytes: number;
  private readonly out: number;
  private outBytes = 0;
  private readonly late: number;
  private readonly clients: (TcpClient | undefined)[] = [];
  /** The listening socket each client came in by. */
  private readonly acceptorOf: (Acceptor | undefined)[] = [];
  private count = 0;
  private serial = 0;
  private current: TcpClient | undefined;
  private readonly asked: Asked;
  private readonly connectionsSlot: number;
  private readonly acceptors = new Set<Acceptor>();

  /** Bytes of arena that it takes. */
  static readonly ARENA_BYTES =
    Blocks.arenaBytes(CLIENT_BLOCK_BYTES, TCP_CLIENTS_MAX) +
    Blocks.arenaBytes(COLLECT_BYTES + FRAME_BYTES_MAX, TCP_BACKLOG_BLOCKS) +
    (TCP_CLIENTS_MAX + 1) * PEER_BYTES +
    COLLECT_BYTES +
    2 * FRAME_BYTES_MAX +
    8 * 64;

  constructor(environment: ServiceEnvironment, timers: Timers, sockets: Sockets, counters: Counters) {
    const { arena } = environment;
    this.environment = environment;
    this.libc = environment.libc;
    this.arena = arena;
    this.clock = environment.clock;
    this.reactor = environment.reactor;
    this.timers = timers;
    this.sockets = sockets;
    this.counters = counters;
    this.blocks = new Blocks(arena, CLIENT_BLOCK_BYTES, TCP_CLIENTS_MAX);
    this.backlogs = new Blocks(arena, COLLECT_BYTES + FRAME_BYTES_MAX, TCP_BACKLOG_BLOCKS);
    this.peers = arena.allocate(TCP_CLIENTS_MAX * PEER_BYTES);
    this.newPeer = arena.allocate(PEER_BYTES);
    this.addressBytes = arena.allocate(8);
    this.out = arena.allocate(COLLECT_BYTES + FRAME_BYTES_MAX);
    this.late = arena.allocate(FRAME_BYTES_MAX);
    this.connectionsSlot = counters.slot('nodelocaldns_tcp_connections');
    this.asked = {
      listener: undefined as unknown as ListenerService, // Set before every use, from the connection's listener.
      protocol: TCP,
      family: 1,
      requestBytes: 0,
      peerOffset: 0,
      client: -1,
      clientSerial: 0,
      receivedAtMs: 0,
    };
  }

  /** Serve a listening socket. @throws Error when it cannot be watched */
  listen(listener: ListenerService, fd: number): Acceptor {
    const acceptor = new Acceptor(this, listener, fd);
    this.acceptors.add(acceptor);
    return acceptor;
  }

  /** An acceptor takes no more: forget it. */
  forget(acceptor: Acceptor): void {
    this.acceptors.delete(acceptor);
  }

  /** Who came in by this socket may ask what was sent already, and is closed when it is answered. */
  drainClients(acceptor: Acceptor): void {
    for (const client of [...this.clients]) {
      if (client !== undefined && this.acceptorOf[client.index] === acceptor) client.drain();
    }
  }

  /** Take connections that wait. @returns false when the process has no descriptors left: pause */
  accept(acceptor: Acceptor, fd: number, connectionsMax: number = ACCEPTS_PER_TURN): boolean {
    for (let turn = 0; turn < connectionsMax; turn++) {
      const { arena, newPeer } = this;
      arena.u32[this.addressBytes >>> 2] = SOCKADDR_BYTES_MAX;
      const accepted = this.libc.accept4(
        fd,
        arena.address(newPeer),
        arena.address(this.addressBytes),
        SOCK_NONBLOCK | SOCK_CLOEXEC,
      );
      if (accepted < 0) return isTransient(accepted) || !isExhausted(accepted);
      const index = this.freeIndex(); // Only now: who asks in vain must not cost anyone a connection.
      const peerOffset = this.peers + index * PEER_BYTES;
      arena.u8.copyWithin(peerOffset, newPeer, newPeer + PEER_BYTES);
      this.open(acceptor, index, accepted, peerOffset);
    }
    return true;
  }

  /** Slot of a new connection; when all are taken the one idle longest is closed. Someone is always idle or new. */
  private freeIndex(): number {
    if (this.count < TCP_CLIENTS_MAX) {
      const hole = this.clients.indexOf(undefined);
      return hole >= 0 ? hole : this.clients.length;
    }
    let oldest = this.clients[0]!;
    for (const client of this.clients) {
      const better = client!.idle === oldest.idle ? client!.usedAtMs < oldest.usedAtMs : client!.idle;
      if (better) oldest = client!;
    }
    oldest.close('evicted');
    return oldest.index;
  }

  private open(acceptor: Acceptor, index: number, fd: number, peerOffset: number): void {
    this.sockets.noDelay(fd);
    const block = this.blocks.take();
    assert(block >= 0); // As many blocks as slots.
    const family = sockaddrFamily(this.arena, peerOffset);
    this.acceptorOf[index] = acceptor;
    const client = new TcpClient(this, index, ++this.serial, fd, block, peerOffset, family);
    this.clients[index] = client;
    this.setCount(this.count + 1);
    if (!client.watched) client.close('error');
  }

  private setCount(count: number): void {
    this.count = count;
    this.counters.values[this.connectionsSlot] = count;
  }

  /** Time limits of the connection in this slot: those of its listener, which a new configuration may change. */
  limitsOf(index: number): TcpLimits {
    return this.acceptorOf[index]!.listener.tcpLimits;
  }

  /** A connection is closed; its answers in work will find another serial in its slot. */
  closed(client: TcpClient, block: number, reason: CloseReason): void {
    this.blocks.give(block);
    this.clients[client.index] = undefined;
    this.acceptorOf[client.index] = undefined;
    this.setCount(this.count - 1);
    this.counters.add(this.counters.slot('nodelocaldns_tcp_connections_closed_total', reason), 1);
  }

  /** The frames of one read begin: collect their answers. */
  begin(client: TcpClient): void {
    assert(this.current === undefined);
    this.current = client;
    this.outBytes = 0;
    this.asked.receivedAtMs = this.clock.now();
  }

  isCurrent(client: TcpClient): boolean {
    return this.current === client;
  }

  /** One message of the current client. */
  handle(client: TcpClient, offset: number, bytes: number): void {
    const { asked, environment, arena } = this;
    const { view, server, fast, sampler } = environment;
    asked.listener = this.acceptorOf[client.index]!.listener;
    asked.family = client.family;
    asked.requestBytes = bytes;
    asked.peerOffset = client.peerOffset;
    asked.client = client.index;
    asked.clientSerial = client.serial;
    const verdict = readQuery(arena.u8, offset, bytes, view);
    const out = this.out + this.outBytes + PREFIX_BYTES;
    let written = 0;
    if (verdict === Verdict.ACCEPT) {
      written = fast.answer(asked.listener, arena.u8, view, TCP, client.family, bytes, out, asked.receivedAtMs);
    }
    const isHit = written > 0;
    if (!isHit) {
      client.inFlight++; // An answer that comes within this call is collected by deliver, which counts it down again.
      written = server.take(verdict, view, asked, out);
      if (written > 0 || verdict === Verdict.DROP) client.inFlight--;
    }
    if (written === 0) return;
    if (sampler.isOn) {
      const { listener, peerOffset, receivedAtMs } = asked;
      sampler.answeredAtOnce(listener, view, TCP, peerOffset, out, receivedAtMs, isHit);
    }
    this.collect(client, written);
  }

  /** An answer of `bytes` stands behind its prefix at the end of what is collected. */
  private collect(client: TcpClient, bytes: number): void {
    writePrefix(this.arena.u8, this.out + this.outBytes, bytes);
    this.outBytes += PREFIX_BYTES + bytes;
    if (this.outBytes >= COLLECT_BYTES) this.send(client);
  }

  private send(client: TcpClient): void {
    if (this.outBytes > 0) client.send(this.out, this.outBytes);
    this.outBytes = 0;
  }

  /** All frames of the read are taken. */
  finish(client: TcpClient): void {
    assert(this.current === client);
    this.current = undefined;
    this.send(client);
    this.environment.fast.countDurations(this.asked.receivedAtMs);
  }

  /** Taking its frames threw: what was collected for it is gone. */
  abandon(client: TcpClient): void {
    assert(this.current === client);
    this.current = undefined;
    this.outBytes = 0;
  }

  /** An answer that took the long way. */
  deliver(query: Query): void {
    const client = this.clients[query.client];
    const isSame = client !== undefined && client.serial === query.clientSerial;
    if (isSame && this.current === client) {
      this.collect(client, writeAnswer(query, this.arena.u8, this.out + this.outBytes + PREFIX_BYTES));
      client.answered();
      return;
    }
    if (!isSame) return; // The client left.
    const written = writeAnswer(query, this.arena.u8, this.late + PREFIX_BYTES);
    writePrefix(this.arena.u8, this.late, written);
    client.send(this.late, PREFIX_BYTES + written);
    client.answered();
  }

  discard(query: Query): void {
    const client = this.clients[query.client];
    if (client !== undefined && client.serial === query.clientSerial) client.answered();
  }

  /** Accept who waits already and no more, take no more questions than have arrived, close what is idle. */
  drain(): void {
    for (const acceptor of [...this.acceptors]) acceptor.drain();
    for (const client of [...this.clients]) client?.drain();
  }

  /** Open connections. */
  get connections(): number {
    return this.count;
  }

  /** Close everything. */
  close(): void {
    for (const client of [...this.clients]) client?.close('stop');
  }
}

function writePrefix(bytes: Uint8Array, offset: number, length: number): void {
  bytes[offset] = length >>> 8;
  bytes[offset + 1] = length;
}

/** No descriptor or memory is left: accepting again at once would only spin. */
function isExhausted(result: number): boolean {
  return result === -EMFILE || result === -ENFILE || result === -ENOBUFS || result === -ENOMEM;
}

/** One listening socket. */
export class Acceptor implements Watcher {
  /** Where questions of its connections lead. Another one after a new configuration. */
  listener: ListenerService;
  private readonly service: TcpService;
  private readonly fd: number;
  private readonly token: number;
  private readonly pause = new Timer(() => this.service.reactor.modify(this.fd, EPOLLIN, this.token));

  constructor(service: TcpService, listener: ListenerService, fd: number) {
    this.service = service;
    this.listener = listener;
    this.fd = fd;
    this.token = service.reactor.add(fd, EPOLLIN, this);
    if (this.token < 0) throw new Error(`A listening socket cannot be watched (errno ${-this.token})`);
  }

  ready(): void {
    const { service } = this;
    if (service.accept(this, this.fd)) return;
    service.reactor.modify(this.fd, 0, this.token);
    service.timers.start(this.pause, service.clock.now() + TCP_ACCEPT_PAUSE_MS);
  }

  /** Take in who was promised a connection, then close. */
  drain(): void {
    this.service.accept(this, this.fd, TCP_CLIENTS_MAX - this.service.connections);
    this.leave();
    this.service.libc.close(this.fd);
  }

  /** Accept no more; the socket stays open. */
  leave(): void {
    this.service.timers.stop(this.pause);
    this.service.reactor.remove(this.fd, this.token);
    this.service.forget(this);
  }
}
