/** An answer in presentation form, in dig's order, and how it came about. */
import type { Explanation } from '../agent/control';
import { classText, opcodeText, rcodeText, Type, typeText } from '../wire/codes';
import { EDNS_DO, OPTION_HEADER_BYTES, Option } from '../wire/edns';
import {
  FLAG_AA,
  FLAG_AD,
  FLAG_CD,
  FLAG_QR,
  FLAG_RA,
  FLAG_RD,
  FLAG_TC,
  OPCODE_MASK,
  OPCODE_SHIFT,
  RCODE_MASK,
} from '../wire/header';
import type { Message, ResourceRecord } from '../wire/message';
import { nameToText } from '../wire/name-text';
import { recordToText } from '../wire/record-text';
import { duration } from './numbers';
import { type Paint, printable, type Role } from './paint';

/** Where the answer came from. */
export interface Answered {
  readonly server: string;
  readonly transport: 'UDP' | 'TCP';
  readonly bytes: number;
  /** From the question's departure to its answer, at the client. */
  readonly microseconds: number;
  /** Null when the server is no cache of ours, or did not see the question. */
  readonly explanation: Explanation | null;
  /** Why there is none. */
  readonly unexplained: string;
}

const FLAG_WORDS = [
  ['qr', FLAG_QR],
  ['aa', FLAG_AA],
  ['tc', FLAG_TC],
  ['rd', FLAG_RD],
  ['ra', FLAG_RA],
  ['ad', FLAG_AD],
  ['cd', FLAG_CD],
] as const;

/** Names of INFO-CODEs (IANA, Extended DNS Error Codes). */
const ERROR_NAMES: Readonly<Record<number, string>> = {
  0: 'Other',
  3: 'Stale Answer',
  4: 'Forged Answer',
  13: 'Cached Error',
  15: 'Blocked',
  16: 'Censored',
  17: 'Filtered',
  18: 'Prohibited',
  19: 'Stale NXDOMAIN Answer',
  20: 'Not Authoritative',
  22: 'No Reachable Authority',
  23: 'Network Error',
};

/** 16 is BADSIG in a TSIG record only (RFC 6891 §9, RFC 8945 §5.2). */
const BADVERS = 16;

/** All of it. */
export function queryText(message: Message, answered: Answered, paint: Paint): string {
  const opt = message.additional.find(({ type }) => type === Type.OPT);
  const rest = message.additional.filter(({ type }) => type !== Type.OPT);
  const lines = [
    ...headLines(message, opt, paint),
    ...optLines(opt, paint),
    ...questionLines(message, paint),
    ...sectionLines('ANSWER', message.answer, paint),
    ...sectionLines('AUTHORITY', message.authority, paint),
    ...sectionLines('ADDITIONAL', rest, paint),
    '',
    ...howLines(answered, paint),
  ];
  return `${lines.join('\n')}\n`;
}

/** The data of the answer only, a line per record. */
export function shortText({ answer }: Message): string {
  return answer.map((record) => `${printable(recordToText(record).split('\t').slice(4).join('\t'))}\n`).join('');
}

/** The response code with the upper bits that an OPT record has (RFC 6891 §6.1.3). */
export function wholeRcode(message: Message): string {
  const opt = message.additional.find(({ type }) => type === Type.OPT);
  const rcode = (message.flags & RCODE_MASK) | (opt === undefined ? 0 : (opt.ttl >>> 24) << 4);
  return rcode === BADVERS ? 'BADVERS' : rcodeText(rcode);
}

function headLines(message: Message, opt: ResourceRecord | undefined, paint: Paint): string[] {
  const { flags, id, question, answer, authority, additional } = message;
  const rcode = wholeRcode(message);
  const words = FLAG_WORDS.filter(([, bit]) => (flags & bit) !== 0).map(([word]) => word);
  const counts = `QUERY: ${question === undefined ? 0 : 1}, ANSWER: ${answer.length}, AUTHORITY: ${authority.length}`;
  const shown = paint.as(rcode === 'NOERROR' || rcode === 'NXDOMAIN' ? 'good' : 'bad', rcode);
  const opcode = opcodeText((flags & OPCODE_MASK) >>> OPCODE_SHIFT);
  return [
    `;; ->>HEADER<<- opcode: ${opcode}, status: ${shown}, id: ${id}`,
    `;; flags: ${words.join(' ')}; ${counts}, ADDITIONAL: ${additional.length}`,
    ...(opt === undefined
      ? []
      : [`; EDNS: version ${(opt.ttl >>> 16) & 0xff}, flags:${doText(opt)}; udp: ${opt.class}`]),
  ];
}

function doText({ ttl }: ResourceRecord): string {
  return (ttl & EDNS_DO) === 0 ? '' : ' do';
}

/** Options of the OPT record: extended errors in words, others as numbers. */
function optLines(opt: ResourceRecord | undefined, paint: Paint): string[] {
  const lines: string[] = [];
  const data = Buffer.from(opt?.data ?? []);
  for (let at = 0; at + OPTION_HEADER_BYTES <= data.length; ) {
    const code = data.readUInt16BE(at);
    const end = Math.min(data.length, at + OPTION_HEADER_BYTES + data.readUInt16BE(at + 2));
    const value = data.subarray(at + OPTION_HEADER_BYTES, end);
    if (code === Option.EXTENDED_ERROR && value.length >= 2) lines.push(paint.as('warn', errorText(value)));
    else lines.push(`; OPT=${code}: ${value.toString('hex')}`);
    at = end;
  }
  return lines;
}

/** RFC 8914 §2. */
function errorText(value: Buffer): string {
  const code = value.readUInt16BE(0);
  const text = value.subarray(2).toString('utf8');
  const name = ERROR_NAMES[code];
  return `; EDE: ${code}${name === undefined ? '' : ` (${name})`}${text === '' ? '' : `: ${printable(text)}`}`;
}

function questionLines({ question }: Message, paint: Paint): string[] {
  if (question === undefined) return [];
  const { name, type } = question;
  const text = `;${nameToText(name, 0)}\t${classText(question.class)}\t${typeText(type)}`;
  return ['', paint.as('faint', ';; QUESTION SECTION:'), text];
}

function sectionLines(title: string, records: readonly ResourceRecord[], paint: Paint): string[] {
  if (records.length === 0) return [];
  return [
    '',
    paint.as('faint', `;; ${title} SECTION:`),
    ...records.map((record) => printableColumns(recordToText(record))),
  ];
}

/** As printable, but tabs stay: they are ours. */
function printableColumns(text: string): string {
  return text.split('\t').map(printable).join('\t');
}

const PATH_ROLES: Readonly<Record<Explanation['path'], Role>> = {
  hit: 'good',
  miss: 'warn',
  stale: 'warn',
  joined: 'warn',
  made: 'accent',
  refused: 'bad',
};

const PATH_TEXTS: Readonly<Record<Explanation['path'], string>> = {
  hit: 'from the cache',
  miss: 'asked an upstream',
  stale: 'from the cache, past its time',
  joined: 'waited for the answer to an equal query',
  made: 'made up by a plugin',
  refused: 'nobody answers it',
};

function howLines(
  { server, transport, bytes, microseconds, explanation, unexplained }: Answered,
  paint: Paint,
): string[] {
  const lines = [`;; ${server} (${transport}), ${bytes} bytes, ${duration(microseconds)} at the client`];
  if (explanation === null) return [...lines, paint.as('faint', `;; how: not known, ${unexplained}`)];
  const { path, zone, block, plugin, upstream } = explanation;
  const inside = `${duration(explanation.microseconds)} in the cache`;
  lines.push(`;; ${paint.as(PATH_ROLES[path], path.toUpperCase())}: ${PATH_TEXTS[path]}; ${inside}`);
  const facts = [
    ...(zone === '' ? [] : [`zone ${zone}`, `block ${block}`]),
    ...(plugin === '' ? [] : [`plugin ${plugin}`]),
    ...(upstream === '' ? [] : [`upstream ${upstream}`]),
  ];
  if (facts.length > 0) lines.push(`;; ${facts.join(', ')}`);
  return lines;
}
