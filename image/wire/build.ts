/** Small replies made from a query's own octets: refusals and errors that no plugin and no upstream has a part in. */
import { assert } from '../assert';
import { HEADER_BYTES } from '../limits';
import { Opcode, Rcode } from './codes';
import { writeOpt } from './edns';
import { FLAG_AD, FLAG_CD, FLAG_QR, FLAG_RA, FLAG_RD, FLAG_TC, OPCODE_MASK, OPCODE_SHIFT } from './header';
import { type QueryView, Verdict } from './question';

/**
 * What miekg/dns leaves of a refused query's flags: it turns the query itself into the reply and clears QR, AA, Z only.
 */
const FLAGS_KEPT_ON_REJECT = FLAG_TC | FLAG_RD | FLAG_RA | FLAG_AD | FLAG_CD;

/** Write a header: id of the request, flags, one count for the question and one for the additional section. */
function writeHeader(
  bytes: Uint8Array,
  offset: number,
  flags: number,
  questions: number,
  additionals: number,
  out: Uint8Array,
  outOffset: number,
): void {
  out[outOffset] = bytes[offset];
  out[outOffset + 1] = bytes[offset + 1];
  out[outOffset + 2] = flags >>> 8;
  out[outOffset + 3] = flags;
  out[outOffset + 4] = 0;
  out[outOffset + 5] = questions;
  for (let index = 6; index < 11; index++) out[outOffset + index] = 0;
  out[outOffset + 11] = additionals;
}

/** Flags of a reply to a query refused before any plugin saw it. FORMERR forgets the opcode, NOTIMP repeats it. */
function rejectFlags(requestFlags: number, rcode: number): number {
  const kept = rcode === Rcode.FORMERR ? FLAGS_KEPT_ON_REJECT : FLAGS_KEPT_ON_REJECT | OPCODE_MASK;
  return FLAG_QR | (requestFlags & kept) | rcode;
}

/** Flags of a reply to an accepted query: opcode; RD and CD of a QUERY only (miekg/dns SetReply). */
function replyFlags(requestFlags: number, rcode: number): number {
  const opcode = (requestFlags & OPCODE_MASK) >>> OPCODE_SHIFT;
  const kept = opcode === Opcode.QUERY ? OPCODE_MASK | FLAG_RD | FLAG_CD : OPCODE_MASK;
  return FLAG_QR | (requestFlags & kept) | rcode;
}

/**
 * Write a reply that is a header only: NOTIMP or FORMERR to a packet whose question was not read.
 * @param bytes the request at `offset`, at least a header long
 * @param rcode NOTIMP or FORMERR, 0..15
 * @param out may be `bytes` with the same offset
 * @returns bytes written: HEADER_BYTES
 * @source miekg/dns server.go serveDNS
 */
export function writeHeaderReply(
  bytes: Uint8Array,
  offset: number,
  rcode: number,
  out: Uint8Array,
  outOffset: number,
): number {
  assert(offset + HEADER_BYTES <= bytes.length && outOffset + HEADER_BYTES <= out.length);
  assert(rcode >= 0 && rcode <= 15);
  const flags = rejectFlags((bytes[offset + 2] << 8) | bytes[offset + 3], rcode);
  writeHeader(bytes, offset, flags, 0, 0, out, outOffset);
  return HEADER_BYTES;
}

/** Copy the question, its case kept; returns its end, which is the reply's length so far. */
function copyQuestion(bytes: Uint8Array, offset: number, view: QueryView, out: Uint8Array, outOffset: number): number {
  const questionEnd = view.questionEnd;
  for (let index = HEADER_BYTES; index < questionEnd; index++) out[outOffset + index] = bytes[offset + index];
  return questionEnd;
}

/**
 * Write a reply with a response code, the question and nothing else. The caller appends the OPT record and counts it.
 * @param bytes the request at `offset`, as readQuery read it into `view`
 * @param rcode 0..15
 * @param out room for `view.questionEnd` bytes; may be `bytes` with the same offset
 * @returns bytes written: `view.questionEnd`, which is HEADER_BYTES when the request had no question
 * @source miekg/dns SetRcode: id, opcode, question in its case; RD and CD for QUERY
 */
export function writeRcodeReply(
  bytes: Uint8Array,
  offset: number,
  view: QueryView,
  rcode: number,
  out: Uint8Array,
  outOffset: number,
): number {
  assert(offset + view.questionEnd <= bytes.length && outOffset + view.questionEnd <= out.length);
  assert(rcode >= 0 && rcode <= 15);
  const questions = view.questionEnd > HEADER_BYTES ? 1 : 0;
  writeHeader(bytes, offset, replyFlags(view.flags, rcode), questions, 0, out, outOffset);
  return copyQuestion(bytes, offset, view, out, outOffset);
}

/**
 * Write the reply to a packet that readQuery refused.
 * @param verdict neither ACCEPT (nothing is wrong) nor DROP (nothing is sent)
 * @param out room for `view.questionEnd` bytes; may be `bytes` with the same offset
 * @returns bytes written
 * @source reference table at the head of question.ts
 */
export function writeRefusal(
  bytes: Uint8Array,
  offset: number,
  view: QueryView,
  verdict: Verdict,
  out: Uint8Array,
  outOffset: number,
): number {
  assert(verdict !== Verdict.ACCEPT && verdict !== Verdict.DROP);
  assert(outOffset + view.questionEnd <= out.length);
  if (verdict === Verdict.NOT_IMPLEMENTED) return writeHeaderReply(bytes, offset, Rcode.NOTIMP, out, outOffset);
  if (verdict === Verdict.FORMAT_ERROR) return writeHeaderReply(bytes, offset, Rcode.FORMERR, out, outOffset);
  if (verdict === Verdict.NO_QUESTION_BYTES) {
    return writeRcodeReply(bytes, offset, view, Rcode.SERVFAIL, out, outOffset);
  }
  writeHeader(bytes, offset, rejectFlags(view.flags, Rcode.FORMERR), 1, 0, out, outOffset);
  return copyQuestion(bytes, offset, view, out, outOffset);
}

/**
 * Write the reply to a query with an EDNS version we do not speak: header with rcode 0, the question, and an OPT record
 * of size 0 whose extended rcode is the upper part of BADVERS, 1.
 * @param out room for `view.questionEnd` + 11 bytes; may be `bytes` with the same offset
 * @returns bytes written
 * @source RFC 6891 §6.1.3; CoreDNS plugin/pkg/edns Version
 */
export function writeBadVersionReply(
  bytes: Uint8Array,
  offset: number,
  view: QueryView,
  out: Uint8Array,
  outOffset: number,
): number {
  assert(view.ednsVersion !== 0 && view.questionEnd > HEADER_BYTES);
  assert(offset + view.questionEnd <= bytes.length);
  const rcode = Rcode.BADVERS & 0x0f;
  writeHeader(bytes, offset, replyFlags(view.flags, rcode), 1, 1, out, outOffset);
  const questionEnd = copyQuestion(bytes, offset, view, out, outOffset);
  return questionEnd + writeOpt(out, outOffset + questionEnd, 0, Rcode.BADVERS >>> 4, 0);
}
