/**
 * The kernel in memory, for tests of the worker's loop without sockets and without waiting.
 *
 *     const kernel = new FakeLibc();                                    // a libc, a clock, an empty network
 *     const dns = kernel.listenUdp('10.0.0.1', 53);                     // what main would open
 *     const upstream = kernel.network.udpPeer('10.96.0.10', 53);        // what a test drives
 *     upstream.onDatagram = ({ from, bytes }) => upstream.send(from, answerTo(bytes));
 *     const client = kernel.network.udpPeer('10.1.2.3');
 *     client.send({ address: '10.0.0.1', port: 53 }, question);
 *     kernel.run(() => worker.turn(), 5_000);                           // 5 s pass at once
 *     client.received                                                   // what the worker sent
 *
 * Calls read and write the very structs that the real kernel gets (mmsghdr, iovec, epoll_event, cmsghdr, sockaddr), in
 * memory that {@link FakeLibc.mapMemory} gave. Time stands still until epoll_wait has nothing to tell: then the clock moves
 * by the time-out. `inject` makes a call fail. Descriptors are the lowest free numbers, as the real ones: a stale one hits
 * another's socket here, too.
 */
import { Arena } from '../../image/kernel/arena';
import type { Clock } from '../../image/kernel/clock';
import { EADDRINUSE, EAFNOSUPPORT, EAGAIN, EINPROGRESS, ENOTSOCK } from '../../image/kernel/errno';
import {
  epollLayout,
  IOV_BASE,
  IOV_LEN,
  MMSGHDR_BYTES,
  MSG_CONTROL,
  MSG_CONTROLLEN,
  MSG_IOV,
  MSG_LEN,
  MSG_NAME,
  MSG_NAMELEN,
} from '../../image/kernel/layout';
import {
  AF_INET,
  AF_INET6,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLLERR,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  type Libc,
  SO_ERROR,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_NONBLOCK,
  SOL_SOCKET,
} from '../../image/kernel/libc';
import { isWildcard, Sockets } from '../../image/kernel/socket';
import { FakeMemory, pointer } from './fake-memory';
import { type Descriptor, type Endpoint, FakeNetwork, FakeSocket, TcpSocket, UdpSocket } from './fake-network';

const EBADF = 9;
const EEXIST = 17;
const ENOENT = 2;
const EDESTADDRREQ = 89;
const ENOTCONN = 107;
const PAGE_BYTES = 4096;

/** A clock that moves when told. */
export class VirtualClock implements Clock {
  private nowMs: number;
  /** Sleeping never brings it beyond this. */
  limitMs = Number.POSITIVE_INFINITY;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  now(): number {
    return this.nowMs;
  }

  /** Move on, at most to {@link limitMs}. */
  pass(ms: number): void {
    this.nowMs = Math.max(this.nowMs, Math.min(this.nowMs + ms, this.limitMs));
  }
}

/** What a test may want otherwise. */
export interface FakeLibcOptions {
  /** Where the clock stands at first. @default 1000000: a node that is up for a while */
  readonly nowMs?: number;
  /** Address that sockets get which are not bound, by family. @default 10.0.0.1 and fd00::1 */
  readonly hostAddress?: { readonly ipv4: string; readonly ipv6: string };
  /** Is there IPv6? @default true */
  readonly hasIpv6?: boolean;
}

/** Descriptors without an address: a counter, or one of a pair. */
interface Plain extends Descriptor {
  counter: number;
  readonly queue: Buffer[];
  other: Plain | undefined;
}

interface Watched {
  interest: number;
  tokenLow: number;
}

class Epoll implements Descriptor {
  readonly watched = new Map<number, Watched>();
  /** Where the next look begins: nobody starves. */
  turn = 0;

  readiness(): number {
    return 0;
  }

  close(): void {
    this.watched.clear();
  }
}

type Calls = Exclude<keyof Libc, 'mapMemory' | 'viewMemory' | 'discardMemory'>;

export class FakeLibc extends FakeMemory implements Libc {
  readonly clock: VirtualClock;
  readonly network = new FakeNetwork();
  private readonly hostAddress: { readonly ipv4: string; readonly ipv6: string };
  private readonly hasIpv6: boolean;
  private readonly descriptors: (Descriptor | undefined)[] = [undefined, undefined, undefined];
  private readonly injected = new Map<Calls, number[]>();
  private opener: Sockets | undefined;

  constructor(options: FakeLibcOptions = {}) {
    super();
    this.clock = new VirtualClock(options.nowMs ?? 1_000_000);
    this.hostAddress = options.hostAddress ?? { ipv4: '10.0.0.1', ipv6: 'fd00::1' };
    this.hasIpv6 = options.hasIpv6 ?? true;
  }

  /** The next `times` calls of this name do nothing and give `result`. */
  inject(call: Calls, result: number, times = 1): void {
    const results = this.injected.get(call) ?? [];
    for (let time = 0; time < times; time++) results.push(result);
    this.injected.set(call, results);
  }

  /** A bound UDP socket, opened as main does. */
  listenUdp(address: string, port: number): number {
    return this.sockets().listenUdp(address, port);
  }

  /** A listening TCP socket, opened as main does. */
  listenTcp(address: string, port: number): number {
    return this.sockets().listenTcp(address, port);
  }

  private sockets(): Sockets {
    if (this.opener === undefined) {
      const address = this.mapMemory(PAGE_BYTES);
      this.opener = new Sockets(this, new Arena(address, this.viewMemory(address, PAGE_BYTES)));
    }
    return this.opener;
  }

  /** Wake who waits for an eventfd. */
  wake(fd: number): void {
    (this.descriptors[fd] as Plain).counter++;
  }

  /** Descriptors that are open. */
  get openCount(): number {
    return this.descriptors.filter((descriptor) => descriptor !== undefined).length;
  }

  /** Turn the loop until `ms` have passed and nothing is left to tell. */
  run(turn: () => void, ms: number): void {
    this.clock.limitMs = this.clock.now() + ms;
    do turn();
    while (this.clock.now() < this.clock.limitMs || this.isBusy());
  }

  private isBusy(): boolean {
    return this.descriptors.some((epoll) => epoll instanceof Epoll && this.ready(epoll).length > 0);
  }

  private add(descriptor: Descriptor): number {
    let fd = this.descriptors.indexOf(undefined, 3);
    if (fd < 0) fd = this.descriptors.length;
    this.descriptors[fd] = descriptor;
    return fd;
  }

  private failure(call: Calls): number | undefined {
    return this.injected.get(call)?.shift();
  }

  /** The socket a call is about, or how the call fails. */
  private socketFor(call: Calls, fd: number): FakeSocket | number {
    const failure = this.failure(call);
    if (failure !== undefined) return failure;
    const descriptor = this.descriptors[fd];
    if (descriptor === undefined) return -EBADF;
    return descriptor instanceof FakeSocket ? descriptor : -ENOTSOCK;
  }

  private anyAddress(family: number, isLike: string): string {
    return family === AF_INET || !isLike.includes(':') ? this.hostAddress.ipv4 : this.hostAddress.ipv6;
  }

  socket(domain: number, type: number, _protocol: number): number {
    const failure = this.failure('socket');
    if (failure !== undefined) return failure;
    if (domain === AF_INET6 && !this.hasIpv6) return -EAFNOSUPPORT;
    const isUdp = (type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) === SOCK_DGRAM;
    return this.add(isUdp ? new UdpSocket(domain, this.network) : new TcpSocket(domain, this.network));
  }

  socketpair(_domain: number, _type: number, _protocol: number, fdsAddress: number): number {
    const failure = this.failure('socketpair');
    if (failure !== undefined) return failure;
    const [left, right] = [plain(), plain()];
    left.other = right;
    right.other = left;
    const fds = this.view(fdsAddress, 8);
    fds.setInt32(0, this.add(left), true);
    fds.setInt32(4, this.add(right), true);
    return 0;
  }

  alarm(_seconds: number): number {
    return 0;
  }

  eventfd(initial: number, _flags: number): number {
    const failure = this.failure('eventfd');
    if (failure !== undefined) return failure;
    const counter = plain();
    counter.counter = initial;
    return this.add(counter);
  }

  bind(fd: number, address: number, addressBytes: number): number {
    const socket = this.socketFor('bind', fd);
    if (typeof socket === 'number') return socket;
    const { address: text, port } = this.endpointAt(address, addressBytes);
    socket.local = { address: text, port: port || this.network.ephemeralPort() };
    return 0;
  }

  listen(fd: number, _backlog: number): number {
    const socket = this.socketFor('listen', fd);
    if (typeof socket === 'number') return socket;
    if (!(socket instanceof TcpSocket)) return -EADDRINUSE;
    socket.backlog = [];
    this.network.listeners.add(socket);
    return 0;
  }

  connect(fd: number, address: number, addressBytes: number): number {
    const socket = this.socketFor('connect', fd);
    if (typeof socket === 'number') return socket;
    const to = this.endpointAt(address, addressBytes);
    const from = socket.local ?? {
      address: this.anyAddress(socket.family, to.address),
      port: this.network.ephemeralPort(),
    };
    if (socket instanceof TcpSocket) {
      socket.connect(from, to);
      return -EINPROGRESS;
    }
    socket.local = from;
    socket.remote = to;
    return 0;
  }

  accept4(fd: number, address: number, addressBytesAddress: number, _flags: number): number {
    const socket = this.socketFor('accept4', fd);
    if (typeof socket === 'number') return socket;
    const end = socket instanceof TcpSocket ? socket.backlog?.shift() : undefined;
    if (end === undefined) return -EAGAIN;
    const accepted = new TcpSocket(socket.family, this.network);
    accepted.end = end;
    accepted.local = end.local;
    accepted.remote = end.remote;
    if (address !== 0) this.writeEndpoint(socket.family, end.remote, address, this.view(addressBytesAddress, 4), 0);
    return this.add(accepted);
  }

  getsockname(fd: number, address: number, addressBytesAddress: number): number {
    const socket = this.socketFor('getsockname', fd);
    if (typeof socket === 'number') return socket;
    const local = socket.local ?? { address: socket.family === AF_INET ? '0.0.0.0' : '::', port: 0 };
    this.writeEndpoint(socket.family, local, address, this.view(addressBytesAddress, 4), 0);
    return 0;
  }

  setsockopt(fd: number, level: number, option: number, value: number, valueBytes: number): number {
    const socket = this.socketFor('setsockopt', fd);
    if (typeof socket === 'number') return socket;
    socket.options.set(`${level} ${option}`, this.view(value, valueBytes).getInt32(0, true));
    return 0;
  }

  getsockopt(fd: number, level: number, option: number, value: number, _valueBytesAddress: number): number {
    const socket = this.socketFor('getsockopt', fd);
    if (typeof socket === 'number') return socket;
    const isError = level === SOL_SOCKET && option === SO_ERROR;
    const got = isError ? -socket.takeError() : (socket.options.get(`${level} ${option}`) ?? 0);
    this.view(value, 4).setInt32(0, got, true);
    return 0;
  }

  recvmmsg(fd: number, vector: number, count: number, _flags: number, _timeout: number): number {
    const failure = this.failure('recvmmsg');
    if (failure !== undefined) return failure;
    const descriptor = this.descriptors[fd];
    if (descriptor === undefined) return -EBADF;
    if (descriptor instanceof UdpSocket && descriptor.error > 0) return descriptor.takeError();
    let received = 0;
    for (; received < count; received++) {
      const header = this.view(vector + received * MMSGHDR_BYTES, MMSGHDR_BYTES);
      const isTaken =
        descriptor instanceof UdpSocket ? this.takeDatagram(descriptor, header) : this.takePlain(fd, header);
      if (!isTaken) break;
    }
    return received > 0 ? received : -EAGAIN;
  }

  private takePlain(fd: number, header: DataView): boolean {
    const bytes = (this.descriptors[fd] as Plain).queue?.shift();
    if (bytes === undefined) return false;
    this.fillMessage(header, bytes);
    header.setUint32(MSG_NAMELEN, 0, true);
    header.setUint32(MSG_CONTROLLEN, 0, true);
    return true;
  }

  private takeDatagram(socket: UdpSocket, header: DataView): boolean {
    const datagram = socket.queue.shift();
    if (datagram === undefined) return false;
    this.fillMessage(header, datagram.bytes);
    this.writeEndpoint(socket.family, datagram.from, pointer(header, MSG_NAME), header, MSG_NAMELEN);
    header.setUint32(
      MSG_CONTROLLEN,
      this.writeControl(socket, datagram.to.address, pointer(header, MSG_CONTROL)),
      true,
    );
    return true;
  }

  sendmmsg(fd: number, vector: number, count: number, _flags: number): number {
    const descriptor = this.descriptors[fd];
    if (descriptor === undefined) return -EBADF;
    for (let sent = 0; sent < count; sent++) {
      const failure = this.failure('sendmmsg'); // Of one datagram: those in front of it have left.
      if (failure !== undefined) {
        if (sent === 0) return failure;
        this.injected.get('sendmmsg')!.unshift(failure);
        return sent;
      }
      const header = this.view(vector + sent * MMSGHDR_BYTES, MMSGHDR_BYTES);
      const iovec = this.view(pointer(header, MSG_IOV), 16);
      const bytes = Buffer.from(this.bytesAt(pointer(iovec, IOV_BASE), iovec.getUint32(IOV_LEN, true)));
      if (!(descriptor instanceof UdpSocket)) (descriptor as Plain).other!.queue.push(bytes);
      else {
        const to = this.endpointAt(pointer(header, MSG_NAME), header.getUint32(MSG_NAMELEN, true));
        descriptor.send(this.sourceOf(descriptor, this.ownEndpoint(descriptor, to), header), to, bytes);
      }
      header.setUint32(MSG_LEN, bytes.length, true);
    }
    return count;
  }

  /** Where a socket sends from when nothing says otherwise. */
  private ownEndpoint({ local, family }: UdpSocket, to: Endpoint): Endpoint {
    if (local !== undefined && !isWildcard(local.address)) return local;
    return { address: this.anyAddress(family, to.address), port: local?.port ?? this.network.ephemeralPort() };
  }

  recv(fd: number, buffer: number, bytes: number, _flags: number): number {
    const socket = this.socketFor('recv', fd);
    if (typeof socket === 'number') return socket;
    let got: Buffer | number | undefined;
    if (socket instanceof TcpSocket) got = socket.receive(bytes);
    else if (socket.error > 0) got = socket.takeError();
    else got = (socket as UdpSocket).queue.shift()?.bytes;
    if (typeof got === 'number' || got === undefined) return got ?? -EAGAIN;
    const kept = got.subarray(0, bytes);
    this.bytesAt(buffer, kept.length).set(kept);
    return kept.length;
  }

  send(fd: number, buffer: number, bytes: number, _flags: number): number {
    const socket = this.socketFor('send', fd);
    if (typeof socket === 'number') return socket;
    const data = Buffer.from(this.bytesAt(buffer, bytes));
    if (socket instanceof TcpSocket) {
      if (socket.remote === undefined) return -ENOTCONN;
      return socket.send(data) ?? -EAGAIN;
    }
    if (socket.error > 0) return socket.takeError();
    if (socket.remote === undefined || socket.local === undefined) return -EDESTADDRREQ;
    (socket as UdpSocket).send(socket.local, socket.remote, data);
    return bytes;
  }

  read(fd: number, buffer: number, bytes: number): number {
    const failure = this.failure('read');
    const descriptor = this.descriptors[fd] as Plain | undefined;
    if (failure !== undefined || descriptor === undefined) return failure ?? -EBADF;
    if (descriptor instanceof FakeSocket) return this.recv(fd, buffer, bytes, 0);
    if (descriptor.counter === 0) return -EAGAIN;
    this.view(buffer, 8).setBigUint64(0, BigInt(descriptor.counter), true);
    descriptor.counter = 0;
    return 8;
  }

  write(fd: number, buffer: number, bytes: number): number {
    const failure = this.failure('write');
    const descriptor = this.descriptors[fd] as Plain | undefined;
    if (failure !== undefined || descriptor === undefined) return failure ?? -EBADF;
    if (descriptor instanceof FakeSocket) return this.send(fd, buffer, bytes, 0);
    descriptor.counter += Number(this.view(buffer, 8).getBigUint64(0, true));
    return 8;
  }

  shutdown(fd: number, _how: number): number {
    const socket = this.socketFor('shutdown', fd);
    if (typeof socket === 'number') return socket;
    if (!(socket instanceof TcpSocket) || socket.end === undefined) return -ENOTCONN;
    socket.end.end();
    return 0;
  }

  close(fd: number): number {
    const descriptor = this.descriptors[fd];
    if (descriptor === undefined) return -EBADF;
    this.descriptors[fd] = undefined;
    for (const epoll of this.descriptors) if (epoll instanceof Epoll) epoll.watched.delete(fd);
    descriptor.close();
    return 0;
  }

  epoll_create1(_flags: number): number {
    return this.failure('epoll_create1') ?? this.add(new Epoll());
  }

  epoll_ctl(epollFd: number, operation: number, fd: number, event: number): number {
    const failure = this.failure('epoll_ctl');
    const epoll = this.descriptors[epollFd];
    if (failure !== undefined) return failure;
    if (!(epoll instanceof Epoll) || this.descriptors[fd] === undefined) return -EBADF;
    const isWatched = epoll.watched.has(fd);
    if (isWatched === (operation === EPOLL_CTL_ADD)) return isWatched ? -EEXIST : -ENOENT;
    if (operation === EPOLL_CTL_DEL) {
      epoll.watched.delete(fd);
      return 0;
    }
    const { eventBytes, dataOffset } = epollLayout();
    const view = this.view(event, eventBytes);
    epoll.watched.set(fd, { interest: view.getUint32(0, true), tokenLow: view.getUint32(dataOffset, true) });
    return 0;
  }

  /** What would be told now, each with its events. */
  private ready(epoll: Epoll): { watched: Watched; events: number }[] {
    const all: { watched: Watched; events: number }[] = [];
    for (const [fd, watched] of epoll.watched) {
      const events = this.descriptors[fd]!.readiness() & (watched.interest | EPOLLERR | EPOLLHUP);
      if (events !== 0) all.push({ watched, events });
    }
    return all;
  }

  epoll_wait(epollFd: number, events: number, count: number, timeoutMs: number): number {
    const failure = this.failure('epoll_wait');
    const epoll = this.descriptors[epollFd];
    if (failure !== undefined || !(epoll instanceof Epoll)) return failure ?? -EBADF;
    const ready = this.ready(epoll);
    if (ready.length === 0) this.clock.pass(timeoutMs < 0 ? Number.POSITIVE_INFINITY : timeoutMs);
    if (this.clock.now() === Number.POSITIVE_INFINITY)
      throw new Error('nothing will ever happen: the loop sleeps for good');
    const first = ready.length === 0 ? 0 : epoll.turn++ % ready.length;
    const told = Math.min(count, ready.length);
    const { eventBytes, dataOffset } = epollLayout();
    for (let index = 0; index < told; index++) {
      const { watched, events: happened } = ready[(first + index) % ready.length];
      const view = this.view(events + index * eventBytes, eventBytes);
      view.setUint32(0, happened, true);
      view.setUint32(dataOffset, watched.tokenLow, true);
    }
    return told;
  }
}

/** A counter, or one of a pair. */
function plain(): Plain {
  const made: Plain = {
    counter: 0,
    queue: [],
    other: undefined,
    readiness: () => EPOLLOUT | (made.counter > 0 || made.queue.length > 0 ? EPOLLIN : 0),
    close: () => undefined,
  };
  return made;
}
