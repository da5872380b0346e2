/**
 * Reading a query: accept or refuse it, first from the header alone, then from the question, then from the rest, in one
 * forward pass. The order and the outcome of every check are CoreDNS's (miekg/dns acceptfunc.go, server.go serveDNS):
 *
 *     under 12 octets, QR set ─────────────▶ DROP
 *     opcode neither QUERY nor NOTIFY ─────▶ NOT_IMPLEMENTED          12-octet reply
 *     QD ≠ 1, AN > 1, NS > 1, AR > 2 ──────▶ FORMAT_ERROR             12-octet reply
 *     nothing behind the header ───────────▶ NO_QUESTION_BYTES        12-octet reply, SERVFAIL
 *     question malformed ──────────────────▶ FORMAT_ERROR             12-octet reply
 *     a later record malformed ────────────▶ FORMAT_ERROR_QUESTION    reply with the question
 *     two OPT records ─────────────────────▶ FORMAT_ERROR_QUESTION    (RFC 6891 §6.1.1; CoreDNS takes the last)
 *     else ────────────────────────────────▶ ACCEPT                   (whatever its EDNS version; see view.ednsVersion)
 */
import { assert } from '../assert';
import {
  HEADER_BYTES,
  LABEL_BYTES_MAX,
  LABELS_MAX,
  MESSAGE_BYTES_MAX,
  NAME_BYTES_MAX,
  UDP_PLAIN_BYTES,
} from '../limits';
import { Opcode, Type } from './codes';
import { FLAG_QR, OPCODE_MASK, OPCODE_SHIFT } from './header';
import { FOLD, MALFORMED, skipName } from './name';
import { dataIsValid } from './rdata';

/** What is to be done with a packet; build.ts writes the replies. */
export const Verdict = {
  ACCEPT: 0,
  DROP: 1,
  NOT_IMPLEMENTED: 2,
  FORMAT_ERROR: 3,
  FORMAT_ERROR_QUESTION: 4,
  NO_QUESTION_BYTES: 5,
} as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** TYPE and CLASS behind a question's name. */
const QUESTION_TAIL_BYTES = 4;
/** TYPE, CLASS, TTL and RDLENGTH behind a record's owner. */
const RECORD_TAIL_BYTES = 10;

/**
 * A query as numbers: where things are in the packet and what they say. One object serves all packets of a thread;
 * readQuery rewrites it. Offsets count from the beginning of the message; sizes are octets.
 */
export class QueryView {
  /** Where the message began in the bytes given to readQuery. */
  messageOffset = 0;
  /** End of what was read; what follows is junk that readQuery ignored. */
  messageBytes = 0;
  id = 0;
  /** The second 16 bits of the header: see header.ts. */
  flags = 0;
  /** The name, folded, uncompressed, from index 0. */
  readonly key: Uint8Array = new Uint8Array(NAME_BYTES_MAX);
  /** Size of the name in `key`, root label included; 0 before the question was read. */
  nameBytes = 0;
  /** Index in `key` of each label's length octet, outermost first; the root label is not among them. */
  readonly labelStarts: Uint8Array = new Uint8Array(LABELS_MAX);
  labelCount = 0;
  type = 0;
  class = 0;
  /** End of the question. HEADER_BYTES when there is none. */
  questionEnd = HEADER_BYTES;
  /** First octet (the owner) of the OPT record, 0 when there is none. */
  optOffset = 0;
  /** The whole OPT record; its options are its last `optionsBytes`. */
  optBytes = 0;
  optionsBytes = 0;
  /** Largest UDP reply the client takes, as it says (may be below 512); 512 without EDNS. */
  udpSize = UDP_PLAIN_BYTES;
  /** 0 is the only version there is; any other is for a BADVERS reply. */
  ednsVersion = 0;
  /** The low 16 bits of the OPT's TTL. */
  ednsFlags = 0;
  /** 1 when the client wants DNSSEC records. */
  doBit = 0;
  /** 1 when records other than OPT follow the question: a SOA in NOTIFY and IXFR, TSIG, SIG(0). */
  hasOtherAdditional = 0;
}

/** Bring everything behind the header to its value for "absent". */
function resetView(view: QueryView): void {
  view.nameBytes = 0;
  view.labelCount = 0;
  view.type = 0;
  view.class = 0;
  view.questionEnd = HEADER_BYTES;
  view.optOffset = 0;
  view.optBytes = 0;
  view.optionsBytes = 0;
  view.udpSize = UDP_PLAIN_BYTES;
  view.ednsVersion = 0;
  view.ednsFlags = 0;
  view.doBit = 0;
  view.hasOtherAdditional = 0;
}

/**
 * Read the one question into the view: name folded and cut into labels on the way.
 * @returns absolute index behind the question, or MALFORMED: cut short, compressed, too long, reserved label type.
 *   miekg/dns takes a question that ends behind its name; we call it cut short, and nobody sends it.
 */
function readQuestion(bytes: Uint8Array, offset: number, end: number, view: QueryView): number {
  const key = view.key;
  const labelStarts = view.labelStarts;
  const fold = FOLD;
  const nameOffset = offset + HEADER_BYTES;
  const nameEnd = Math.min(end, nameOffset + NAME_BYTES_MAX) - nameOffset;
  let labels = 0;
  let index = 0;
  for (;;) {
    if (index >= nameEnd) return MALFORMED;
    const labelBytes = bytes[nameOffset + index];
    if (labelBytes === 0) break;
    const labelEnd = index + 1 + labelBytes;
    if (labelBytes > LABEL_BYTES_MAX || labelEnd >= nameEnd) return MALFORMED;
    labelStarts[labels++] = index;
    key[index++] = labelBytes;
    for (; index < labelEnd; index++) key[index] = fold[bytes[nameOffset + index]];
  }
  key[index++] = 0;
  const at = nameOffset + index;
  if (at + QUESTION_TAIL_BYTES > end) return MALFORMED;
  view.nameBytes = index;
  view.labelCount = labels;
  view.type = (bytes[at] << 8) | bytes[at + 1];
  view.class = (bytes[at + 2] << 8) | bytes[at + 3];
  view.questionEnd = at + QUESTION_TAIL_BYTES - offset;
  return at + QUESTION_TAIL_BYTES;
}

/**
 * Read one record behind the question; an OPT of the additional section is entered in the view.
 * @param at absolute index of the owner
 * @returns absolute index behind the record, or MALFORMED; a second OPT is that, too (RFC 6891 §6.1.1)
 */
function readRecord(bytes: Uint8Array, end: number, at: number, isAdditional: boolean, view: QueryView): number {
  const offset = view.messageOffset;
  // Nearly every record behind a question is an OPT, whose owner is the root: one octet.
  const tail = bytes[at] === 0 ? at + 1 : skipName(bytes, offset, end, at);
  if (tail === MALFORMED || tail + RECORD_TAIL_BYTES > end) return MALFORMED;
  const type = (bytes[tail] << 8) | bytes[tail + 1];
  const dataOffset = tail + RECORD_TAIL_BYTES;
  const dataBytes = (bytes[tail + 8] << 8) | bytes[tail + 9];
  const dataEnd = dataOffset + dataBytes;
  if (dataEnd > end) return MALFORMED;
  if (dataBytes > 0 && !dataIsValid(bytes, offset, type, dataOffset, dataEnd)) return MALFORMED;
  if (type !== Type.OPT || !isAdditional) {
    view.hasOtherAdditional = 1;
    return dataEnd;
  }
  if (view.optOffset !== 0) return MALFORMED;
  view.optOffset = at - offset;
  view.optBytes = dataEnd - at;
  view.optionsBytes = dataBytes;
  view.udpSize = (bytes[tail + 2] << 8) | bytes[tail + 3];
  view.ednsVersion = bytes[tail + 5];
  view.ednsFlags = (bytes[tail + 6] << 8) | bytes[tail + 7];
  view.doBit = bytes[tail + 6] >>> 7;
  return dataEnd;
}

/** Octet of the header where the number of records of the answer section begins; two more sections follow. */
const ANSWER_COUNT_OFFSET = 6;

/**
 * Correct the counts of a header that claims more records than follow: passed on with them, the question would be refused.
 * @param missing records that are claimed and not there: the last ones
 */
function dropMissing(bytes: Uint8Array, offset: number, missing: number): void {
  let rest = missing;
  for (let at = offset + ANSWER_COUNT_OFFSET + 4; rest > 0; at -= 2) {
    assert(at >= offset + ANSWER_COUNT_OFFSET && bytes[at] === 0); // Counts over 2 were refused.
    const dropped = Math.min(rest, bytes[at + 1]);
    bytes[at + 1] -= dropped;
    rest -= dropped;
  }
}

/**
 * Read a packet from a client and say what is to be done with it. The head of this file is the table.
 * Counts larger than the content are corrected, in the packet, when the content ends with a whole record.
 * @param bytes one or many receive slots; octets outside offset..offset+length-1 are never looked at
 * @param length octets received, 0..65535
 * @param view rewritten. id and flags are valid unless the verdict is DROP; the question for ACCEPT and
 *   FORMAT_ERROR_QUESTION; the rest for ACCEPT only
 * @source RFC 1035 §4.1, RFC 6891 §6.1; miekg/dns acceptfunc.go. Allocates nothing; no packet makes it throw
 */
export function readQuery(bytes: Uint8Array, offset: number, length: number, view: QueryView): Verdict {
  assert(offset >= 0 && offset + length <= bytes.length);
  assert(length >= 0 && length <= MESSAGE_BYTES_MAX);
  view.messageOffset = offset;
  view.messageBytes = length;
  if (length < HEADER_BYTES) return Verdict.DROP;
  const flags = (bytes[offset + 2] << 8) | bytes[offset + 3];
  if ((flags & FLAG_QR) !== 0) return Verdict.DROP;
  view.id = (bytes[offset] << 8) | bytes[offset + 1];
  view.flags = flags;
  resetView(view);

  const opcode = (flags & OPCODE_MASK) >>> OPCODE_SHIFT;
  if (opcode !== Opcode.QUERY && opcode !== Opcode.NOTIFY) return Verdict.NOT_IMPLEMENTED;
  const answers = (bytes[offset + 6] << 8) | bytes[offset + 7];
  const authorities = (bytes[offset + 8] << 8) | bytes[offset + 9];
  const additionals = (bytes[offset + 10] << 8) | bytes[offset + 11];
  if (((bytes[offset + 4] << 8) | bytes[offset + 5]) !== 1) return Verdict.FORMAT_ERROR;
  if (answers > 1 || authorities > 1 || additionals > 2) return Verdict.FORMAT_ERROR;
  if (length === HEADER_BYTES) return Verdict.NO_QUESTION_BYTES;

  const end = offset + length;
  let at = readQuestion(bytes, offset, end, view);
  if (at === MALFORMED) return Verdict.FORMAT_ERROR;

  let count = answers + authorities + additionals;
  for (; count > 0 && at < end; count--) {
    at = readRecord(bytes, end, at, count <= additionals, view);
    if (at === MALFORMED) return Verdict.FORMAT_ERROR_QUESTION;
  }
  if (count > 0) dropMissing(bytes, offset, count);
  view.messageBytes = at - offset;
  return Verdict.ACCEPT;
}
