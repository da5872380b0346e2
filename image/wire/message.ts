/**
 * Messages as objects, for plugins that take answers apart and put them together: template, hosts, rewrite, dns64. The
 * slow path: it allocates. Names are uncompressed, in owners and in data, so that records can be moved between
 * messages.
 */
import { assert } from '../assert';
import { HEADER_BYTES, MESSAGE_BYTES_MAX, NAME_BYTES_MAX } from '../limits';
import { Encoder } from './encoder';
import { getCount, getFlags, getId, Section, setCount, setFlags, setId } from './header';
import { expandName, MALFORMED } from './name';
import { dataIsValid, EXPANDED_DATA_BYTES_MAX, expandData, hasNames } from './rdata';
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
const DATA = new Uint8Array(EXPANDED_DATA_BYTES_MAX);

/** A name in full as octets of its own, or undefined when malformed. */
function decodeName(bytes: Uint8Array, offset: number, end: number, at: number): Uint8Array | undefined {
  const nameBytes = expandName(bytes, offset, end, at, NAME, 0);
  return nameBytes === MALFORMED ? undefined : NAME.slice(0, nameBytes);
}

/** Data with its names in full, as octets of its own; undefined when {@link expandData} refuses it. */
function decodeData(bytes: Uint8Array, offset: number, type: number, at: number, end: number): Uint8Array | undefined {
  if (!hasNames(type)) return dataIsValid(bytes, offset, type, at, end) ? bytes.slice(at, end) : undefined;
  const dataBytes = expandData(bytes, offset, type, at, end, DATA);
  return dataBytes < 0 ? undefined : DATA.slice(0, dataBytes);
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

/** Used by one message at a time. */
const ENCODER = new Encoder();

function encodeRecord({ name, type, class: recordClass, ttl, data }: ResourceRecord): boolean {
  if (!ENCODER.name(name, 0) || !ENCODER.number16(type) || !ENCODER.number16(recordClass)) return false;
  if (!ENCODER.number16(ttl >>> 16) || !ENCODER.number16(ttl & 0xffff)) return false;
  return ENCODER.data(type, data, 0, data.length);
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
  ENCODER.begin(out, offset, limit);
  setId(out, offset, message.id);
  setFlags(out, offset, message.flags);
  setCount(out, offset, Section.QUESTION, message.question === undefined ? 0 : 1);
  setCount(out, offset, Section.ANSWER, message.answer.length);
  setCount(out, offset, Section.AUTHORITY, message.authority.length);
  setCount(out, offset, Section.ADDITIONAL, message.additional.length);
  if (message.question !== undefined) {
    const { name, type, class: questionClass } = message.question;
    if (!ENCODER.name(name, 0) || !ENCODER.number16(type) || !ENCODER.number16(questionClass)) return 0;
  }
  for (const section of [message.answer, message.authority, message.additional]) {
    for (const record of section) if (!encodeRecord(record)) return 0;
  }
  return ENCODER.length;
}
