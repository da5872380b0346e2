/**
 * What may be kept, and for how long: the rules of CoreDNS 1.13's cache with the safe corrections of later versions. One
 * place for the policy; the table knows nothing of DNS.
 * @source coredns plugin/pkg/response/typify.go, plugin/cache/cache.go; reference coredns-semantics 4.6
 */
import { HEADER_BYTES } from '../../limits';
import { Opcode, Rcode, Type } from '../../wire/codes';
import {
  FLAG_QR,
  FLAG_TC,
  getCount,
  getFlags,
  OPCODE_MASK,
  OPCODE_SHIFT,
  RCODE_MASK,
  Section,
} from '../../wire/header';
import { FOLD } from '../../wire/name';
import type { QueryView } from '../../wire/question';
import {
  type RecordWalk,
  recordDataBytes,
  recordDataOffset,
  recordTtl,
  recordType,
  TYPE_TO_TTL_BYTES,
} from '../../wire/record';

/** Kinds of answers, as CoreDNS's typify names them. */
export const ReplyKind = {
  NO_ERROR: 0,
  NAME_ERROR: 1,
  NO_DATA: 2,
  DELEGATION: 3,
  SERVER_ERROR: 4,
  /** Never kept: REFUSED, FORMERR, notifications, transfers, what contradicts itself. */
  OTHER: 5,
  /** Never kept: an alias that leads nowhere, without a SOA to say for how long, or to a name that does not exist. */
  ALIAS: 6,
} as const;
export type ReplyKind = (typeof ReplyKind)[keyof typeof ReplyKind];

/** Type and class at the end of a question. */
const QUESTION_TAIL_BYTES = 4;

/** TTL in seconds of answers that have no record to take one from. */
export const TTL_SECONDS_WITHOUT_RECORDS = 5;

/**
 * What kind of answer is this?
 * @param walk of the message at `offset`
 * @param type asked for
 * @param epochSeconds wall-clock time: signatures are dated
 */
export function replyKind(
  bytes: Uint8Array,
  offset: number,
  walk: RecordWalk,
  type: number,
  epochSeconds: number,
): ReplyKind {
  const flags = getFlags(bytes, offset);
  const opcode = (flags & OPCODE_MASK) >>> OPCODE_SHIFT;
  if (opcode !== Opcode.QUERY || type === Type.AXFR || type === Type.IXFR) return ReplyKind.OTHER;
  if (hasStaleSignature(bytes, walk, epochSeconds)) return ReplyKind.OTHER;
  switch (flags & RCODE_MASK) {
    case Rcode.NOERROR:
      return noErrorKind(bytes, walk, type);
    case Rcode.NXDOMAIN:
      // An alias whose target does not exist must not make the alias vanish (CoreDNS 1.14.5); without a SOA nobody says
      // for how long (RFC 2308 §5).
      if (walk.soaIndex < 0) return ReplyKind.OTHER;
      return walk.answerCount === 0 ? ReplyKind.NAME_ERROR : ReplyKind.ALIAS;
    case Rcode.SERVFAIL:
    case Rcode.NOTIMP:
      return ReplyKind.SERVER_ERROR;
    default:
      return ReplyKind.OTHER;
  }
}

function noErrorKind(bytes: Uint8Array, walk: RecordWalk, type: number): ReplyKind {
  if (walk.answerCount > 0) {
    if (reachesType(bytes, walk, type)) return ReplyKind.NO_ERROR;
    return walk.soaIndex >= 0 ? ReplyKind.NO_DATA : ReplyKind.ALIAS; // An alias that leads nowhere (CoreDNS #8232).
  }
  if (walk.soaIndex >= 0) return ReplyKind.NO_DATA;
  for (let index = 0; index < walk.authorityCount; index++) {
    if (recordType(walk, bytes, walk.answerCount + index) === Type.NS) return ReplyKind.DELEGATION;
  }
  return ReplyKind.NO_ERROR; // Empty and without SOA: kept 5 s as CoreDNS does.
}

/** RRSIG data: type covered 2, algorithm 1, labels 1, original TTL 4, then these two times (RFC 4034 §3.1). */
const EXPIRATION_OFFSET = 8;
const INCEPTION_OFFSET = 12;
const SIGNATURE_TIMES_END = 16;
/** Where the DO bit is, seen from the TYPE field of an OPT record: in the third octet of the TTL. */
const OPT_DO_OFFSET = TYPE_TO_TTL_BYTES + 2;

/** Does an answer to a DNSSEC question carry a signature that is not valid now? It would only be kept to be refused. */
function hasStaleSignature(bytes: Uint8Array, walk: RecordWalk, epochSeconds: number): boolean {
  if (walk.optIndex < 0) return false;
  if ((bytes[walk.messageOffset + walk.typeOffsets[walk.optIndex] + OPT_DO_OFFSET] & 0x80) === 0) return false;
  for (let index = 0; index < walk.count; index++) {
    if (recordType(walk, bytes, index) !== Type.RRSIG) continue;
    const data = recordDataOffset(walk, bytes, index);
    if (recordDataBytes(walk, bytes, index) < SIGNATURE_TIMES_END) return true;
    // Serial numbers: only their distance to now counts, which is negative in 32 bits when it is behind (RFC 1982).
    if (((readU32(bytes, data + EXPIRATION_OFFSET) - epochSeconds) | 0) < 0) return true;
    if (((epochSeconds - readU32(bytes, data + INCEPTION_OFFSET)) | 0) < 0) return true;
  }
  return false;
}

function readU32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

/** Is there a record of the asked type, or of any other but an alias? */
function reachesType(bytes: Uint8Array, walk: RecordWalk, type: number): boolean {
  if (type === Type.CNAME || type === Type.ANY) return true;
  for (let index = 0; index < walk.answerCount; index++) {
    const found = recordType(walk, bytes, index);
    if (found === type || (found !== Type.CNAME && found !== Type.DNAME && found !== Type.RRSIG)) return true;
  }
  return false;
}

/**
 * Is a message an answer to the question? Name (any case), type and class must be those that were asked for; CoreDNS 1.13
 * does not look at the class (#8272).
 * @param walk of the message at `offset`
 */
export function belongsTo(bytes: Uint8Array, offset: number, walk: RecordWalk, view: QueryView): boolean {
  if ((getFlags(bytes, offset) & FLAG_QR) === 0 || getCount(bytes, offset, Section.QUESTION) !== 1) return false;
  const nameOffset = offset + HEADER_BYTES;
  const tail = nameOffset + view.nameBytes;
  if (walk.recordsStart !== tail + QUESTION_TAIL_BYTES - offset) return false;
  for (let index = 0; index < view.nameBytes; index++) {
    if (FOLD[bytes[nameOffset + index]] !== view.key[index]) return false;
  }
  if (((bytes[tail] << 8) | bytes[tail + 1]) !== view.type) return false;
  return ((bytes[tail + 2] << 8) | bytes[tail + 3]) === view.class;
}

/** Was the answer cut off? Such a one is for the client that asked only. */
export function isTruncated(bytes: Uint8Array, offset: number): boolean {
  return (getFlags(bytes, offset) & FLAG_TC) !== 0;
}

/** Smallest TTL of all records but the OPT, in seconds; `otherwise` when there is none. */
export function ttlMin(bytes: Uint8Array, walk: RecordWalk, otherwise: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < walk.count; index++) {
    if (index === walk.optIndex) continue;
    const ttl = recordTtl(walk, bytes, index);
    least = Math.min(least, ttl > 0x7fffffff ? 0 : ttl); // RFC 2181 §8: a TTL with the top bit set is zero.
  }
  return least === Number.POSITIVE_INFINITY ? otherwise : least;
}
