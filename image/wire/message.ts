/**
 * Messages as objects, for plugins that take answers apart and put them together: template, hosts, rewrite, dns64. The
 * slow path: it allocates. Names are uncompressed, in owners and in data, so that records can be moved between
 * messages.
 */
import { assert } from '../assert';
import { HEADER_BYTES, MESSAGE_BYTES_MAX, NAME_BYTES_MAX } from '../limits';
import { Compression } from './compress';
import { getCount, getFlags, getId, Section, setCount, setFlags, setId } from './header';
import { expandName, MALFORMED, skipName } from './name';
import { dataIsValid, dataLayout, Part, plainNameEnd } from './rdata';
import {
  RecordWalk,
  recordClass,
  recordDataBytes,
  recordDataOffset,
  recordOffset,
  recordTtl,
  recordType,
  walkRecords,
} from './record';

/** What is asked. `name` is in wire form, uncompressed, its case as it came. */
export interface Question {
  readonly name: Uint8Array;
  readonly type: number;
  readonly class: number;
}

/** One record. `name` and the names in `data` are in wire form, uncompressed. An OPT record is one of these, too. */
export interface ResourceRecord {
  readonly name: Uint8Array;
  readonly type: number;
  readonly class: number;
  /** Seconds, 0..4294967295; flags in an OPT record. */
  readonly ttl: number;
  /** RDATA without its length, at most 65535 octets. */
  readonly data: Uint8Array;
}

/** A whole message. The counts of the header are the lengths of the lists. */
export interface Message {
  readonly id: number;
  /** The second 16 bits of the header: see header.ts. */
  readonly flags: number;
  /** Undefined when the message has none; more than one is not a message to us (RFC 9619). */
  readonly question: Question | undefined;
  readonly answer: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
}

/** Used by one decodeMessage at a time; nothing of it outlives the call. */
const WALK = new RecordWalk();
const NAME = new Uint8Array(NAME_BYTES_MAX);
/** Data with all names in full: no layout has more than two. */
const DATA = new Uint8Array(MESSAGE_BYTES_MAX + 2 * NAME_BYTES_MAX);

/** A name in full as octets of its own, or undefined when malformed. */
function decodeName(bytes: Uint8Array, offset: number, end: number, at: number): Uint8Array | undefined {
  const nameBytes = expandName(bytes, offset, end, at, NAME, 0);
  return nameBytes === MALFORMED ? undefined : NAME.slice(0, nameBytes);
}

/**
 * Data with its names in full, as octets of its own.
 * @returns undefined when it has not the form of its type, or is over 65535 octets in full
 */
function decodeData(bytes: Uint8Array, offset: number, type: number, at: number, end: number): Uint8Array | undefined {
  if (!dataIsValid(bytes, offset, type, at, end)) return undefined;
  const layout = dataLayout(type);
  if (at === end || !layout.some((part) => part === Part.NAME || part === Part.NAME_PLAIN)) return bytes.slice(at, end);
  let from = at;
  let to = 0;
  for (const part of layout) {
    let next = end; // Part.REST
    if (part === Part.NAME || part === Part.NAME_PLAIN) {
      to += expandName(bytes, offset, end, from, DATA, to);
      from = skipName(bytes, offset, end, from);
      continue;
    }
    if (part > 0) next = from + part;
    if (part === Part.STRING) next = from + 1 + bytes[from];
    DATA.set(bytes.subarray(from, next), to);
    to += next - from;
    from = next;
  }
  assert(from === end);
  return to <= MESSAGE_BYTES_MAX ? DATA.slice(0, to) : undefined;
}

/** Records `first` … `first + count - 1` of the walk, or undefined when one is malformed. */
function decodeRecords(bytes: Uint8Array, end: number, first: number, count: number): ResourceRecord[] | undefined {
  const records: ResourceRecord[] = [];
  for (let index = first; index < first + count; index++) {
    const type = recordType(WALK, bytes, index);
    const dataOffset = recordDataOffset(WALK, bytes, index);
    const dataEnd = dataOffset + recordDataBytes(WALK, bytes, index);
    const name = decodeName(bytes, WALK.messageOffset, end, recordOffset(WALK, index));
    const data = decodeData(bytes, WALK.messageOffset, type, dataOffset, dataEnd);
    if (name === undefined || data === undefined) return undefined;
    records.push({ name, type, class: recordClass(WALK, bytes, index), ttl: recordTtl(WALK, bytes, index), data });
  }
  return records;
}

/**
 * Take a message apart. Octets are copied: the result stays good when `bytes` is used again.
 * @returns undefined when malformed (as walkRecords says, or data without the form of its type) or with two questions.
 *   Junk behind the last record is ignored.
 * @source RFC 1035 §4.1
 */
export function decodeMessage(bytes: Uint8Array, offset: number, length: number): Message | undefined {
  assert(offset >= 0 && offset + length <= bytes.length);
  if (!walkRecords(bytes, offset, length, WALK)) return undefined;
  const questions = getCount(bytes, offset, Section.QUESTION);
  if (questions > 1) return undefined;
  const end = offset + length;
  let question: Question | undefined;
  if (questions === 1) {
    const name = decodeName(bytes, offset, end, offset + HEADER_BYTES);
    if (name === undefined) return undefined;
    const at = offset + WALK.recordsStart;
    question = { name, type: (bytes[at - 4] << 8) | bytes[at - 3], class: (bytes[at - 2] << 8) | bytes[at - 1] };
  }
  const answer = decodeRecords(bytes, end, 0, WALK.answerCount);
  const authority = decodeRecords(bytes, end, WALK.answerCount, WALK.authorityCount);
  const additional = decodeRecords(bytes, end, WALK.answerCount + WALK.authorityCount, WALK.additionalCount);
  if (answer === undefined || authority === undefined || additional === undefined) return undefined;
  return { id: getId(bytes, offset), flags: getFlags(bytes, offset), question, answer, authority, additional };
}

/** Where an encoder is: what it writes to and how far it has come. */
class Encoder {
  readonly compression = new Compression();
  readonly out: Uint8Array;
  readonly offset: number;
  /** Nothing is written from here on. */
  readonly end: number;
  at: number;

  constructor(out: Uint8Array, offset: number, end: number) {
    this.out = out;
    this.offset = offset;
    this.end = end;
    this.at = offset + HEADER_BYTES;
  }

  /** False when it does not fit; so for all that follow. */
  name(name: Uint8Array): boolean {
    const next = this.compression.writeName(name, this.out, this.offset, this.at, this.end);
    if (next === MALFORMED) return false;
    this.at = next;
    return true;
  }

  octets(octets: Uint8Array): boolean {
    if (this.at + octets.length > this.end) return false;
    this.out.set(octets, this.at);
    this.at += octets.length;
    return true;
  }

  number16(value: number): boolean {
    if (this.at + 2 > this.end) return false;
    this.out[this.at++] = value >>> 8;
    this.out[this.at++] = value;
    return true;
  }

  /** The data of a record in parts: names of RFC 1035's types may be compressed. */
  data(type: number, data: Uint8Array): boolean {
    const layout = dataLayout(type);
    if (data.length === 0 || !layout.includes(Part.NAME)) return this.octets(data);
    let from = 0;
    for (const part of layout) {
      assert(part > 0 || part === Part.NAME); // All that RFC 1035's types with names are made of.
      const next = part > 0 ? from + part : plainNameEnd(data, from);
      assert(next > from && next <= data.length);
      const piece = data.subarray(from, next);
      if (!(part > 0 ? this.octets(piece) : this.name(piece))) return false;
      from = next;
    }
    assert(from === data.length);
    return true;
  }

  record(record: ResourceRecord): boolean {
    if (!this.name(record.name)) return false;
    if (!this.number16(record.type) || !this.number16(record.class)) return false;
    if (!this.number16(record.ttl >>> 16) || !this.number16(record.ttl & 0xffff)) return false;
    const lengthAt = this.at;
    if (!this.number16(0) || !this.data(record.type, record.data)) return false;
    const dataBytes = this.at - lengthAt - 2;
    this.out[lengthAt] = dataBytes >>> 8;
    this.out[lengthAt + 1] = dataBytes;
    return true;
  }
}

/**
 * Put a message together, with compression of owners and of names in data of RFC 1035's types (RFC 3597 §4).
 * @param message well formed: names uncompressed, data of the form of its type, as decodeMessage and textToRecord make
 * @param limit most octets; a caller that may send less cuts the result with truncateMessage
 * @returns octets written from `offset`, or 0 when they would be over `limit` (the target may then hold a part)
 */
export function encodeMessage(message: Message, out: Uint8Array, offset: number, limit: number): number {
  assert(offset >= 0 && limit <= MESSAGE_BYTES_MAX);
  assert(offset + limit <= out.length);
  if (limit < HEADER_BYTES) return 0;
  const encoder = new Encoder(out, offset, offset + limit);
  setId(out, offset, message.id);
  setFlags(out, offset, message.flags);
  setCount(out, offset, Section.QUESTION, message.question === undefined ? 0 : 1);
  setCount(out, offset, Section.ANSWER, message.answer.length);
  setCount(out, offset, Section.AUTHORITY, message.authority.length);
  setCount(out, offset, Section.ADDITIONAL, message.additional.length);
  if (message.question !== undefined) {
    const { name, type, class: questionClass } = message.question;
    if (!encoder.name(name) || !encoder.number16(type) || !encoder.number16(questionClass)) return 0;
  }
  for (const section of [message.answer, message.authority, message.additional]) {
    for (const record of section) if (!encoder.record(record)) return 0;
  }
  return encoder.at - offset;
}
