/**
 * The header: twelve octets in front of every message (RFC 1035 §4.1.1, RFC 6895 §2).
 *
 *     0                 1                 2                 3
 *    +-----------------+-----------------+-----------------+-----------------+
 *  0 |                id                 |QR| opcode |AA TC RD|RA Z AD CD| rcode|
 *    +-----------------+-----------------+-----------------+-----------------+
 *  4 |         questions (QD)            |          answers (AN)             |
 *    +-----------------+-----------------+-----------------+-----------------+
 *  8 |         authority (NS)            |         additional (AR)           |
 *    +-----------------+-----------------+-----------------+-----------------+
 *
 * Convention of this room: `bytes` is a large view that holds many messages; a message begins at `offset`, and what
 * compression pointers and our own tables count is relative to that beginning. Numbers in, numbers out, network byte
 * order; nothing a packet contains makes a function throw.
 */
import { assert } from '../assert';
import { HEADER_BYTES } from '../limits';

/** This is a reply. */
export const FLAG_QR = 0x8000;
/** Four bits of opcode; shift right by {@link OPCODE_SHIFT}. */
export const OPCODE_MASK = 0x7800;
export const OPCODE_SHIFT = 11;
/** Authoritative answer. */
export const FLAG_AA = 0x0400;
/** Truncated: ask again over TCP. */
export const FLAG_TC = 0x0200;
/** Recursion desired. */
export const FLAG_RD = 0x0100;
/** Recursion available. */
export const FLAG_RA = 0x0080;
/** Reserved, must be zero. */
export const FLAG_Z = 0x0040;
/** Authentic data (RFC 4035 §3.2.3). */
export const FLAG_AD = 0x0020;
/** Checking disabled (RFC 4035 §3.2.2). */
export const FLAG_CD = 0x0010;
/** Four bits of response code. */
export const RCODE_MASK = 0x000f;

/** The four sections in the order of their counts, for {@link getCount} and {@link setCount}. */
export const Section = { QUESTION: 0, ANSWER: 1, AUTHORITY: 2, ADDITIONAL: 3 } as const;
const COUNTS_OFFSET = 4;

/** Message id, 0..65535. The message begins at `offset` and is at least a header long. */
export function getId(bytes: Uint8Array, offset: number): number {
  assert(offset >= 0);
  assert(offset + HEADER_BYTES <= bytes.length);
  return (bytes[offset] << 8) | bytes[offset + 1];
}

/** Write the message id, 0..65535. */
export function setId(bytes: Uint8Array, offset: number, id: number): void {
  assert(offset >= 0 && offset + HEADER_BYTES <= bytes.length);
  assert(id >= 0 && id <= 0xffff);
  bytes[offset] = id >>> 8;
  bytes[offset + 1] = id;
}

/** The second 16 bits as one number: test with FLAG_*, OPCODE_MASK and RCODE_MASK. */
export function getFlags(bytes: Uint8Array, offset: number): number {
  assert(offset >= 0);
  assert(offset + HEADER_BYTES <= bytes.length);
  return (bytes[offset + 2] << 8) | bytes[offset + 3];
}

/** Write the second 16 bits. */
export function setFlags(bytes: Uint8Array, offset: number, flags: number): void {
  assert(offset >= 0 && offset + HEADER_BYTES <= bytes.length);
  assert(flags >= 0 && flags <= 0xffff);
  bytes[offset + 2] = flags >>> 8;
  bytes[offset + 3] = flags;
}

/** Records that the header claims for a section ({@link Section}), 0..65535: a claim, not a fact. */
export function getCount(bytes: Uint8Array, offset: number, section: number): number {
  assert(offset >= 0 && offset + HEADER_BYTES <= bytes.length);
  assert(section >= Section.QUESTION && section <= Section.ADDITIONAL);
  const at = offset + COUNTS_OFFSET + 2 * section;
  return (bytes[at] << 8) | bytes[at + 1];
}

/** Write the count of a section ({@link Section}). */
export function setCount(bytes: Uint8Array, offset: number, section: number, count: number): void {
  assert(offset >= 0 && offset + HEADER_BYTES <= bytes.length);
  assert(section >= Section.QUESTION && section <= Section.ADDITIONAL && count >= 0 && count <= 0xffff);
  const at = offset + COUNTS_OFFSET + 2 * section;
  bytes[at] = count >>> 8;
  bytes[at + 1] = count;
}
