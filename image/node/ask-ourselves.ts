/**
 * Asks an address of ours over UDP, from that address itself, by a new socket and port for each question, so that with
 * several processes on the address the kernel gives it now to one and now to the other. Not from 127.0.0.1: kubelets and
 * kube-proxies drop what goes to 127.0.0.0/8 from elsewhere. The question is a header alone with opcode STATUS
 * (RFC 1035 §4.1.1), which the worker answers with NOTIMP from its fastest path and counts nowhere.
 *
 * Plain system calls and a few looks instead of a socket of Node's: asked eight times a second for ever, on every node, the
 * latter took 1.2 % of a core, this 0.2 %.
 */
import { randomInt } from 'node:crypto';
import { type Arena, mapArena } from '../kernel/arena';
import { EACCES, EADDRINUSE, EADDRNOTAVAIL, EAGAIN, ECONNREFUSED, EPERM, errnoText } from '../kernel/errno';
import { type Libc, MSG_DONTWAIT, MSG_NOSIGNAL, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK } from '../kernel/libc';
import { familyOf, SOCKADDR_BYTES_MAX, writeSockaddr } from '../kernel/sockaddr';
import { HEADER_BYTES, KEEPER_PORT_FIRST, KEEPER_PORT_LAST, RENEWAL_PORT_FIRST, RENEWAL_PORT_LAST } from '../limits';
import { Opcode } from '../wire/codes';
import { FLAG_QR, OPCODE_MASK, OPCODE_SHIFT, setFlags, setId } from '../wire/header';
import type { AskOurselves, KeeperClock } from './keeper';
import type { QuestionKind } from './lease';

/** First and last port of each kind. */
const PORTS: Readonly<Record<QuestionKind, readonly [number, number]>> = {
  renewing: [RENEWAL_PORT_FIRST, RENEWAL_PORT_LAST],
  proving: [RENEWAL_PORT_LAST + 1, KEEPER_PORT_LAST],
};
/** Room for an answer: it is as long as the question, or not ours. */
const PACKET_BYTES = 64;
/** Milliseconds until the first look for the answer; each next one after twice as long. A worker takes some 0.1 ms. */
const FIRST_LOOK_MS = 2;

/** A STATUS question: twelve octets. */
export function writeStatusQuestion(bytes: Uint8Array, offset: number, id: number): void {
  bytes.fill(0, offset, offset + HEADER_BYTES);
  setId(bytes, offset, id);
  setFlags(bytes, offset, Opcode.STATUS << OPCODE_SHIFT);
}

/** Is it an answer to a {@link writeStatusQuestion}? Any rcode will do: what counts is who said it. */
export function isStatusAnswer(bytes: Uint8Array, offset: number, length: number, id: number): boolean {
  if (length < HEADER_BYTES || ((bytes[offset] << 8) | bytes[offset + 1]) !== id) return false;
  const flags = (bytes[offset + 2] << 8) | bytes[offset + 3];
  return (flags & FLAG_QR) !== 0 && (flags & OPCODE_MASK) >>> OPCODE_SHIFT === Opcode.STATUS;
}

/** Questions to one port of this machine. */
export class SelfQuestions {
  private readonly libc: Libc;
  private readonly clock: KeeperClock;
  private readonly arena: Arena;
  private readonly address: number;
  private readonly packet: number;
  private readonly dnsPort: number;

  /** @param dnsPort where the cache listens */
  constructor(libc: Libc, clock: KeeperClock, dnsPort: number) {
    this.libc = libc;
    this.clock = clock;
    this.dnsPort = dnsPort;
    this.arena = mapArena(libc, 4096);
    this.address = this.arena.allocate(SOCKADDR_BYTES_MAX);
    this.packet = this.arena.allocate(PACKET_BYTES);
  }

  /** For the keeper: '' when an answer came, else why none did. */
  readonly ask: AskOurselves = (address, kind, withinMs) => {
    const id = randomInt(0x10000);
    const fd = this.open(address, kind);
    if (fd < 0) return Promise.resolve(this.refusal(fd, address));
    const sent = this.send(fd, address, id);
    if (sent < 0) {
      this.libc.close(fd);
      return Promise.resolve(this.refusal(sent, address));
    }
    return new Promise((resolve) => this.lookAgain({ fd, id, address, withinMs, waitedMs: 0, resolve }, FIRST_LOOK_MS));
  };

  /** @returns a socket of the right port, or -errno; -EADDRINUSE when all ports of the range are taken */
  private open(address: string, kind: QuestionKind): number {
    const fd = this.libc.socket(familyOf(address), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return fd;
    const [first, last] = PORTS[kind];
    const count = last - first + 1;
    const start = randomInt(count);
    let result = 0;
    for (let index = 0; index < count; index++) {
      const bytes = writeSockaddr(this.arena, this.address, address, first + ((start + index) % count));
      result = this.libc.bind(fd, this.arena.address(this.address), bytes);
      if (result !== -EADDRINUSE) break; // Another instance asks from it, or another program listens there.
    }
    if (result === 0) return fd;
    this.libc.close(fd);
    return result;
  }

  private send(fd: number, address: string, id: number): number {
    const { arena, libc, packet } = this;
    const bytes = writeSockaddr(arena, this.address, address, this.dnsPort);
    const connected = libc.connect(fd, arena.address(this.address), bytes); // Packets of strangers are not heard.
    if (connected < 0) return connected;
    writeStatusQuestion(arena.u8, packet, id);
    return libc.send(fd, arena.address(packet), HEADER_BYTES, MSG_DONTWAIT | MSG_NOSIGNAL);
  }

  private lookAgain(waiting: Waiting, delayMs: number): void {
    this.clock.after(delayMs, () => this.look({ ...waiting, waitedMs: waiting.waitedMs + delayMs }, delayMs));
  }

  private look(waiting: Waiting, delayMs: number): void {
    const { fd, id, address, withinMs, waitedMs, resolve } = waiting;
    const outcome = this.receive(fd, id);
    if (outcome === -EAGAIN && waitedMs < withinMs) {
      this.lookAgain(waiting, Math.min(2 * delayMs, withinMs - waitedMs));
      return;
    }
    this.libc.close(fd);
    if (outcome === 0) resolve('');
    else resolve(outcome === -EAGAIN ? `no answer within ${withinMs} ms` : this.refusal(outcome, address));
  }

  /** @returns 0 for an answer, -EAGAIN when none is there (yet), or another -errno */
  private receive(fd: number, id: number): number {
    const { arena, libc, packet } = this;
    for (;;) {
      const length = libc.recv(fd, arena.address(packet), PACKET_BYTES, MSG_DONTWAIT);
      if (length < 0) return length;
      if (isStatusAnswer(arena.u8, packet, length, id)) return 0;
    }
  }

  /** What operators can do something with. */
  private refusal(result: number, address: string): string {
    if (result === -ECONNREFUSED) return `no socket listens there on port ${this.dnsPort}`;
    if (result === -EADDRINUSE) {
      return `too many UDP ports from ${KEEPER_PORT_FIRST} to ${KEEPER_PORT_LAST} on ${address} are in use`;
    }
    const text = errnoText(-result);
    if (result === -EPERM) {
      return `${text}: a firewall rule of the node drops UDP from ${address} to itself, port ${this.dnsPort}, on its way out`;
    }
    if (result === -EADDRNOTAVAIL) return `${text}: ${address} is on no interface of this node`;
    if (result === -EACCES) return `${text}: ports below 1024 need the capability NET_BIND_SERVICE`;
    return text;
  }
}

/** A question that has no answer yet. */
interface Waiting {
  readonly fd: number;
  readonly id: number;
  readonly address: string;
  readonly withinMs: number;
  readonly waitedMs: number;
  readonly resolve: (reason: string) => void;
}
