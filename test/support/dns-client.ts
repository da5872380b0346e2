/** A tiny DNS client for tests on machines without dig: one question over UDP or TCP, the answer as text. */
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { MESSAGE_BYTES_MAX } from '../../image/limits';
import { Class, rcodeText, typeByName, typeText } from '../../image/wire/codes';
import { FLAG_AA, FLAG_RA, FLAG_RD, FLAG_TC, RCODE_MASK } from '../../image/wire/header';
import { decodeMessage, encodeMessage, type Message, type ResourceRecord } from '../../image/wire/message';
import { nameToText, textToName } from '../../image/wire/name';
import { recordToText } from '../../image/wire/record-text';

const TYPE_OPT = 41;
const TIMEOUT_MS = 5_000;

/** What is asked, of whom. */
export interface Ask {
  readonly name: string;
  /** @default 'A' */
  readonly type?: string;
  readonly port: number;
  /** @default '127.0.0.1' */
  readonly address?: string;
  /** @default 'udp' */
  readonly over?: 'udp' | 'tcp';
  /** Size in an OPT record; none is sent without it. */
  readonly udpBytes?: number;
}

/** The answer as text, so that a test reads like dig's output. */
export interface Told {
  /** `NOERROR`, `NXDOMAIN`, … */
  readonly rcode: string;
  /** Of aa, tc, rd, ra those that are set. */
  readonly flags: string;
  /** `NAME TYPE`, the name's case as it came back. */
  readonly question: string;
  /** One line per record: `NAME TTL CLASS TYPE DATA` with single blanks; OPT is left out. */
  readonly answer: readonly string[];
  readonly authority: readonly string[];
  readonly additional: readonly string[];
  /** Size of the OPT record's buffer; 0 when the answer has none. */
  readonly udpBytes: number;
  /** Size of the whole message. */
  readonly messageBytes: number;
}

/** Ask once. @throws Error when no well-formed answer with our id comes within 5 s */
export async function ask(question: Ask): Promise<Told> {
  const id = 1 + Math.floor(Math.random() * 65535);
  const packet = encodeQuestion(question, id);
  const bytes = await (question.over === 'tcp' ? exchangeTcp(packet, question) : exchangeUdp(packet, question));
  const message = decodeMessage(bytes, 0, bytes.length);
  if (message === undefined) throw new Error(`malformed answer: ${Buffer.from(bytes).toString('hex')}`);
  if (message.id !== id) throw new Error(`answer has id ${message.id}, want ${id}`);
  return tell(message, bytes.length);
}

/** The question as a packet. */
export function encodeQuestion({ name, type = 'A', udpBytes }: Ask, id: number): Uint8Array {
  const wireName = textToName(name.endsWith('.') ? name : `${name}.`);
  const number = typeByName(type);
  if (wireName === undefined || number === undefined) throw new Error(`cannot ask for ${name} ${type}`);
  const opt: ResourceRecord = {
    name: new Uint8Array(1),
    type: TYPE_OPT,
    class: udpBytes ?? 0,
    ttl: 0,
    data: new Uint8Array(0),
  };
  const message: Message = {
    id,
    flags: FLAG_RD,
    question: { name: wireName, type: number, class: Class.IN },
    answer: [],
    authority: [],
    additional: udpBytes === undefined ? [] : [opt],
  };
  const out = new Uint8Array(512);
  return out.subarray(0, encodeMessage(message, out, 0, out.length));
}

function tell(message: Message, messageBytes: number): Told {
  const flags = [
    [FLAG_AA, 'aa'],
    [FLAG_TC, 'tc'],
    [FLAG_RD, 'rd'],
    [FLAG_RA, 'ra'],
  ] as const;
  const { question } = message;
  const lines = (records: readonly ResourceRecord[]): string[] =>
    records.filter(({ type }) => type !== TYPE_OPT).map((record) => recordToText(record).replace(/\s+/g, ' '));
  return {
    rcode: rcodeText(message.flags & RCODE_MASK),
    flags: flags.flatMap(([flag, name]) => (message.flags & flag ? [name] : [])).join(' '),
    question: question === undefined ? '' : `${nameToText(question.name, 0)} ${typeText(question.type)}`,
    answer: lines(message.answer),
    authority: lines(message.authority),
    additional: lines(message.additional),
    udpBytes: message.additional.find(({ type }) => type === TYPE_OPT)?.class ?? 0,
    messageBytes,
  };
}

function exchangeUdp(packet: Uint8Array, { address = '127.0.0.1', port }: Ask): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const timer = setTimeout(() => finish(new Error(`no answer from ${address}:${port} over UDP`)), TIMEOUT_MS);
    const finish = (result: Error | Uint8Array): void => {
      clearTimeout(timer);
      socket.close();
      if (result instanceof Error) reject(result);
      else resolve(result);
    };
    socket.on('error', finish);
    socket.on('message', finish);
    socket.connect(port, address, () => socket.send(packet));
  });
}

function exchangeTcp(packet: Uint8Array, { address = '127.0.0.1', port }: Ask): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, address);
    const timer = setTimeout(() => finish(new Error(`no answer from ${address}:${port} over TCP`)), TIMEOUT_MS);
    let received = Buffer.alloc(0);
    const finish = (result: Error | Uint8Array): void => {
      clearTimeout(timer);
      socket.destroy();
      if (result instanceof Error) reject(result);
      else resolve(result);
    };
    socket.on('error', finish);
    socket.on('end', () => finish(new Error(`connection ended after ${received.length} bytes`)));
    socket.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      if (received.length > 2 + MESSAGE_BYTES_MAX) return finish(new Error('more than one message'));
      if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        finish(received.subarray(2, 2 + received.readUInt16BE(0)));
      }
    });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(packet.length);
    socket.write(Buffer.concat([length, packet]));
  });
}
