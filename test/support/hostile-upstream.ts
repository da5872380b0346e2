/**
 * An upstream that may not be trusted. The first label of the name says how it answers (`forged-17.example.`), so that the
 * one who asks knows what to expect. It listens on UDP and TCP.
 */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Type } from '../../image/wire/codes';
import { decodeMessage, encodeMessage, type Message, type ResourceRecord } from '../../image/wire/message';
import { nameToText } from '../../image/wire/name-text';
import type { Random } from '../fuzz/random';
import { hangUp } from '../fuzz/sockets-stream';
import { spoil } from '../fuzz/wire';
import { opt, RECORD_LINES, record } from '../fuzz/wire-seeds';
import type { MadeCertificate } from './certificate';

/** How it answers, and what the one who asked must get in the end. */
export const MOODS = {
  /** The right answer. */
  right: 'the answer',
  /** Packets that are not the answer, then the right one. */
  forged: 'the answer',
  /** The right answer octet by octet over TCP. */
  split: 'the answer',
  /** The right answer, but not at once: others overtake it. */
  slow: 'the answer',
  /** A matching answer with any records, spoiled behind the question. */
  spoiled: 'anything',
  /** A matching answer that is cut, with or without TC. */
  cut: 'anything',
  /** A matching answer as long as a datagram or a frame can be, whatever the client takes. */
  oversized: 'anything',
  /** A frame that says a wrong length, or half a frame and the end of the connection. */
  torn: 'anything',
  /** Packets that are not the answer, and no other. */
  noise: 'SERVFAIL',
  /** Nothing. */
  silent: 'SERVFAIL',
} as const;

/** A key of {@link MOODS}. */
export type Mood = keyof typeof MOODS;

const RECORDS = RECORD_LINES.map(record);
const BYTES_MAX = 65535;
/** What an IPv4 datagram carries. */
const DATAGRAM_BYTES_MAX = 65507;
/** Well below what an upstream has for an answer. */
const SLOW_MS_MAX = 900;
const FLAGS = 0x8180; // QR, RD, RA.
const RECENT_MAX = 1024;

/** Records of the right answer: as many as the name's octets say, 1 to 40, so that some are too long for UDP. */
export function rightAnswer(name: Uint8Array): ResourceRecord[] {
  let sum = 0;
  for (const octet of name) sum = (sum * 31 + (octet | 0x20)) & 0xffff;
  const count = sum % 8 === 0 ? 1 + (sum % 40) : 1;
  return Array.from({ length: count }, (_, index) => {
    return { name, type: Type.A, class: 1, ttl: 60, data: Uint8Array.of(192, 0, 2 + index, sum) };
  });
}

export class HostileUpstream {
  /** Questions that came. */
  asked = 0;
  /** The last packets it sent, by the name that was asked for, to explain a failure. */
  readonly recent = new Map<string, string>();
  /** Answers by name that go out as they are, whatever the mood. */
  readonly script = new Map<string, ResourceRecord[]>();
  private readonly random: Random;
  /** It ends a TCP connection after its first answer. */
  private readonly isBrief: boolean;
  private readonly udp: UdpSocket = createSocket('udp4');
  private readonly tcp: Server;
  private readonly connections = new Set<Socket>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly out = new Uint8Array(BYTES_MAX + 16);

  /** @param certificate it speaks TLS with, instead of plain TCP */
  constructor(random: Random, isBrief = false, certificate?: MadeCertificate) {
    this.random = random;
    this.isBrief = isBrief;
    this.udp.on('message', (bytes, peer) => this.takeDatagram(bytes, peer));
    if (certificate === undefined) {
      this.tcp = createServer({ noDelay: true }, (socket) => this.takeConnection(socket));
      return;
    }
    const { certificate: cert, key } = certificate;
    this.tcp = createTlsServer({ cert, key, noDelay: true }, (socket) => this.takeConnection(socket));
    this.tcp.on('tlsClientError', () => undefined);
  }

  /** Listen on 127.0.0.1. @throws Error when the port is taken */
  async start(port: number): Promise<void> {
    this.udp.bind(port, '127.0.0.1');
    await once(this.udp, 'listening');
    this.tcp.listen(port, '127.0.0.1');
    await once(this.tcp, 'listening');
  }

  /** Close all sockets. */
  async close(): Promise<void> {
    for (const timer of this.timers) clearTimeout(timer);
    for (const socket of this.connections) socket.destroy();
    await new Promise<void>((resolve) => this.udp.close(() => resolve()));
    await new Promise((resolve) => this.tcp.close(resolve));
  }

  private takeDatagram(bytes: Buffer, { port, address }: RemoteInfo): void {
    const query = decodeMessage(bytes, 0, bytes.length);
    if (query?.question === undefined) return;
    const mood = moodOf(query);
    this.inTime(mood, () => {
      for (const packet of this.answers(query, mood, false)) this.udp.send(packet, port, address);
    });
  }

  private takeConnection(socket: Socket): void {
    this.connections.add(socket);
    socket.on('error', () => undefined); // The other end may leave when it likes.
    socket.on('close', () => this.connections.delete(socket));
    let waiting = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      waiting = Buffer.concat([waiting, bytes]);
      while (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE(0)) {
        const end = 2 + waiting.readUInt16BE(0);
        this.takeFrame(socket, waiting.subarray(2, end));
        waiting = waiting.subarray(end);
      }
    });
  }

  private takeFrame(socket: Socket, bytes: Buffer): void {
    const query = decodeMessage(bytes, 0, bytes.length);
    if (query?.question === undefined) return;
    const mood = moodOf(query);
    this.inTime(mood, () => {
      for (const packet of this.answers(query, mood, true)) this.sendFrame(socket, packet, mood);
      if (this.isBrief && !socket.writableEnded) socket.end();
    });
  }

  /** At once, or when a slow one would. */
  private inTime(mood: Mood, answer: () => void): void {
    if (mood !== 'slow') {
      answer();
      return;
    }
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      answer();
    }, this.random.below(SLOW_MS_MAX));
    this.timers.add(timer);
  }

  private sendFrame(socket: Socket, packet: Buffer, mood: Mood): void {
    if (socket.destroyed || socket.writableEnded) return;
    const prefix = Buffer.alloc(2);
    const lie = mood === 'torn' && this.random.below(2) === 0;
    prefix.writeUInt16BE(lie ? this.random.below(65536) : packet.length);
    const frame = Buffer.concat([prefix, packet]);
    if (mood === 'split') for (const octet of frame) socket.write(Uint8Array.of(octet));
    else if (mood === 'torn' && !lie) socket.write(frame.subarray(0, this.random.below(frame.length)), () => tear());
    else socket.write(frame);
    const tear = (): void => void (this.random.below(2) === 0 ? hangUp(socket) : socket.end());
  }

  private answers(query: Message, mood: Mood, overTcp: boolean): Buffer[] {
    this.asked++;
    const packets = this.compose(query, mood, overTcp);
    const name = nameToText(query.question!.name, 0).toLowerCase();
    this.recent.set(name, packets.map((packet) => packet.toString('hex')).join(' '));
    if (this.recent.size > RECENT_MAX) this.recent.delete(this.recent.keys().next().value!);
    return packets;
  }

  private compose(query: Message, mood: Mood, overTcp: boolean): Buffer[] {
    const { random } = this;
    const scripted = this.script.get(nameToText(query.question!.name, 0));
    if (scripted !== undefined) return [this.encode({ ...reply(query), answer: scripted })];
    const right = this.encode({ ...reply(query), answer: rightAnswer(query.question!.name) });
    switch (mood) {
      case 'silent':
        return [];
      case 'noise':
        return this.forgeries(query, right, overTcp);
      case 'forged':
        return [...this.forgeries(query, right, overTcp), right];
      case 'spoiled':
        return [this.spoiled(query)];
      case 'cut': {
        const whole = this.encode(this.anyRecords(query));
        if (random.below(2) === 0) whole[2] |= 0x02; // TC
        return [whole.subarray(0, random.below(whole.length + 1))];
      }
      case 'oversized':
        return [this.oversized(query, overTcp)];
      default:
        return [right];
    }
  }

  private oversized(query: Message, overTcp: boolean): Buffer {
    const bytesMax = overTcp ? BYTES_MAX : DATAGRAM_BYTES_MAX;
    const [one] = rightAnswer(query.question!.name);
    const count = Math.floor((bytesMax - 12 - query.question!.name.length - 4) / 16);
    return this.encode({ ...reply(query), answer: Array.from({ length: count }, () => one) });
  }

  /** Packets that must not be taken for the answer. Over TCP all of these are whole messages. */
  private forgeries(query: Message, right: Buffer, overTcp: boolean): Buffer[] {
    return Array.from({ length: 1 + this.random.below(4) }, () => this.forgery(query, right, overTcp));
  }

  private forgery(query: Message, right: Buffer, overTcp: boolean): Buffer {
    const { random } = this;
    const forged = Buffer.from(right);
    const kind = random.below(overTcp ? 8 : 9);
    switch (overTcp && kind === 7 ? 8 : kind) {
      case 0: // Another id.
        forged[random.below(2)] ^= 1 + random.below(255);
        return forged;
      case 1: // A question.
        forged[2] &= 0x7f;
        return forged;
      case 2: // Another opcode.
        forged[2] ^= 0x08 << random.below(4);
        return forged;
      case 3: // Another name: a letter of its first label. In every name there is one.
        forged[13] ^= 0x01;
        return forged;
      case 4: {
        // Another type or class.
        const tail = 12 + query.question!.name.length;
        forged[tail + random.below(4)] ^= 1 + random.below(255);
        return forged;
      }
      case 5: // Not one question.
        forged[5] = 2 + random.below(254);
        return forged;
      case 6: // Too short for a message.
        return forged.subarray(0, random.below(12));
      case 7: // The right head, a record cut short: over UDP a reason to wait, over TCP the end of the exchange.
        return forged.subarray(0, forged.length - 1 - random.below(4));
      default: // Noise.
        for (let index = 0; index < forged.length; index++) forged[index] = random.below(256);
        forged[2] &= 0x7f;
        return forged;
    }
  }

  private spoiled(query: Message): Buffer {
    const { random } = this;
    const bytes = Buffer.alloc(BYTES_MAX + 16);
    let length = this.encode(this.anyRecords(query)).copy(bytes);
    const kept = Buffer.from(bytes.subarray(0, 12 + query.question!.name.length + 4));
    for (let times = random.below(5); times > 0; times--) length = spoil(bytes, length, random);
    if (random.below(16) !== 0) {
      // Else nearly all would be refused for the id or the question. Flags but QR and counts stay as spoiled.
      for (const index of [0, 1, 4, 5]) bytes[index] = kept[index];
      bytes[2] = (bytes[2] & 0x02) | (kept[2] & ~0x02);
      kept.copy(bytes, 12, 12);
    }
    return bytes.subarray(0, Math.max(length, 12));
  }

  /** An answer with records of all types in all sections. */
  private anyRecords(query: Message): Message {
    const { random } = this;
    const some = (): ResourceRecord[] => Array.from({ length: random.below(5) }, () => this.anyRecord(query));
    const options = random.below(2) === 0 ? [] : [opt(random.below(65536), random.below(2) * 0x8000, '000300026162')];
    const rcode = random.below(4) === 0 ? random.below(16) : 0;
    const answer = random.below(16) === 0 ? Array.from({ length: 500 }, () => this.anyRecord(query)) : some();
    return { ...reply(query), flags: FLAGS | rcode, answer, authority: some(), additional: [...some(), ...options] };
  }

  private anyRecord(query: Message): ResourceRecord {
    const one = RECORDS[this.random.below(RECORDS.length)];
    const ttl = this.random.below(4) === 0 ? this.random.next() : one.ttl;
    return this.random.below(2) === 0 ? { ...one, ttl } : { ...one, ttl, name: query.question!.name };
  }

  private encode(message: Message): Buffer {
    const length = encodeMessage(message, this.out, 0, BYTES_MAX);
    if (length === 0) throw new Error('an answer of ours does not fit'); // A mistake here, not in what is tested.
    return Buffer.from(this.out.subarray(0, length));
  }
}

function reply({ id, question }: Message): Message {
  return { id, flags: FLAGS, question, answer: [], authority: [], additional: [] };
}

function moodOf({ question }: Message): Mood {
  const { name } = question!;
  const label = Buffer.from(name.subarray(1, 1 + name[0])).toString('latin1');
  const mood = label.split('-')[0].toLowerCase();
  return Object.hasOwn(MOODS, mood) ? (mood as Mood) : 'right'; // Health probes ask for the root.
}
