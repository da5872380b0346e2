/**
 * A message written anew: without OPT records and compressed as we compress. What decodeMessage and encodeMessage would make
 * of it, octet for octet, but without an object per record: of an answer of 64 KiB those were megabytes, and who asks for
 * such answers chooses how often.
 */
import { assert } from '../assert';
import { HEADER_BYTES, MESSAGE_BYTES_MAX, NAME_BYTES_MAX } from '../limits';
import { Type } from './codes';
import { Encoder } from './encoder';
import { getCount, getFlags, getId, Section, setCount, setFlags, setId } from './header';
import { expandName, MALFORMED } from './name';
import { dataIsValid, EXPANDED_DATA_BYTES_MAX, expandData, hasNames } from './rdata';
import { RecordWalk, recordDataBytes, recordDataOffset, recordOffset, recordType, walkRecords } from './record';

/** Used by one message at a time; nothing of it outlives the call. */
const WALK = new RecordWalk();
const ENCODER = new Encoder();
const NAME = new Uint8Array(NAME_BYTES_MAX);
const DATA = new Uint8Array(EXPANDED_DATA_BYTES_MAX);

/** From TYPE up to RDLENGTH: TYPE, CLASS and TTL. */
const TYPE_TO_DATA_LENGTH = 8;

/**
 * Write a message without the OPT records of its additional section, and without junk behind its last record.
 * @param out room for MESSAGE_BYTES_MAX octets, written from 0; it is not `bytes`
 * @returns octets written; 0 when it is malformed (as decodeMessage says), or too long compressed as we do
 */
export function rebuildMessage(bytes: Uint8Array, offset: number, length: number, out: Uint8Array): number {
  assert(bytes !== out && out.length >= MESSAGE_BYTES_MAX);
  if (!walkRecords(bytes, offset, length, WALK)) return 0;
  const questions = getCount(bytes, offset, Section.QUESTION);
  if (questions > 1) return 0;
  ENCODER.begin(out, 0, MESSAGE_BYTES_MAX);
  if (questions === 1) {
    const tail = offset + WALK.recordsStart - 4;
    const name = expandName(bytes, offset, tail, offset + HEADER_BYTES, NAME, 0);
    if (name === MALFORMED || !ENCODER.name(NAME, 0) || !ENCODER.octets(bytes, tail, tail + 4)) return 0;
  }
  let dropped = 0;
  for (let index = 0; index < WALK.count; index++) {
    const isAdditional = index >= WALK.answerCount + WALK.authorityCount;
    if (isAdditional && recordType(WALK, bytes, index) === Type.OPT) {
      if (!optIsValid(bytes, index)) return 0;
      dropped++;
    } else if (!writeRecord(bytes, index)) return 0;
  }
  setId(out, 0, getId(bytes, offset));
  setFlags(out, 0, getFlags(bytes, offset));
  setCount(out, 0, Section.QUESTION, questions);
  setCount(out, 0, Section.ANSWER, WALK.answerCount);
  setCount(out, 0, Section.AUTHORITY, WALK.authorityCount);
  setCount(out, 0, Section.ADDITIONAL, WALK.additionalCount - dropped);
  return ENCODER.length;
}

function optIsValid(bytes: Uint8Array, index: number): boolean {
  const end = WALK.messageOffset + WALK.recordEnds[index];
  return dataIsValid(bytes, WALK.messageOffset, Type.OPT, recordDataOffset(WALK, bytes, index), end);
}

function writeRecord(bytes: Uint8Array, index: number): boolean {
  const { messageOffset } = WALK;
  const type = recordType(WALK, bytes, index);
  const at = recordDataOffset(WALK, bytes, index);
  const end = at + recordDataBytes(WALK, bytes, index);
  const typeAt = messageOffset + WALK.typeOffsets[index];
  const name = expandName(bytes, messageOffset, typeAt, recordOffset(WALK, index), NAME, 0);
  if (name === MALFORMED || !ENCODER.name(NAME, 0) || !ENCODER.octets(bytes, typeAt, typeAt + TYPE_TO_DATA_LENGTH))
    return false;
  if (!hasNames(type)) return dataIsValid(bytes, messageOffset, type, at, end) && ENCODER.data(type, bytes, at, end);
  const dataBytes = expandData(bytes, messageOffset, type, at, end, DATA);
  return dataBytes >= 0 && ENCODER.data(type, DATA, 0, dataBytes);
}
