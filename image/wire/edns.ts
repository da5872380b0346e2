/**
 * EDNS (RFC 6891): the OPT record a query may carry and the one our reply answers it with.
 *
 *    +-------+-----------+----------------+------------+---------+--------+----------+--------------------
 *    | 0     | TYPE = 41 | CLASS: largest | TTL:       | version | DO + Z | RDLENGTH | options: code,
 *    | owner |           | UDP reply      | ext. rcode |         |        |          | length, data …
 *    +-------+-----------+----------------+------------+---------+--------+----------+--------------------
 *      1 byte  2           2                1            1         2        2
 */
import { assert } from '../assert';
import { Type } from './codes';
import { getCount, Section, setCount } from './header';
import type { QueryView } from './question';
import { type RecordWalk, TYPE_TO_TTL_BYTES } from './record';

/** An OPT record with no options. */
export const OPT_BYTES = 11;
/** Code and length in front of an option's data. */
export const OPTION_HEADER_BYTES = 4;
/** DNSSEC OK, in the low 16 bits of the OPT's TTL (RFC 3225). */
export const EDNS_DO = 0x8000;
/** What a reply repeats of those 16 bits: DO and the upper reserved ones. CoreDNS masks the TTL with 0xff00. */
const EDNS_FLAGS_KEPT = 0xff00;

/** Option codes (IANA "DNS EDNS0 Option Codes"). */
export const Option = {
  LLQ: 1,
  UPDATE_LEASE: 2,
  NSID: 3,
  SUBNET: 8,
  EXPIRE: 9,
  COOKIE: 10,
  KEEPALIVE: 11,
  PADDING: 12,
  EXTENDED_ERROR: 15,
} as const;

/** INFO-CODEs of extended errors that this server says (IANA "Extended DNS Error Codes", RFC 8914 §4). */
export const ExtendedError = {
  STALE_ANSWER: 3,
  CACHED_ERROR: 13,
  STALE_NXDOMAIN: 19,
  NO_REACHABLE_AUTHORITY: 22,
  NETWORK_ERROR: 23,
} as const;

const CAUSE_SHIFT = 16;

/** Two INFO-CODEs in one number, for {@link appendExtendedErrors}: what happened, and what had happened before. */
export function withCause(infoCode: number, cause: number): number {
  assert(infoCode > 0 && infoCode <= 0xffff && cause > 0 && cause <= 0x7fff);
  return infoCode | (cause << CAUSE_SHIFT);
}

/**
 * Is the address part of a client-subnet option one that miekg/dns reads (RFC 7871 §6)? `dig` sends family 0 for /0.
 */
function subnetIsValid(bytes: Uint8Array, offset: number, dataBytes: number): boolean {
  if (dataBytes < 4) return false;
  const family = (bytes[offset] << 8) | bytes[offset + 1];
  const source = bytes[offset + 2];
  if (family === 0) return source === 0;
  const bitsMax = family === 1 ? 32 : 128;
  return family <= 2 && source <= bitsMax && bytes[offset + 3] <= bitsMax;
}

/** Has an option's data a size that its code allows? Sizes as miekg/dns v1.1.68 wants them; unknown codes are free. */
function optionIsValid(bytes: Uint8Array, code: number, offset: number, dataBytes: number): boolean {
  switch (code) {
    case Option.LLQ:
      return dataBytes >= 18;
    case Option.UPDATE_LEASE:
      return dataBytes === 4 || dataBytes === 8;
    case Option.SUBNET:
      return subnetIsValid(bytes, offset, dataBytes);
    case Option.EXPIRE:
      return dataBytes === 0 || dataBytes >= 4;
    case Option.KEEPALIVE:
      return dataBytes === 0 || dataBytes === 2;
    case Option.EXTENDED_ERROR:
      return dataBytes >= 2;
    default:
      return true;
  }
}

/**
 * Do the options fill the data of an OPT record exactly, each with a size its code allows?
 * @param offset absolute index of the first option; `end` behind the last, checked to be within the message
 * @source RFC 6891 §6.1.2; CoreDNS answers FORMERR with the question when not
 */
export function optionsAreValid(bytes: Uint8Array, offset: number, end: number): boolean {
  assert(offset >= 0 && offset <= end);
  assert(end <= bytes.length);
  let at = offset;
  while (at < end) {
    if (at + OPTION_HEADER_BYTES > end) return false;
    const code = (bytes[at] << 8) | bytes[at + 1];
    const dataBytes = (bytes[at + 2] << 8) | bytes[at + 3];
    at += OPTION_HEADER_BYTES;
    if (at + dataBytes > end || !optionIsValid(bytes, code, at, dataBytes)) return false;
    at += dataBytes;
  }
  return true;
}

/** A bit per option code that {@link keepOption} named. */
const KEPT_CODES = new Uint8Array(65536 / 8);

/** Repeat options of this code in replies from now on: for codes that a Corefile names. Never taken back, as in CoreDNS. */
export function keepOption(code: number): void {
  assert(code >= 0 && code <= 0xffff);
  KEPT_CODES[code >>> 3] |= 1 << (code & 7);
}

/**
 * Is an option of the query repeated in our reply? NSID, EXPIRE and PADDING are, as CoreDNS does. KEEPALIVE only when
 * the caller says so: over UDP it is forbidden (RFC 7828 §3.2.1). COOKIE is not, unlike CoreDNS: a reply with the
 * client part alone is malformed (RFC 7873 §5.2.2), and clients take its absence as "no cookies here".
 */
function optionIsKept(code: number, keepsKeepalive: boolean): boolean {
  if (code === Option.KEEPALIVE) return keepsKeepalive;
  if (code === Option.NSID || code === Option.EXPIRE || code === Option.PADDING) return true;
  return (KEPT_CODES[code >>> 3] & (1 << (code & 7))) !== 0;
}

/**
 * Write the head of an OPT record with no options; setting RDLENGTH later is up to the caller.
 * @param udpBytes the CLASS field
 * @param extendedRcode the upper eight bits of a response code, 0 for all but BADVERS and such
 * @param flags the low 16 bits of the TTL
 * @returns OPT_BYTES
 */
export function writeOpt(
  out: Uint8Array,
  outOffset: number,
  udpBytes: number,
  extendedRcode: number,
  flags: number,
): number {
  assert(outOffset >= 0 && outOffset + OPT_BYTES <= out.length);
  assert(extendedRcode >= 0 && extendedRcode <= 0xff);
  out[outOffset] = 0;
  out[outOffset + 1] = 0;
  out[outOffset + 2] = Type.OPT;
  out[outOffset + 3] = udpBytes >>> 8;
  out[outOffset + 4] = udpBytes;
  out[outOffset + 5] = extendedRcode;
  out[outOffset + 6] = 0; // Version: 0 is the only one.
  out[outOffset + 7] = flags >>> 8;
  out[outOffset + 8] = flags;
  out[outOffset + 9] = 0;
  out[outOffset + 10] = 0;
  return OPT_BYTES;
}

/**
 * Write the OPT record of our reply: the query's own, with version and extended rcode cleared, its size, DO and upper
 * reserved bits as they were, and the options that are repeated. The caller counts it in ARCOUNT.
 * @param bytes where the query still stands, at `view.messageOffset`
 * @param view the query as readQuery left it; `view.udpSize` is what is written, so a plugin may lower it before
 * @param out may be `bytes`, but the record must not be written over the query's options
 * @param outEnd nothing is written from there on; options that do not fit are left out
 * @param keepsKeepalive true over TCP
 * @returns bytes written: 0 when the query has no OPT or there is no room for 11 bytes
 * @source RFC 6891 §6.1.1, §7; CoreDNS request/edns0.go
 */
export function writeReplyOpt(
  bytes: Uint8Array,
  view: QueryView,
  out: Uint8Array,
  outOffset: number,
  outEnd: number,
  keepsKeepalive = false,
): number {
  assert(outOffset >= 0 && outEnd <= out.length);
  assert(view.messageOffset + view.optOffset <= bytes.length);
  if (view.optOffset === 0 || outOffset + OPT_BYTES > outEnd) return 0;
  writeOpt(out, outOffset, view.udpSize, 0, view.ednsFlags & EDNS_FLAGS_KEPT);
  if (view.optionsBytes === 0) return OPT_BYTES;
  let at = view.messageOffset + view.optOffset + view.optBytes - view.optionsBytes;
  const end = at + view.optionsBytes;
  let target = outOffset + OPT_BYTES;
  while (at < end) {
    const code = (bytes[at] << 8) | bytes[at + 1];
    const optionBytes = OPTION_HEADER_BYTES + ((bytes[at + 2] << 8) | bytes[at + 3]);
    if (optionIsKept(code, keepsKeepalive) && target + optionBytes <= outEnd) {
      for (let index = 0; index < optionBytes; index++) out[target + index] = bytes[at + index];
      target += optionBytes;
    }
    at += optionBytes;
  }
  const dataBytes = target - outOffset - OPT_BYTES;
  out[outOffset + 9] = dataBytes >>> 8;
  out[outOffset + 10] = dataBytes;
  return target - outOffset;
}

/**
 * The upper eight bits of a message's response code, which its OPT record has (RFC 6891 §6.1.3).
 * @returns 0 when there is none
 */
export function extendedRcode(bytes: Uint8Array, walk: RecordWalk): number {
  if (walk.optIndex < 0) return 0;
  return bytes[walk.messageOffset + walk.typeOffsets[walk.optIndex] + TYPE_TO_TTL_BYTES];
}

/**
 * Size of what {@link writeReplyOpt} will write when nothing stops it: what a reply must leave free.
 * @returns 0 when the query has no OPT
 */
export function replyOptBytes(bytes: Uint8Array, view: QueryView, keepsKeepalive = false): number {
  assert(view.optOffset >= 0);
  assert(view.messageOffset + view.optOffset + view.optBytes <= bytes.length);
  if (view.optOffset === 0) return 0;
  let at = view.messageOffset + view.optOffset + view.optBytes - view.optionsBytes;
  const end = at + view.optionsBytes;
  let sum = OPT_BYTES;
  while (at < end) {
    const optionBytes = OPTION_HEADER_BYTES + ((bytes[at + 2] << 8) | bytes[at + 3]);
    if (optionIsKept((bytes[at] << 8) | bytes[at + 1], keepsKeepalive)) sum += optionBytes;
    at += optionBytes;
  }
  return sum;
}

/**
 * Add an extended error, or two, to the OPT record that ends a message: see {@link appendExtendedError}.
 * @param codes an INFO-CODE, or two as {@link withCause} makes them; `text` is the first one's
 * @returns bytes added
 */
export function appendExtendedErrors(
  out: Uint8Array,
  optOffset: number,
  end: number,
  outEnd: number,
  codes: number,
  text: string,
): number {
  const cause = codes >>> CAUSE_SHIFT;
  const added = appendExtendedError(out, optOffset, end, outEnd, codes & 0xffff, text);
  if (cause === 0 || added === 0) return added;
  return added + appendExtendedError(out, optOffset, end + added, outEnd, cause, '');
}

/**
 * Add an extended error to the OPT record that ends a message.
 * @param optOffset its first octet
 * @param end behind the record, which is the message's end
 * @param outEnd nothing is written from there on
 * @param text ASCII; left out when there is no room for it
 * @returns bytes added; 0 when there is no room
 * @source RFC 8914 §2
 */
export function appendExtendedError(
  out: Uint8Array,
  optOffset: number,
  end: number,
  outEnd: number,
  infoCode: number,
  text: string,
): number {
  assert(optOffset >= 0 && optOffset + OPT_BYTES <= end && outEnd <= out.length);
  assert(infoCode >= 0 && infoCode <= 0xffff);
  let textBytes = text.length;
  if (end + OPTION_HEADER_BYTES + 2 + textBytes > outEnd) textBytes = 0;
  const dataBytes = 2 + textBytes;
  if (end + OPTION_HEADER_BYTES + dataBytes > outEnd) return 0;
  out[end] = 0;
  out[end + 1] = Option.EXTENDED_ERROR;
  out[end + 2] = dataBytes >>> 8;
  out[end + 3] = dataBytes;
  out[end + 4] = infoCode >>> 8;
  out[end + 5] = infoCode;
  for (let index = 0; index < textBytes; index++) out[end + 6 + index] = text.charCodeAt(index) & 0x7f;
  const optionsBytes = ((out[optOffset + 9] << 8) | out[optOffset + 10]) + OPTION_HEADER_BYTES + dataBytes;
  out[optOffset + 9] = optionsBytes >>> 8;
  out[optOffset + 10] = optionsBytes;
  return OPTION_HEADER_BYTES + dataBytes;
}

/**
 * Cut an OPT record off the end of a message, where servers put it, and correct ARCOUNT.
 * @param walk of this message; stale afterwards
 * @returns new length; the old one when there is no OPT; 0 when the OPT is not last (TSIG behind it), where only
 *   decodeMessage and encodeMessage can remove it because names behind it may be pointed at
 */
export function dropTrailingOpt(bytes: Uint8Array, offset: number, length: number, walk: RecordWalk): number {
  assert(offset >= 0 && offset + length <= bytes.length);
  assert(walk.messageOffset === offset);
  if (walk.optIndex < 0) return length;
  if (walk.optIndex !== walk.count - 1) return 0;
  setCount(bytes, offset, Section.ADDITIONAL, getCount(bytes, offset, Section.ADDITIONAL) - 1);
  return walk.count === 1 ? walk.recordsStart : walk.recordEnds[walk.count - 2];
}

/**
 * Make an upstream's OPT record ours: the client's size, its DO and nothing else in the TTL but the upper bits of the
 * response code and the upper reserved bits. The options stay, since they say what the upstream can do. An owner other
 * than the root is left alone.
 * @param view the client's query, which has an OPT itself
 * @source CoreDNS request/edns0.go SizeAndDo, a reply that has an OPT
 */
export function normaliseReplyOpt(bytes: Uint8Array, offset: number, walk: RecordWalk, view: QueryView): void {
  assert(walk.messageOffset === offset && walk.optIndex >= 0);
  assert(view.optOffset > 0);
  const at = offset + walk.typeOffsets[walk.optIndex];
  bytes[at + 2] = view.udpSize >>> 8;
  bytes[at + 3] = view.udpSize;
  bytes[at + 5] = 0;
  bytes[at + 6] |= view.doBit << 7;
  bytes[at + 7] = 0;
}
