/** Packets from words, and words from packets. */
import { Class, classByName, classText, rcodeText, Type, typeByName, typeText } from '../../image/wire/codes';
import {
  FLAG_AA,
  FLAG_AD,
  FLAG_CD,
  FLAG_QR,
  FLAG_RA,
  FLAG_RD,
  FLAG_TC,
  FLAG_Z,
  OPCODE_MASK,
  OPCODE_SHIFT,
  RCODE_MASK,
} from '../../image/wire/header';
import { decodeMessage, encodeMessage, type Message, type ResourceRecord } from '../../image/wire/message';
import { nameToText, textToName } from '../../image/wire/name-text';
import { recordToText } from '../../image/wire/record-text';
import { optOf, optWords } from './edns-words';

const FLAGS: readonly (readonly [string, number])[] = [
  ['aa', FLAG_AA],
  ['tc', FLAG_TC],
  ['rd', FLAG_RD],
  ['ra', FLAG_RA],
  ['z', FLAG_Z],
  ['ad', FLAG_AD],
  ['cd', FLAG_CD],
];

/** A question to ask. */
export interface Question {
  readonly packet: Uint8Array;
  readonly overTcp: boolean;
  readonly isIpv6: boolean;
  /** Which of the scenario's ports, from 1. */
  readonly port: number;
  /** How long to wait for an answer. */
  readonly waitMs: number;
}

const WAIT_MS = 9000;

/** A type by name or `TYPE123`. @throws Error when there is none */
export function typeOf(word: string): number {
  const type = typeByName(word) ?? (/^TYPE\d+$/.test(word) ? Number(word.slice(4)) : undefined);
  if (type === undefined) throw new Error(`no type: ${word}`);
  return type;
}

function flagOf(word: string): number {
  return FLAGS.find(([name]) => name === word)?.[1] ?? 0;
}

/** `NAME TYPE words…`: `www.example.test A tcp cd opt=1232 do`. RD is set unless `nord` stands there. */
export function questionOf(text: string, id: number): Question {
  const [name, type, ...words] = text.trim().split(/\s+/);
  const { opt, rest } = optOf(words);
  let flags = FLAG_RD;
  let questionClass: number = Class.IN;
  let port = 1;
  let waitMs = WAIT_MS;
  for (const word of rest) {
    const [key, value] = word.split('=');
    if (word === 'nord') flags &= ~FLAG_RD;
    else if (flagOf(word) !== 0) flags |= flagOf(word);
    else if (key === 'opcode') flags |= Number(value) << OPCODE_SHIFT;
    else if (key === 'class') questionClass = classByName(value)!;
    else if (key === 'port') port = Number(value);
    else if (key === 'within') waitMs = Number(value);
    else if (!['udp', 'tcp', 'ipv6'].includes(word)) throw new Error(`unknown word '${word}' in: ask ${text}`);
  }
  const wireName = textToName(name);
  if (wireName === undefined) throw new Error(`no name: ${name}`);
  const question = { name: wireName, type: typeOf(type), class: questionClass };
  const additional = opt === undefined ? [] : [opt];
  const packet = encode({ id, flags, question, answer: [], authority: [], additional });
  return { packet, overTcp: rest.includes('tcp'), isIpv6: rest.includes('ipv6'), port, waitMs };
}

/** @throws Error when it is over 64 KiB */
export function encode(message: Message, limit = 65535): Uint8Array {
  const out = new Uint8Array(limit);
  const bytes = encodeMessage(message, out, 0, limit);
  if (bytes === 0) throw new Error(`a message over ${limit} octets`);
  return out.slice(0, bytes);
}

function flagWords(flags: number): string[] {
  const opcode = (flags & OPCODE_MASK) >>> OPCODE_SHIFT;
  return [
    ...FLAGS.flatMap(([name, flag]) => ((flags & flag) === 0 ? [] : [name])),
    ...(opcode === 0 ? [] : [`opcode=${opcode}`]),
  ];
}

function classWord(questionClass: number): string[] {
  return questionClass === Class.IN ? [] : [`class=${classText(questionClass)}`];
}

/** `NAME TYPE words…` of a query, as an upstream sees it. */
export function queryLine(packet: Uint8Array, overTcp: boolean): string {
  const message = decodeMessage(packet, 0, packet.length);
  if (message?.question === undefined) return `hex ${Buffer.from(packet.subarray(2)).toString('hex')}`;
  const { name, type, class: questionClass } = message.question;
  const opt = message.additional.find((record) => record.type === Type.OPT);
  const words = [...classWord(questionClass), ...flagWords(message.flags), ...(opt === undefined ? [] : optWords(opt))];
  return [overTcp ? 'tcp' : 'udp', nameToText(name, 0), typeText(type), ...words].join(' ');
}

function recordLine(section: string, record: ResourceRecord): string {
  const text = recordToText(record).replace(/\s+/g, ' ').replace(' IN ', ' ');
  return `  ${section} ${text}`;
}

/** An answer as lines; the question only where it is not the one that was asked. */
export function answerLines(packet: Uint8Array, asked: Uint8Array): string[] {
  const message = decodeMessage(packet, 0, packet.length);
  if (message === undefined) return [`< hex ${Buffer.from(packet.subarray(2)).toString('hex')}`];
  const query = decodeMessage(asked, 0, asked.length);
  const opt = message.additional.find(({ type }) => type === Type.OPT);
  const rcode = (message.flags & RCODE_MASK) | (opt === undefined ? 0 : (opt.ttl >>> 24) << 4);
  const marks = (message.flags & FLAG_QR) === 0 ? ['!qr'] : [];
  if (message.id !== ((asked[0] << 8) | asked[1])) marks.push('!id');
  const words = [rcodeText(rcode), ...marks, ...flagWords(message.flags), ...(opt === undefined ? [] : optWords(opt))];
  const lines = [`< ${words.join(' ')}`];
  const told = questionText(message);
  if (told !== questionText(query)) lines.push(`  question ${told}`);
  for (const record of message.answer) lines.push(recordLine('an', record));
  for (const record of message.authority) lines.push(recordLine('ns', record));
  for (const record of message.additional) if (record !== opt) lines.push(recordLine('ar', record));
  return lines;
}

function questionText(message: Message | undefined): string {
  if (message?.question === undefined) return 'none';
  const { name, type, class: questionClass } = message.question;
  return [nameToText(name, 0), typeText(type), ...classWord(questionClass)].join(' ');
}
