/** Runs in the namespace of a client: asks, and notes when answers came and from whom. */
import dgram from 'node:dgram';
import net from 'node:net';
import { answerCalls } from '../support/calls';
import { CACHE_TTL_SECONDS } from './addresses';
import { INTERVAL_MS, type Notes, PATIENCE_MS, type Stream, uptimeMs } from './streams';

const NAME = Buffer.from('\x03who\x07default\x03svc\x07cluster\x05local\x00', 'latin1');
const QUESTION = Buffer.concat([Buffer.from('000001000001000000000000', 'hex'), NAME, Buffer.from('00010001', 'hex')]);
/** Of the first record, type and class stand between its name and its TTL; the name is a pointer, or whole. */
const [POINTER_BYTES, TYPE_CLASS_BYTES] = [2, 4];
/** A client that the machine kept from asking for so long goes on from now. */
const BEHIND_MS = 50;

function writer(message: Buffer): string {
  const isPointer = (message[QUESTION.length] & 0xc0) === 0xc0;
  const ttlOffset = QUESTION.length + (isPointer ? POINTER_BYTES : NAME.length) + TYPE_CLASS_BYTES;
  if ((message[3] & 0x0f) !== 0 || message.length < ttlOffset + 4) return 'f';
  return message.readUInt32BE(ttlOffset) <= CACHE_TTL_SECONDS ? 'c' : 's';
}

/** Ways to carry one question; `told` is called with each message that comes. */
interface Carrier {
  send(id: number, message: Buffer): void;
  /** The question is over: no answer is awaited. */
  over(id: number, isAnswered: boolean): void;
  close(): void;
}

type Told = (message: Buffer) => void;

/** A UDP socket per question. */
function freshUdp(address: string, told: Told): Carrier {
  const open = new Map<number, dgram.Socket>();
  const over = (id: number): void => {
    open.get(id)?.close();
    open.delete(id);
  };
  return {
    send(id, message) {
      const socket = dgram.createSocket(net.isIPv6(address) ? 'udp6' : 'udp4');
      socket.on('error', () => undefined); // Refused: no answer, and patience ends it.
      socket.on('message', told);
      socket.connect(53, address, () => open.has(id) && socket.send(message));
      open.set(id, socket);
    },
    over,
    close: () => [...open.keys()].forEach(over),
  };
}

/** One UDP socket for all questions. */
function keptUdp(address: string, told: Told): Carrier {
  const socket = dgram.createSocket(net.isIPv6(address) ? 'udp6' : 'udp4');
  let isConnected = false;
  socket.on('error', () => undefined);
  socket.on('message', told);
  socket.connect(53, address, () => {
    isConnected = true;
  });
  return {
    send: (_id, message) => isConnected && socket.send(message),
    over: () => undefined,
    close: () => socket.close(),
  };
}

function framed(message: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0, message.length]), message]);
}

function connectTcp(address: string, told: Told): net.Socket {
  const socket = net.connect({ host: address, port: 53, noDelay: true });
  let left = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    left = Buffer.concat([left, bytes]);
    while (left.length >= 2 && left.length >= 2 + left.readUInt16BE(0)) {
      const end = 2 + left.readUInt16BE(0);
      told(left.subarray(2, end));
      left = left.subarray(end);
    }
  });
  socket.on('error', () => undefined);
  return socket;
}

/** A connection per question. */
function freshTcp(address: string, told: Told): Carrier {
  const open = new Map<number, net.Socket>();
  const over = (id: number): void => {
    open.get(id)?.destroy();
    open.delete(id);
  };
  return {
    send(id, message) {
      const socket = connectTcp(address, told);
      socket.write(framed(message));
      open.set(id, socket);
    },
    over,
    close: () => [...open.keys()].forEach(over),
  };
}

/** One connection for all questions; a new one when it broke, or when an answer stayed out. */
function keptTcp(address: string, told: Told): Carrier {
  let socket = connectTcp(address, told);
  return {
    send(_id, message) {
      if (socket.destroyed || !socket.writable) socket = connectTcp(address, told);
      socket.write(framed(message));
    },
    over: (_id, isAnswered) => {
      if (!isAnswered) socket.destroy();
    },
    close: () => socket.destroy(),
  };
}

const CARRIERS = { udp: freshUdp, 'udp kept': keptUdp, tcp: freshTcp, 'tcp kept': keptTcp } as const;

/** Asks by its interval until it is stopped. */
class Asker {
  private readonly askedMs: number[] = [];
  private readonly answeredMs: number[] = [];
  private readonly by: string[] = [];
  private readonly carrier: Carrier;
  private readonly stream: Stream;
  /** Questions before this one are over. */
  private first = 0;
  private nextMs: number;
  private readonly intervalMs: number;

  constructor(stream: Stream, startMs: number, intervalMs: number) {
    this.stream = stream;
    this.intervalMs = intervalMs;
    this.nextMs = startMs;
    this.carrier = CARRIERS[stream.way](stream.address, (message) => this.answered(message));
  }

  tick(nowMs: number): void {
    while (this.first < this.by.length && this.askedMs[this.first] < nowMs - PATIENCE_MS) {
      if (this.by[this.first] === '-') this.carrier.over(this.first & 0xffff, false);
      this.first += 1;
    }
    if (nowMs < this.nextMs) return;
    this.nextMs = nowMs - this.nextMs > BEHIND_MS ? nowMs + this.intervalMs : this.nextMs + this.intervalMs;
    const id = this.by.length & 0xffff;
    this.askedMs.push(nowMs);
    this.answeredMs.push(0);
    this.by.push('-');
    const message = Buffer.from(QUESTION);
    message.writeUInt16BE(id);
    this.carrier.send(id, message);
  }

  private answered(message: Buffer): void {
    const behind = (this.by.length - message.readUInt16BE(0)) & 0xffff;
    const index = this.by.length - behind;
    const nowMs = uptimeMs();
    if (behind === 0 || index < this.first || this.by[index] !== '-' || nowMs - this.askedMs[index] > PATIENCE_MS)
      return;
    this.answeredMs[index] = nowMs;
    this.by[index] = writer(message);
    this.carrier.over(index & 0xffff, true);
  }

  /** Questions that may still be answered are left out. */
  end(): Notes {
    this.carrier.close();
    const { askedMs, answeredMs, by, stream } = this;
    const end = uptimeMs() - PATIENCE_MS;
    const count = askedMs.findIndex((asked) => asked > end);
    const some = <Item>(items: readonly Item[]): readonly Item[] => (count < 0 ? items : items.slice(0, count));
    return { stream, askedMs: some(askedMs), answeredMs: some(answeredMs), by: some(by).join('') };
  }
}

let askers: Asker[] = [];
let timer: NodeJS.Timeout | undefined;

/** Begin; the streams ask one after the other, not all at the same moment. */
function start(streams: readonly Stream[], intervalMs = INTERVAL_MS): void {
  const nowMs = uptimeMs();
  askers = streams.map((stream, index) => new Asker(stream, nowMs + (index * intervalMs) / streams.length, intervalMs));
  timer = setInterval(() => {
    for (const asker of askers) asker.tick(uptimeMs());
  }, 1);
}

async function stop(): Promise<readonly Notes[]> {
  await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  clearInterval(timer);
  return askers.map((asker) => asker.end());
}

answerCalls({ start, stop });
