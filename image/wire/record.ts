/**
 * Walking the records of a message: where each one is, so that later steps need not parse again.
 *
 *     owner (1…255 octets) │ TYPE 2 │ CLASS 2 │ TTL 4 │ RDLENGTH 2 │ data
 *                          └─ typeOffsets[i]  └─ +4   └─ +8        └─ +10      recordEnds[i] ─┘
 */
import { assert } from '../assert';
import { HEADER_BYTES, MESSAGE_BYTES_MAX } from '../limits';
import { Type } from './codes';
import { MALFORMED, skipName } from './name';

/** From the TYPE field to the TTL, to RDLENGTH, to the data. */
export const TYPE_TO_TTL_BYTES = 4;
export const TYPE_TO_DATA_LENGTH_BYTES = 8;
export const TYPE_TO_DATA_BYTES = 10;
/** The shortest record: root owner, no data. */
const RECORD_BYTES_MIN = 11;
/** More records than this fit in no message, so a walk never runs out of room. */
const RECORDS_MAX = Math.floor((MESSAGE_BYTES_MAX - HEADER_BYTES) / RECORD_BYTES_MIN);
/** A pointer to the first name of the question, the owner of nearly every answer. */
const QUESTION_POINTER = (0xc0 << 8) | HEADER_BYTES;

/**
 * The records of one message. One object serves all messages of a thread; walkRecords rewrites it. Offsets count from
 * the beginning of the message.
 */
export class RecordWalk {
  /** Where the message was when it was walked. Set it when the same octets have moved. */
  messageOffset = 0;
  /** All records; the sections follow one another in the order answer, authority, additional. */
  count = 0;
  answerCount = 0;
  authorityCount = 0;
  additionalCount = 0;
  /** Offset of each record's TYPE field. */
  readonly typeOffsets: Uint16Array = new Uint16Array(RECORDS_MAX);
  /** Offset behind each record. */
  readonly recordEnds: Uint16Array = new Uint16Array(RECORDS_MAX);
  /** Offset behind the question section. */
  recordsStart = 0;
  /** Offset behind the last record; what follows is junk. */
  messageEnd = 0;
  /** Index of the last OPT record of the additional section, -1 when there is none. */
  optIndex = -1;
  /** Index of the first SOA record of the authority section, -1 when there is none. */
  soaIndex = -1;
}

/** Absolute index behind `questions` questions, or MALFORMED. */
function skipQuestions(bytes: Uint8Array, offset: number, end: number, questions: number): number {
  let at = offset + HEADER_BYTES;
  for (let index = 0; index < questions; index++) {
    at = at < end ? skipName(bytes, offset, end, at) : MALFORMED;
    if (at === MALFORMED || at + 4 > end) return MALFORMED;
    at += 4;
  }
  return at;
}

/** Note an OPT or SOA that has just been entered at `index`. */
function noteRecord(walk: RecordWalk, type: number, index: number): void {
  const additionalStart = walk.answerCount + walk.authorityCount;
  if (type === Type.OPT && index >= additionalStart) walk.optIndex = index;
  const isAuthority = index >= walk.answerCount && index < additionalStart;
  if (type === Type.SOA && isAuthority && walk.soaIndex < 0) walk.soaIndex = index;
}

/**
 * Find every record of a message, usually an upstream's reply. Data is not looked into (decodeMessage does), owners
 * are.
 * @param walk rewritten; of use only when the result is true
 * @returns false when malformed: a name, a record cut short, or fewer records than the header claims. (miekg/dns takes
 *   fewer when the message ends with a whole one; we do not, since such a reply cannot be kept or passed on as it
 *   stands.)
 */
export function walkRecords(bytes: Uint8Array, offset: number, length: number, walk: RecordWalk): boolean {
  assert(offset >= 0 && offset + length <= bytes.length);
  assert(length >= 0 && length <= MESSAGE_BYTES_MAX);
  if (length < HEADER_BYTES) return false;
  const end = offset + length;
  const questions = (bytes[offset + 4] << 8) | bytes[offset + 5];
  walk.messageOffset = offset;
  walk.answerCount = (bytes[offset + 6] << 8) | bytes[offset + 7];
  walk.authorityCount = (bytes[offset + 8] << 8) | bytes[offset + 9];
  walk.additionalCount = (bytes[offset + 10] << 8) | bytes[offset + 11];
  walk.count = walk.answerCount + walk.authorityCount + walk.additionalCount;
  walk.optIndex = -1;
  walk.soaIndex = -1;
  let at = skipQuestions(bytes, offset, end, questions);
  if (at === MALFORMED || walk.count > RECORDS_MAX) return false;
  walk.recordsStart = at - offset;
  for (let index = 0; index < walk.count; index++) {
    if (at + RECORD_BYTES_MIN > end) return false;
    const isQuestionName = questions > 0 && ((bytes[at] << 8) | bytes[at + 1]) === QUESTION_POINTER;
    const tail = isQuestionName ? at + 2 : skipName(bytes, offset, end, at);
    if (tail === MALFORMED || tail + TYPE_TO_DATA_BYTES > end) return false;
    at = tail + TYPE_TO_DATA_BYTES + ((bytes[tail + 8] << 8) | bytes[tail + 9]);
    if (at > end) return false;
    walk.typeOffsets[index] = tail - offset;
    walk.recordEnds[index] = at - offset;
    noteRecord(walk, (bytes[tail] << 8) | bytes[tail + 1], index);
  }
  walk.messageEnd = at - offset;
  return true;
}

/** Absolute index of a record's TYPE field. */
function typeAt(walk: RecordWalk, bytes: Uint8Array, index: number): number {
  assert(index >= 0 && index < walk.count);
  const at = walk.messageOffset + walk.typeOffsets[index];
  assert(at + TYPE_TO_DATA_BYTES <= bytes.length);
  return at;
}

/** TYPE of record `index`, 0..65535. */
export function recordType(walk: RecordWalk, bytes: Uint8Array, index: number): number {
  const at = typeAt(walk, bytes, index);
  return (bytes[at] << 8) | bytes[at + 1];
}

/** CLASS of record `index`, 0..65535. */
export function recordClass(walk: RecordWalk, bytes: Uint8Array, index: number): number {
  const at = typeAt(walk, bytes, index);
  return (bytes[at + 2] << 8) | bytes[at + 3];
}

/** TTL of record `index` in seconds, 0..4294967295 as it stands (RFC 2181 §8 would read the upper half as 0). */
export function recordTtl(walk: RecordWalk, bytes: Uint8Array, index: number): number {
  const at = typeAt(walk, bytes, index) + TYPE_TO_TTL_BYTES;
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

/** Absolute index of the data of record `index`. */
export function recordDataOffset(walk: RecordWalk, bytes: Uint8Array, index: number): number {
  return typeAt(walk, bytes, index) + TYPE_TO_DATA_BYTES;
}

/** Size of the data of record `index`. */
export function recordDataBytes(walk: RecordWalk, bytes: Uint8Array, index: number): number {
  const at = typeAt(walk, bytes, index) + TYPE_TO_DATA_LENGTH_BYTES;
  return (bytes[at] << 8) | bytes[at + 1];
}

/** Absolute index of the owner of record `index`. */
export function recordOffset(walk: RecordWalk, index: number): number {
  assert(index >= 0 && index < walk.count);
  assert(walk.recordsStart >= HEADER_BYTES);
  return walk.messageOffset + (index === 0 ? walk.recordsStart : walk.recordEnds[index - 1]);
}
