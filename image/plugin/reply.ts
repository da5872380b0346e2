/** Whole answers that a plugin makes from the query and records of its own. The slow path: it allocates. */
import type { Scratch } from '../chain/context';
import type { Step } from '../chain/plugin';
import type { Query } from '../chain/query';
import { HEADER_BYTES, MESSAGE_BYTES_MAX } from '../limits';
import { Opcode, Type } from '../wire/codes';
import { EDNS_DO } from '../wire/edns';
import { FLAG_AA, FLAG_CD, FLAG_QR, FLAG_RD, FLAG_TC, OPCODE_MASK, OPCODE_SHIFT, RCODE_MASK } from '../wire/header';
import { encodeMessage, type Question, type ResourceRecord } from '../wire/message';

/** Records of an answer by section, uncompressed. */
export interface ReplyRecords {
  readonly answer: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
}

/** Type and class at the end of a question. */
const QUESTION_TAIL_BYTES = 4;

/** The name asked for as the client wrote it, uncompressed: clients that mix cases compare (draft-vixie-dnsext-dns0x20). */
export function questionName({ bytes, requestOffset, view }: Query): Uint8Array {
  return bytes.slice(requestOffset + HEADER_BYTES, requestOffset + view.questionEnd - QUESTION_TAIL_BYTES);
}

function questionOf(query: Query): Question {
  return { name: questionName(query), type: query.view.type, class: query.view.class };
}

/** Opcode; RD and CD of a QUERY only. @source miekg/dns SetReply */
function replyFlags(requestFlags: number): number {
  const isQuery = (requestFlags & OPCODE_MASK) >>> OPCODE_SHIFT === Opcode.QUERY;
  return FLAG_QR | (requestFlags & (isQuery ? OPCODE_MASK | FLAG_RD | FLAG_CD : OPCODE_MASK));
}

/** The upper eight bits of a response code over 15 stand in an OPT record (RFC 6891 §6.1.3). */
function extendedRcode({ view }: Query, rcode: number): ResourceRecord {
  const ttl = (((rcode >>> 4) << 24) | (view.doBit * EDNS_DO)) >>> 0;
  return { name: Uint8Array.of(0), type: Type.OPT, class: view.udpSize, ttl, data: new Uint8Array(0) };
}

/**
 * Answer a query: id, question, RD and CD as asked.
 * @param writer name of the plugin
 * @param rcode 0..4095; over 15 only for a client with EDNS
 * @param ownFlags what else is set in the header; with authority when not given
 * @returns DONE. When the records are over 65535 octets, half of the answer is left out until they fit, with TC set
 */
export function replyWith(
  query: Query,
  writer: string,
  scratch: Scratch,
  rcode: number,
  records: ReplyRecords,
  ownFlags: number = FLAG_AA,
): Step {
  const { view } = query;
  const { bytes, offset } = scratch;
  const isExtended = rcode > RCODE_MASK;
  let { answer } = records;
  let flags = replyFlags(view.flags) | ownFlags | (rcode & RCODE_MASK);
  let additional = isExtended ? [...records.additional, extendedRcode(query, rcode)] : records.additional;
  let authority = records.authority;
  const question = questionOf(query);
  for (;;) {
    const message = { id: view.id, flags, question, answer, authority, additional };
    const written = encodeMessage(message, bytes, offset, MESSAGE_BYTES_MAX);
    if (written > 0) {
      const step = query.answer(writer, bytes, offset, written);
      query.rcode = rcode;
      return step;
    }
    flags |= FLAG_TC;
    if (answer.length === 0) [authority, additional] = [[], []];
    answer = answer.slice(0, answer.length >> 1);
  }
}
