/**
 * The network of fake-libc.ts: sockets of the program on one side, ends that a test drives on the other. Nothing takes
 * time: what is sent has arrived, and callbacks run within the send.
 */
import { ECONNREFUSED, ECONNRESET } from '../../image/kernel/errno';
import { EPOLLERR, EPOLLHUP, EPOLLIN, EPOLLOUT, EPOLLRDHUP } from '../../image/kernel/libc';
import { isWildcard } from '../../image/kernel/socket';

const EPIPE = 32;

/** Address without brackets, and port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface Datagram {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly bytes: Buffer;
}

/** What a file descriptor of the program stands for. */
export interface Descriptor {
  /** EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP, EPOLLRDHUP as they are now. */
  readiness(): number;
  /** The last descriptor is closed. */
  close(): void;
}

/** What every socket of the program has. */
export abstract class FakeSocket implements Descriptor {
  readonly family: number;
  local: Endpoint | undefined = undefined;
  remote: Endpoint | undefined = undefined;
  /** What SO_ERROR tells once, or the next call. */
  error = 0;
  /** Options as set, by `level option`. */
  readonly options = new Map<string, number>();

  constructor(family: number) {
    this.family = family;
  }

  abstract readiness(): number;
  abstract close(): void;

  /** The error that waits, told once. @returns -errno or 0 */
  takeError(): number {
    const { error } = this;
    this.error = 0;
    return -error;
  }
}

/** A UDP socket of the program. */
export class UdpSocket extends FakeSocket {
  readonly queue: Datagram[] = [];
  private readonly network: FakeNetwork;

  constructor(family: number, network: FakeNetwork) {
    super(family);
    this.network = network;
    network.udpSockets.add(this);
  }

  readiness(): number {
    return EPOLLOUT | (this.queue.length > 0 ? EPOLLIN : 0) | (this.error > 0 ? EPOLLIN | EPOLLERR : 0);
  }

  /** Does a datagram to `to` from `from` belong here? 2 for a connected socket, 1 for a bound one, 0 for no. */
  fits(from: Endpoint, to: Endpoint): number {
    if (this.local?.port !== to.port) return 0;
    if (!isWildcard(this.local.address) && this.local.address !== to.address) return 0;
    if (this.remote === undefined) return 1;
    return this.remote.address === from.address && this.remote.port === from.port ? 2 : 0;
  }

  /** Send; to nobody means an ICMP message, which only a connected socket hears of. */
  send(from: Endpoint, to: Endpoint, bytes: Buffer): void {
    const isHeard = this.network.deliver({ from, to, bytes });
    if (!isHeard && this.remote !== undefined) this.error = ECONNREFUSED;
  }

  close(): void {
    this.network.udpSockets.delete(this);
  }
}

/** A UDP end that a test drives. */
export class UdpPeer {
  readonly endpoint: Endpoint;
  /** What came and nobody took yet; stays empty while {@link onDatagram} is set. */
  readonly received: Datagram[] = [];
  /** Is called with what comes, within the program's send. */
  onDatagram: ((datagram: Datagram) => void) | undefined = undefined;
  private readonly network: FakeNetwork;

  constructor(network: FakeNetwork, endpoint: Endpoint) {
    this.network = network;
    this.endpoint = endpoint;
  }

  /** Send to a socket of the program. @returns whether one was there */
  send(to: Endpoint, bytes: Uint8Array): boolean {
    return this.network.deliver({ from: this.endpoint, to, bytes: Buffer.from(bytes) });
  }
}

/** One end of a TCP connection; the other is its `peer`. */
export class TcpEnd {
  /** What came and was not read yet; stays empty while {@link onData} is set. */
  inbox = Buffer.alloc(0);
  /** Unread bytes beyond which the other end's sends wait. */
  roomBytes = Number.POSITIVE_INFINITY;
  /** The other end sends no more. */
  ended = false;
  /** The connection is broken. */
  wasReset = false;
  /** Is called with what comes, within the send. */
  onData: ((bytes: Buffer) => void) | undefined = undefined;
  /** Is called when the other end sends no more or breaks the connection. */
  onEnd: (() => void) | undefined = undefined;
  peer!: TcpEnd;
  readonly local: Endpoint;
  readonly remote: Endpoint;

  constructor(local: Endpoint, remote: Endpoint) {
    this.local = local;
    this.remote = remote;
  }

  /** Send. @returns bytes taken: fewer than given, even 0, when the other end has no room */
  write(data: Uint8Array): number {
    const { peer } = this;
    const taken = Math.min(data.length, Math.max(0, peer.roomBytes - peer.inbox.length));
    const bytes = Buffer.from(data.subarray(0, taken));
    if (peer.onData !== undefined) peer.onData(bytes);
    else peer.inbox = Buffer.concat([peer.inbox, bytes]);
    return taken;
  }

  /** Take what has come, at most so much. */
  read(bytesMax = this.inbox.length): Buffer {
    const bytes = this.inbox.subarray(0, bytesMax);
    this.inbox = this.inbox.subarray(bytes.length);
    return bytes;
  }

  /** Send no more. */
  end(): void {
    if (this.peer.ended) return;
    this.peer.ended = true;
    this.peer.onEnd?.();
  }

  /** Break the connection. */
  reset(): void {
    this.peer.wasReset = true;
    this.wasReset = true;
    this.peer.inbox = Buffer.alloc(0);
    this.end();
  }
}

/** A TCP socket of the program: new, listening, connecting or connected. */
export class TcpSocket extends FakeSocket {
  end: TcpEnd | undefined = undefined;
  /** Connections to accept; undefined when it does not listen. */
  backlog: TcpEnd[] | undefined = undefined;
  private readonly network: FakeNetwork;

  constructor(family: number, network: FakeNetwork) {
    super(family);
    this.network = network;
  }

  readiness(): number {
    if (this.backlog !== undefined) return this.backlog.length > 0 ? EPOLLIN : 0;
    if (this.error > 0) return EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP;
    const { end } = this;
    if (end === undefined) return this.remote === undefined ? EPOLLOUT | EPOLLHUP : 0;
    if (end.wasReset) return EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP;
    const readable = end.inbox.length > 0 || end.ended ? EPOLLIN : 0;
    const writable = end.peer.inbox.length < end.peer.roomBytes ? EPOLLOUT : 0;
    const over = (end.ended ? EPOLLRDHUP : 0) | (end.ended && end.peer.ended ? EPOLLHUP : 0);
    return readable | writable | over;
  }

  /** As connect(2) on a socket that does not wait; how it went shows in {@link error} and {@link end}. */
  connect(from: Endpoint, to: Endpoint): void {
    this.local = from;
    this.remote = to;
    if (this.network.silent.has(to.address)) return;
    const end = new TcpEnd(from, to);
    end.peer = new TcpEnd(to, from);
    end.peer.peer = end;
    const serve = this.network.tcpServers.get(keyOf(to));
    if (serve === undefined && !this.network.enqueue(end.peer)) {
      this.error = ECONNREFUSED;
      return;
    }
    this.end = end;
    serve?.(end.peer);
  }

  /** @returns bytes, empty for the end, or -errno; undefined when nothing has come */
  receive(bytesMax: number): Buffer | number | undefined {
    if (this.error > 0) return this.takeError();
    if (this.end?.wasReset) return -ECONNRESET;
    if (this.end === undefined || (this.end.inbox.length === 0 && !this.end.ended)) return undefined;
    return this.end.read(bytesMax);
  }

  /** @returns bytes taken or -errno; undefined when there is no room */
  send(bytes: Buffer): number | undefined {
    if (this.error > 0) return this.takeError();
    if (this.end === undefined) return undefined;
    if (this.end.wasReset) return -EPIPE;
    return this.end.write(bytes) || undefined;
  }

  close(): void {
    this.network.listeners.delete(this);
    for (const waiting of this.backlog ?? []) waiting.reset();
    if (this.end === undefined) return;
    if (this.end.inbox.length > 0)
      this.end.reset(); // As Linux does when unread bytes are thrown away.
    else this.end.end();
  }
}

function keyOf({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}

/** All ends, of the program and of the test. */
export class FakeNetwork {
  readonly udpSockets = new Set<UdpSocket>();
  readonly listeners = new Set<TcpSocket>();
  /** Called with the test's end of a connection that the program makes. */
  readonly tcpServers = new Map<string, (end: TcpEnd) => void>();
  /** Addresses that swallow what is sent to them, and never refuse. */
  readonly silent = new Set<string>();
  private readonly udpPeers = new Map<string, UdpPeer>();
  private lastPort = 40_000;

  /** A port nobody has, for a socket that was not bound. */
  ephemeralPort(): number {
    return this.lastPort++;
  }

  /** A UDP end at an address, for the test. */
  udpPeer(address: string, port = this.ephemeralPort()): UdpPeer {
    const peer = new UdpPeer(this, { address, port });
    this.udpPeers.set(keyOf(peer.endpoint), peer);
    return peer;
  }

  /** Nobody is at the UDP end any more. */
  remove({ endpoint }: UdpPeer): void {
    this.udpPeers.delete(keyOf(endpoint));
  }

  /** Listen for TCP connections of the program. */
  tcpServer(address: string, port: number, serve: (end: TcpEnd) => void): void {
    this.tcpServers.set(keyOf({ address, port }), serve);
  }

  /** Connect to a listening socket of the program. @returns the test's end, or undefined when nobody listens */
  tcpConnect(to: Endpoint, fromAddress: string): TcpEnd | undefined {
    const from = { address: fromAddress, port: this.ephemeralPort() };
    const end = new TcpEnd(from, to);
    end.peer = new TcpEnd(to, from);
    end.peer.peer = end;
    return this.enqueue(end.peer) ? end : undefined;
  }

  /** Put the program's end of a connection into the backlog of who listens. */
  enqueue(end: TcpEnd): boolean {
    for (const { local, backlog } of this.listeners) {
      if (local?.port !== end.local.port) continue;
      if (!isWildcard(local.address) && local.address !== end.local.address) continue;
      backlog?.push(end);
      return true;
    }
    return false;
  }

  /** Bring a datagram to whom it belongs. @returns false when nobody is there, and that can be known */
  deliver(datagram: Datagram): boolean {
    const peer = this.udpPeers.get(keyOf(datagram.to));
    if (peer !== undefined) {
      if (peer.onDatagram !== undefined) peer.onDatagram(datagram);
      else peer.received.push(datagram);
      return true;
    }
    let best: UdpSocket | undefined;
    for (const socket of this.udpSockets) {
      const fit = socket.fits(datagram.from, datagram.to);
      if (fit > (best?.fits(datagram.from, datagram.to) ?? 0)) best = socket;
    }
    best?.queue.push(datagram);
    return best !== undefined || this.silent.has(datagram.to.address);
  }
}
