/**
 * An answer that is too large for its client: keep the longest run of whole records from the front (answers, then
 * authority, then additional), drop the rest and set TC (RFC 2181 §9, CoreDNS dns.Msg.Truncate). Names point backwards
 * only, so what is kept stays readable.
 */
import { assert } from '../assert';
import { HEADER_BYTES, MESSAGE_BYTES_MAX } from '../limits';
import { FLAG_TC, getCount, getFlags, Section, setCount, setFlags } from './header';
import { skipName } from './name';
import type { RecordWalk } from './record';

/** TYPE and CLASS behind a question's name. */
const QUESTION_TAIL_BYTES = 4;

/** Write the counts of a message of which the first `kept` records stay, and TC. */
function cutCounts(bytes: Uint8Array, offset: number, kept: number): void {
  let left = kept;
  for (let section: number = Section.ANSWER; section <= Section.ADDITIONAL; section++) {
    const count = Math.min(left, getCount(bytes, offset, section));
    setCount(bytes, offset, section, count);
    left -= count;
  }
  assert(left === 0);
  setFlags(bytes, offset, getFlags(bytes, offset) | FLAG_TC);
}

/**
 * Cut a walked message to a size. The OPT record is the caller's: take it off first, leave room for it in the limit and
 * append it afterwards.
 * @param length octets of the message; junk behind its last record goes too
 * @param walk of this message; stale when something was cut
 * @param limitBytes the question stays even when it alone is larger
 * @returns new length; counts and TC are changed in place when a record was dropped
 */
export function truncateMessage(
  bytes: Uint8Array,
  offset: number,
  length: number,
  walk: RecordWalk,
  limitBytes: number,
): number {
  assert(offset >= 0 && offset + length <= bytes.length && length <= MESSAGE_BYTES_MAX);
  assert(walk.messageEnd <= length && walk.recordsStart >= HEADER_BYTES);
  if (walk.messageEnd <= limitBytes) return walk.messageEnd;
  let kept = walk.count;
  while (kept > 0 && walk.recordEnds[kept - 1] > limitBytes) kept--;
  if (kept < walk.count) cutCounts(bytes, offset, kept);
  return kept === 0 ? walk.recordsStart : walk.recordEnds[kept - 1];
}

/**
 * Cut an answer of which only the places of its TTLs are known: a cached one. Every record has its TTL listed, in
 * order.
 * @param ttlOffsets relative to the message; this answer's are `first` … `first + count - 1`
 * @param limitBytes the question stays even when it alone is larger
 * @returns new length; counts and TC are changed in place when a record was dropped
 */
export function truncateAt(
  bytes: Uint8Array,
  offset: number,
  length: number,
  ttlOffsets: Uint16Array,
  first: number,
  count: number,
  limitBytes: number,
): number {
  assert(offset >= 0 && offset + length <= bytes.length && length <= MESSAGE_BYTES_MAX);
  assert(first >= 0 && first + count <= ttlOffsets.length);
  if (length <= limitBytes || count === 0) return length;
  for (let kept = count; kept > 0; kept--) {
    const lengthAt = offset + ttlOffsets[first + kept - 1] + 4; // RDLENGTH is behind the four octets of the TTL.
    const recordEnd = lengthAt + 2 + ((bytes[lengthAt] << 8) | bytes[lengthAt + 1]) - offset;
    if (recordEnd > limitBytes) continue;
    if (kept < count) cutCounts(bytes, offset, kept);
    return recordEnd;
  }
  cutCounts(bytes, offset, 0);
  if (getCount(bytes, offset, Section.QUESTION) === 0) return HEADER_BYTES;
  const nameEnd = skipName(bytes, offset, offset + length, offset + HEADER_BYTES);
  assert(nameEnd > 0); // What we keep has one well-formed question.
  return nameEnd + QUESTION_TAIL_BYTES - offset;
}
