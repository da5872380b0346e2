/**
 * Shuffling without taking an answer apart. Addresses of one name, all of one family, are records of one size:
 *
 *   | c0 0c | TYPE CLASS | TTL | RDLENGTH | RDATA |  | c0 0c | TYPE CLASS | TTL | RDLENGTH | RDATA | …
 *                          └────── changes places ──────┘
 *
 * Names stay where they are, so whatever points at them stays right. Nothing is allocated: the short way calls this, too.
 */
import type { Random } from '../../kernel/random';
import { HEADER_BYTES } from '../../limits';
import { Type } from '../../wire/codes';
import { getCount, Section } from '../../wire/header';
import { MALFORMED, skipName } from '../../wire/name';

/** Owner as a pointer, TYPE, CLASS, TTL, RDLENGTH. */
const HEAD_BYTES = 12;
/** From a record's beginning to its TTL. */
const TTL_OFFSET = 6;

/** Swap TTL, RDLENGTH and RDATA of two records of `bytes` octets. */
function swap(message: Uint8Array, left: number, right: number, bytes: number): void {
  for (let index = TTL_OFFSET; index < bytes; index++) {
    const kept = message[left + index];
    message[left + index] = message[right + index];
    message[right + index] = kept;
  }
}

/** Index behind the owner, TYPE and so on of a record, or MALFORMED. */
function recordEnd(message: Uint8Array, offset: number, end: number, at: number): number {
  const tail = skipName(message, offset, end, at);
  if (tail === MALFORMED || tail + 10 > end) return MALFORMED;
  const recordEnds = tail + 10 + ((message[tail + 8] << 8) | message[tail + 9]);
  return recordEnds <= end ? recordEnds : MALFORMED;
}

/** Type of the record at `at`, whose owner is a pointer; 0 for another owner. */
function pointedType(message: Uint8Array, at: number): number {
  return message[at] >= 0xc0 ? (message[at + 2] << 8) | message[at + 3] : 0;
}

/** Do two records have the same owner (the same pointer), type and size? */
function isAlike(message: Uint8Array, left: number, right: number): boolean {
  for (let index = 0; index < 4; index++) if (message[left + index] !== message[right + index]) return false;
  return message[left + 10] === message[right + 10] && message[left + 11] === message[right + 11];
}

/** Are authority and additional section free of records that would be shuffled? From `at` on. */
function restIsQuiet(message: Uint8Array, offset: number, end: number, at: number): boolean {
  const count = getCount(message, offset, Section.AUTHORITY) + getCount(message, offset, Section.ADDITIONAL);
  let record = at;
  for (let left = count; left > 0; left--) {
    const next = recordEnd(message, offset, end, record);
    if (next === MALFORMED) return false;
    const tail = skipName(message, offset, end, record);
    const type = (message[tail] << 8) | message[tail + 1];
    if (type === Type.A || type === Type.AAAA || type === Type.MX || type === Type.CNAME) return false;
    record = next;
  }
  return true;
}

/**
 * Bring the addresses of an answer into an order of chance.
 * @param offset where the message begins; `length` octets
 * @returns false when the answer is not of the simple kind, and was left as it is: one alias after the other, then only
 *   addresses of one family under one name, nothing to shuffle in the other sections
 */
export function shuffleInPlace(message: Uint8Array, offset: number, length: number, random: Random): boolean {
  const end = offset + length;
  const question = getCount(message, offset, Section.QUESTION);
  const answers = getCount(message, offset, Section.ANSWER);
  let at = offset + HEADER_BYTES;
  if (question === 1) {
    at = skipName(message, offset, end, at);
    if (at === MALFORMED) return false;
    at += 4;
  }
  let index = 0;
  for (; index < answers && typeAt(message, offset, end, at) === Type.CNAME; index++) {
    at = recordEnd(message, offset, end, at);
    if (at === MALFORMED) return false;
  }
  const first = at;
  const count = answers - index;
  if (count > 0) {
    const type = pointedType(message, first);
    if (type !== Type.A && type !== Type.AAAA) return false;
    const bytes = HEAD_BYTES + (type === Type.A ? 4 : 16);
    if (first + count * bytes > end || message[first + 11] !== bytes - HEAD_BYTES || message[first + 10] !== 0)
      return false;
    for (let other = 1; other < count; other++) if (!isAlike(message, first, first + other * bytes)) return false;
    if (!restIsQuiet(message, offset, end, first + count * bytes)) return false;
    for (let place = 0; place < count - 1; place++) {
      const other = place + random.below(count - place);
      if (other !== place) swap(message, first + place * bytes, first + other * bytes, bytes);
    }
    return true;
  }
  return restIsQuiet(message, offset, end, first);
}

/** Type of the record at `at`, whatever its owner; 0 when there is none. */
function typeAt(message: Uint8Array, offset: number, end: number, at: number): number {
  const tail = skipName(message, offset, end, at);
  return tail === MALFORMED || tail + 2 > end ? 0 : (message[tail] << 8) | message[tail + 1];
}
