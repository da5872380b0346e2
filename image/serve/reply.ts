/**
 * Last hands on every answer that went through the handlers: OPT, size, id, the client's spelling of the name.
 * @source coredns request/request.go SizeAndDo, Scrub; reference coredns-semantics 2.5
 */
import { assert } from '../assert';
import { type Query, TCP } from '../chain/query';
import { HEADER_BYTES, MESSAGE_BYTES_MAX, UDP_PLAIN_BYTES, UDP_REPLY_BYTES_MAX } from '../limits';
import { writeRcodeReply } from '../wire/build';
import { Rcode } from '../wire/codes';
import {
  appendExtendedErrors,
  dropTrailingOpt,
  normaliseReplyOpt,
  OPT_BYTES,
  replyOptBytes,
  writeReplyOpt,
} from '../wire/edns';
import { FLAG_AD, getCount, getFlags, Section, setCount, setFlags, setId } from '../wire/header';
import type { QueryView } from '../wire/question';
import { rebuildMessage } from '../wire/rebuild';
import { RecordWalk, recordOffset, walkRecords } from '../wire/record';
import { truncateMessage } from '../wire/truncate';

/** Used by one answer at a time. */
const WALK = new RecordWalk();
const REBUILT = new Uint8Array(MESSAGE_BYTES_MAX);

/** Largest answer for a client: what TCP carries, or what it says it takes over UDP within our own limit. */
export function replyBytesMax(view: QueryView, protocol: number): number {
  if (protocol === TCP) return MESSAGE_BYTES_MAX;
  return Math.min(Math.max(view.udpSize, UDP_PLAIN_BYTES), UDP_REPLY_BYTES_MAX);
}

/**
 * Write an answer with a response code and nothing else, but for the OPT that the client's own wants.
 * @returns its size
 */
export function writeRcode(
  bytes: Uint8Array,
  view: QueryView,
  rcode: number,
  protocol: number,
  out: Uint8Array,
  outOffset: number,
): number {
  const length = writeRcodeReply(bytes, view.messageOffset, view, rcode, out, outOffset);
  return length + appendOpt(bytes, view, protocol, out, outOffset, length);
}

/** Append our OPT to an answer of `length` bytes. @returns bytes added, 0 when the client sent none */
export function appendOpt(
  bytes: Uint8Array,
  view: QueryView,
  protocol: number,
  out: Uint8Array,
  outOffset: number,
  length: number,
): number {
  if (view.optOffset === 0) return 0;
  const end = outOffset + replyBytesMax(view, protocol);
  const added = writeReplyOpt(bytes, view, out, outOffset + length, end, protocol === TCP);
  if (added > 0) {
    setCount(out, outOffset, Section.ADDITIONAL, getCount(out, outOffset, Section.ADDITIONAL) + 1);
  }
  return added;
}

/**
 * Write the final answer of a query that has gone in and out.
 * @param out room for {@link replyBytesMax} bytes at `outOffset`, not where the answer stands now; that is changed, too
 * @returns its size
 */
export function writeAnswer(query: Query, out: Uint8Array, outOffset: number): number {
  const { view, bytes, protocol } = query;
  assert(query.reply !== out || query.replyOffset !== outOffset);
  if (query.replyBytes === 0 || !walkRecords(query.reply, query.replyOffset, query.replyBytes, WALK)) {
    if (query.replyBytes > 0) query.rcode = Rcode.SERVFAIL; // An answer that nobody could read.
    const length = writeRcode(bytes, view, query.rcode, protocol, out, outOffset);
    return length + appendWhy(query, out, outOffset, view.questionEnd, length);
  }
  query.replyBytes = WALK.messageEnd; // Octets behind the last record, such as an OPT taken off before, are no part of it.
  const limit = replyBytesMax(view, protocol);
  const keepsOpt = view.optOffset > 0 && WALK.optIndex >= 0 && WALK.messageEnd <= limit;
  let length: number;
  if (keepsOpt) {
    normaliseReplyOpt(query.reply, query.replyOffset, WALK, view);
    length = WALK.messageEnd;
  } else {
    length = fit(query, limit - replyOptBytes(bytes, view, protocol === TCP));
  }
  out.set(query.reply.subarray(query.replyOffset, query.replyOffset + length), outOffset);
  const withoutOpt = keepsOpt ? recordOffset(WALK, WALK.optIndex) - query.replyOffset : length;
  if (!keepsOpt) length += appendOpt(bytes, view, protocol, out, outOffset, length);
  if (!keepsOpt || WALK.optIndex === WALK.count - 1) length += appendWhy(query, out, outOffset, withoutOpt, length);
  personalise(query, out, outOffset);
  return length;
}

/** Put the extended error of a query into the OPT that ends its answer. @returns bytes added, 0 for a client without EDNS */
function appendWhy(query: Query, out: Uint8Array, outOffset: number, optStart: number, length: number): number {
  const { view, extendedError, extendedErrorText } = query;
  if (extendedError < 0 || view.optOffset === 0 || length < optStart + OPT_BYTES) return 0;
  const end = outOffset + replyBytesMax(view, query.protocol);
  return appendExtendedErrors(out, outOffset + optStart, outOffset + length, end, extendedError, extendedErrorText);
}

/** Take the OPT off and cut the answer to `limit`, compressing it first if that helps. @returns its size in query.reply */
function fit(query: Query, limit: number): number {
  const { reply, replyOffset, replyBytes } = query;
  const length = dropTrailingOpt(reply, replyOffset, replyBytes, WALK);
  if (length > 0 && length <= limit) return length;
  const rebuilt = rebuildMessage(reply, replyOffset, length > 0 ? length : replyBytes, REBUILT);
  if (rebuilt > 0) {
    query.reply = REBUILT;
    query.replyOffset = 0;
    query.replyBytes = rebuilt;
  }
  const whole = rebuilt || length || replyBytes;
  const walked = walkRecords(query.reply, query.replyOffset, whole, WALK);
  assert(walked); // It was read before, or we wrote it.
  return truncateMessage(query.reply, query.replyOffset, whole, WALK, limit);
}

/** Give the answer its client's id and spelling. */
function personalise(query: Query, out: Uint8Array, outOffset: number): void {
  const { view, bytes, requestOffset } = query;
  setId(out, outOffset, view.id);
  if (query.hidesAuthenticated) setFlags(out, outOffset, getFlags(out, outOffset) & ~FLAG_AD);
  for (let index = HEADER_BYTES; index < view.questionEnd; index++) {
    out[outOffset + index] = bytes[requestOffset + index];
  }
}
