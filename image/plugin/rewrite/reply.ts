/** Answers taken apart for rules, and put together again with the question as the client asked it. */
import type { Scratch } from '../../chain/context';
import type { Query } from '../../chain/query';
import { HEADER_BYTES, MESSAGE_BYTES_MAX } from '../../limits';
import { Opcode, Rcode, Type } from '../../wire/codes';
import { EDNS_DO } from '../../wire/edns';
import { FLAG_CD, FLAG_QR, FLAG_RD, FLAG_TC, OPCODE_MASK, OPCODE_SHIFT, RCODE_MASK } from '../../wire/header';
import { decodeMessage, encodeMessage, type Message, type ResourceRecord } from '../../wire/message';
import { questionName } from '../reply';
import type { AnswerDraft } from './answer';

/** Lower 24 bits of an OPT record's TTL: all but the extended response code (RFC 6891 §6.1.3). */
const OPT_TTL_REST = 0x00ff_ffff;
const SAME_CASE = 0x20;

/** Equal octets, ASCII letters of either case: length octets are below 64 and have no case. */
function isSameName(
  left: Uint8Array,
  leftOffset: number,
  right: Uint8Array,
  rightOffset: number,
  bytes: number,
): boolean {
  for (let index = 0; index < bytes; index++) {
    const a = left[leftOffset + index];
    const b = right[rightOffset + index];
    if (a === b) continue;
    const letter = a | SAME_CASE;
    if (letter !== (b | SAME_CASE) || letter < 0x61 || letter > 0x7a) return false;
  }
  return true;
}

/**
 * Put the query's question into its answer, in place.
 * @returns false when that has another name, which records may point at: it must be taken apart
 */
export function restoreQuestion({ reply, replyOffset, replyBytes, bytes, requestOffset, view }: Query): boolean {
  const end = view.questionEnd;
  if (replyBytes < end) return false;
  if (!isSameName(reply, replyOffset + HEADER_BYTES, bytes, requestOffset + HEADER_BYTES, view.nameBytes)) return false;
  for (let index = HEADER_BYTES; index < end; index++) reply[replyOffset + index] = bytes[requestOffset + index];
  return true;
}

/**
 * The answer a query has, or the one that the server would write for its failure.
 * @returns undefined when it is malformed: then the query has failed
 */
export function startAnswer(query: Query): Message | undefined {
  const { reply, replyOffset, replyBytes, rcode, view } = query;
  if (replyBytes > 0) {
    const message = decodeMessage(reply, replyOffset, replyBytes);
    if (message === undefined) query.fail(Rcode.SERVFAIL, 'an answer whose records cannot be read');
    return message;
  }
  const isQuery = (view.flags & OPCODE_MASK) >>> OPCODE_SHIFT === Opcode.QUERY;
  const kept = view.flags & (isQuery ? OPCODE_MASK | FLAG_RD | FLAG_CD : OPCODE_MASK);
  const flags = FLAG_QR | kept | (rcode & RCODE_MASK);
  return { id: view.id, flags, question: undefined, answer: [], authority: [], additional: [] };
}

/** Additional records with the upper bits of the response code; undefined when a client without EDNS cannot be told them. */
function withRcode(draft: AnswerDraft, query: Query): readonly ResourceRecord[] | undefined {
  const { opt, rcode, additional } = draft;
  const upper = (rcode >>> 4) << 24;
  if (opt !== undefined) opt.ttl = ((opt.ttl & OPT_TTL_REST) | upper) >>> 0;
  if (opt !== undefined || upper === 0) return additional;
  const { view } = query;
  if (view.optOffset === 0) return undefined;
  const ttl = (upper | (view.doBit * EDNS_DO)) >>> 0;
  return [...additional, { name: Uint8Array.of(0), type: Type.OPT, class: view.udpSize, ttl, data: new Uint8Array(0) }];
}

/** Give a query its changed answer; SERVFAIL when rules made what cannot be said. */
export function writeAnswerDraft(query: Query, message: Message, draft: AnswerDraft, { bytes, offset }: Scratch): void {
  if (draft.wrongName !== '') {
    query.fail(Rcode.SERVFAIL, `invalid name after rewrite: ${draft.wrongName}`);
    return;
  }
  const additional = withRcode(draft, query);
  if (additional === undefined) {
    query.fail(Rcode.SERVFAIL, 'dns: bad extended rcode');
    return;
  }
  const { answer, authority, rcode, isTruncated } = draft;
  const { view, error } = query;
  let flags = (message.flags & ~RCODE_MASK) | (rcode & RCODE_MASK);
  if (isTruncated !== undefined) flags = isTruncated ? flags | FLAG_TC : flags & ~FLAG_TC;
  const question = { name: questionName(query), type: view.type, class: view.class };
  const changed = { id: view.id, flags, question, answer, authority, additional };
  const written = encodeMessage(changed, bytes, offset, MESSAGE_BYTES_MAX);
  if (written === 0) {
    query.fail(Rcode.SERVFAIL, 'answer too long after rewrite');
    return;
  }
  query.answer('rewrite', bytes, offset, written);
  query.rcode = rcode;
  query.error = error;
}
