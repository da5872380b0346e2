/** What the placeholders of a log line stand for. */
import { type Query, TCP } from '../../chain/query';
import { HEADER_BYTES, MESSAGE_BYTES_MAX, UDP_PLAIN_BYTES, UDP_REPLY_BYTES_MAX } from '../../limits';
import { classText, rcodeText, Type, typeText } from '../../wire/codes';
import { OPT_BYTES, replyOptBytes } from '../../wire/edns';
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
} from '../../wire/header';
import { decodeMessage, encodeMessage, type Message, type ResourceRecord } from '../../wire/message';
import type { FormatPiece, Placeholder } from './format';

/** Stands for what there is not. */
const NOTHING = '-';
/** In the order in which they are written. */
const FLAG_TEXTS: readonly (readonly [number, string])[] = [
  [FLAG_QR, 'qr'],
  [FLAG_AA, 'aa'],
  [FLAG_TC, 'tc'],
  [FLAG_RD, 'rd'],
  [FLAG_RA, 'ra'],
  [FLAG_Z, 'z'],
  [FLAG_AD, 'ad'],
  [FLAG_CD, 'cd'],
];

/** What a line says besides the query itself. */
export interface LineFacts {
  /** Address of the client and of ours, without brackets. */
  readonly remote: string;
  readonly local: string;
  readonly remotePort: number;
  readonly durationMs: number;
}

/** Text of a number of milliseconds in seconds: whole nanoseconds, no exponent. @source Go strconv.FormatFloat 'f', -1 */
export function durationText(milliseconds: number): string {
  const nanoseconds = Math.max(0, Math.round(milliseconds * 1e6));
  const seconds = Math.floor(nanoseconds / 1e9) + (nanoseconds % 1e9) / 1e9; // As Go's Duration.Seconds().
  // Below a microsecond JavaScript writes 5e-7; there nine digits are all there are.
  return nanoseconds > 0 && nanoseconds < 1000 ? seconds.toFixed(9).replace(/0+$/, '') : String(seconds);
}

/** Size of a record with its name, and those in its data, in full. */
function recordBytes({ name, data }: ResourceRecord): number {
  return name.length + 10 + data.length; // TYPE, CLASS, TTL, RDLENGTH: RFC 1035 §4.1.3.
}

/** Size of an answer without compression: what CoreDNS measures, whatever is sent. */
function uncompressedBytes({ question, answer, authority, additional }: Message): number {
  const questionBytes = question === undefined ? 0 : question.name.length + 4;
  const records = [...answer, ...authority, ...additional];
  return records.reduce((sum, record) => sum + recordBytes(record), HEADER_BYTES + questionBytes);
}

function replySize({ reply, replyOffset, replyBytes }: Query): number {
  if (replyBytes === 0) return 0;
  const message = decodeMessage(reply, replyOffset, replyBytes);
  return message === undefined ? replyBytes : uncompressedBytes(message);
}

/** Mnemonic or number of the response code, its upper bits from the OPT record (RFC 6891 §6.1.3). */
function rcodeWord({ reply, replyOffset, replyBytes, rcode }: Query): string {
  if (replyBytes === 0) return NOTHING;
  const message = decodeMessage(reply, replyOffset, replyBytes);
  const opt = message?.additional.find(({ type }) => type === Type.OPT);
  const whole = opt === undefined ? rcode : (rcode & 0x0f) | ((opt.ttl >>> 24) << 4);
  return rcodeText(whole).replace(/^RCODE/, '');
}

/** Scratch of {@link isCut}. */
const COMPRESSED = new Uint8Array(MESSAGE_BYTES_MAX);

/** Will the client get only a part? That is decided later; CoreDNS writes its lines when it is known. */
function isCut({ protocol, view, bytes, reply, replyOffset, replyBytes }: Query): boolean {
  if (protocol === TCP || replyBytes <= UDP_PLAIN_BYTES - OPT_BYTES) return false;
  const message = decodeMessage(reply, replyOffset, replyBytes);
  const limit =
    Math.min(Math.max(view.udpSize, UDP_PLAIN_BYTES), UDP_REPLY_BYTES_MAX) - replyOptBytes(bytes, view, false);
  if (message === undefined) return false;
  const additional = message.additional.filter(({ type }) => type !== Type.OPT);
  return encodeMessage({ ...message, additional }, COMPRESSED, 0, limit) === 0;
}

function flagWords(query: Query): string {
  if (query.replyBytes === 0) return NOTHING;
  const flags = query.replyFlags | (isCut(query) ? FLAG_TC : 0);
  return FLAG_TEXTS.filter(([flag]) => (flags & flag) !== 0)
    .map(([, text]) => text)
    .join(',');
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** Largest answer the client takes. @source coredns plugin/pkg/edns Size */
function bufferSize({ protocol, view }: Query): number {
  return protocol === TCP ? MESSAGE_BYTES_MAX : Math.max(UDP_PLAIN_BYTES, view.udpSize);
}

const VALUES: Readonly<Record<Placeholder, (query: Query, facts: LineFacts) => string | number>> = {
  '{type}': ({ view }) => typeText(view.type),
  '{name}': ({ name }) => name,
  '{class}': ({ view }) => classText(view.class),
  '{proto}': ({ protocol }) => (protocol === TCP ? 'tcp' : 'udp'),
  '{size}': ({ view }) => view.messageBytes,
  '{remote}': (_, { remote }) => bracketed(remote),
  '{port}': (_, { remotePort }) => remotePort,
  '{local}': (_, { local }) => bracketed(local),
  '{>id}': ({ view }) => view.id,
  '{>opcode}': ({ view }) => (view.flags & OPCODE_MASK) >>> OPCODE_SHIFT,
  '{>do}': ({ view }) => String(view.doBit !== 0),
  '{>bufsize}': bufferSize,
  '{rcode}': rcodeWord,
  '{rsize}': replySize,
  '{duration}': (_, { durationMs }) => `${durationText(durationMs)}s`,
  '{>rflags}': flagWords,
};

/** Put a line together. What nobody noted is `-`, as CoreDNS writes it. */
export function formatQuery(pieces: readonly FormatPiece[], query: Query, facts: LineFacts): string {
  let line = '';
  for (const piece of pieces) {
    if (piece.kind === 'text') line += piece.text;
    else
      line += piece.kind === 'metadata' ? query.metadata?.get(piece.name) || NOTHING : VALUES[piece.name](query, facts);
  }
  return line;
}
