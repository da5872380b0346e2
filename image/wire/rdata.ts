/**
 * What is inside a record's data, as far as a forwarder must know: where names are, because they may be compressed on
 * the way in (RFC 3597 §4), and which sizes are fixed, because miekg/dns refuses a message whose data does not fill
 * them.
 */
import { assert } from '../assert';
import { LABEL_BYTES_MAX, MESSAGE_BYTES_MAX, NAME_BYTES_MAX } from '../limits';
import { Type } from './codes';
import { optionsAreValid } from './edns';
import { expandName, MALFORMED, skipName } from './name';

/** Parts of data. A positive number is that many octets; these stand for what has no fixed size. */
export const Part = {
  /** A name of RFC 1035's own types: may be compressed when we write it. */
  NAME: -1,
  /** A name of a later type: read in any form, written uncompressed (RFC 3597 §4). */
  NAME_PLAIN: -2,
  /** A length octet and that many octets (RFC 1035 §3.3 character-string). */
  STRING: -3,
  /** One or more of them, to the end. */
  STRINGS: -4,
  /** All that is left, opaque. */
  REST: -5,
} as const;

/** Data with all names in full: no layout has more than two. */
export const EXPANDED_DATA_BYTES_MAX = MESSAGE_BYTES_MAX + 2 * NAME_BYTES_MAX;

const OPAQUE: readonly number[] = [Part.REST];
const NAME_ONLY: readonly number[] = [Part.NAME];
const PREFERENCE_AND_NAME: readonly number[] = [2, Part.NAME_PLAIN];
const SIGNATURE: readonly number[] = [18, Part.NAME_PLAIN, Part.REST];
const STRINGS_ONLY: readonly number[] = [Part.STRINGS];
const SERVICE_BINDING: readonly number[] = [2, Part.NAME_PLAIN, Part.REST];

/** By type; a type that is not here is opaque. Sources: RFC 1035 §3.3 and the RFC of each type. */
const LAYOUTS: ReadonlyMap<number, readonly number[]> = new Map<number, readonly number[]>([
  [Type.A, [4]],
  [Type.NS, NAME_ONLY],
  [3, NAME_ONLY], // MD
  [4, NAME_ONLY], // MF
  [Type.CNAME, NAME_ONLY],
  [Type.SOA, [Part.NAME, Part.NAME, 20]],
  [7, NAME_ONLY], // MB
  [8, NAME_ONLY], // MG
  [9, NAME_ONLY], // MR
  [Type.PTR, NAME_ONLY],
  [Type.HINFO, [Part.STRING, Part.STRING]],
  [14, [Part.NAME, Part.NAME]], // MINFO
  [Type.MX, [2, Part.NAME]],
  [Type.TXT, STRINGS_ONLY],
  [17, [Part.NAME_PLAIN, Part.NAME_PLAIN]], // RP, RFC 1183
  [18, PREFERENCE_AND_NAME], // AFSDB
  [21, PREFERENCE_AND_NAME], // RT
  [23, [Part.NAME_PLAIN]], // NSAP-PTR
  [Type.SIG, SIGNATURE],
  [26, [2, Part.NAME_PLAIN, Part.NAME_PLAIN]], // PX, RFC 2163
  [Type.AAAA, [16]],
  [30, [Part.NAME_PLAIN, Part.REST]], // NXT
  [Type.SRV, [6, Part.NAME_PLAIN]],
  [Type.NAPTR, [4, Part.STRING, Part.STRING, Part.STRING, Part.NAME_PLAIN]],
  [36, PREFERENCE_AND_NAME], // KX
  [Type.DNAME, [Part.NAME_PLAIN]],
  [Type.DS, [4, Part.REST]],
  [Type.RRSIG, SIGNATURE],
  [Type.NSEC, [Part.NAME_PLAIN, Part.REST]],
  [Type.DNSKEY, [4, Part.REST]],
  [58, [Part.NAME_PLAIN, Part.NAME_PLAIN]], // TALINK
  [Type.SVCB, SERVICE_BINDING],
  [Type.HTTPS, SERVICE_BINDING],
  [99, STRINGS_ONLY], // SPF
  [107, PREFERENCE_AND_NAME], // LP, RFC 6742
  [Type.TKEY, [Part.NAME_PLAIN, 14, Part.REST]],
  [Type.TSIG, [Part.NAME_PLAIN, 10, Part.REST]],
  [Type.CAA, [1, Part.STRING, Part.REST]],
]);

/** The parts of a type's data in order ({@link Part}); the caller does not change it. */
export function dataLayout(type: number): readonly number[] {
  return LAYOUTS.get(type) ?? OPAQUE;
}

/** Index behind one {@link Part} of data that ends at `end`, or MALFORMED. */
export function skipPart(bytes: Uint8Array, messageOffset: number, at: number, end: number, part: number): number {
  if (part > 0) return at + part <= end ? at + part : MALFORMED;
  if (part === Part.NAME || part === Part.NAME_PLAIN) return skipName(bytes, messageOffset, end, at);
  if (part === Part.REST) return end;
  if (part === Part.STRING) return at < end && at + 1 + bytes[at] <= end ? at + 1 + bytes[at] : MALFORMED;
  assert(part === Part.STRINGS);
  let offset = at;
  while (offset < end) offset += 1 + bytes[offset];
  return offset === end ? end : MALFORMED;
}

/**
 * Does the data have the form of its type? Empty data always has (RFC 2136 §2.4; miekg/dns takes it too).
 * @param dataOffset absolute index of the first octet; `dataEnd` behind the last, checked to be within the message
 */
export function dataIsValid(
  bytes: Uint8Array,
  messageOffset: number,
  type: number,
  dataOffset: number,
  dataEnd: number,
): boolean {
  assert(dataOffset > messageOffset && dataEnd >= dataOffset);
  assert(dataEnd <= bytes.length);
  if (dataOffset === dataEnd) return true;
  if (type === Type.OPT) return optionsAreValid(bytes, dataOffset, dataEnd);
  let at = dataOffset;
  for (const part of dataLayout(type)) {
    at = skipPart(bytes, messageOffset, at, dataEnd, part);
    if (at === MALFORMED) return false;
  }
  return at === dataEnd;
}

/** Does the layout of a type have names that may be compressed on the way in? */
export function hasNames(type: number): boolean {
  for (const part of dataLayout(type)) if (part === Part.NAME || part === Part.NAME_PLAIN) return true;
  return false;
}

/**
 * Write data with its names in full.
 * @param target room for EXPANDED_DATA_BYTES_MAX octets, written from 0; it is not `bytes`
 * @returns octets written, or -1 when {@link dataIsValid} says no, or there are over 65535
 */
export function expandData(
  bytes: Uint8Array,
  messageOffset: number,
  type: number,
  dataOffset: number,
  dataEnd: number,
  target: Uint8Array,
): number {
  if (!dataIsValid(bytes, messageOffset, type, dataOffset, dataEnd)) return -1;
  if (dataOffset === dataEnd) return 0;
  let from = dataOffset;
  let to = 0;
  for (const part of dataLayout(type)) {
    const next = skipPart(bytes, messageOffset, from, dataEnd, part);
    if (part === Part.NAME || part === Part.NAME_PLAIN) {
      to += expandName(bytes, messageOffset, dataEnd, from, target, to);
    } else {
      for (let index = from; index < next; index++) target[to++] = bytes[index];
    }
    from = next;
  }
  assert(from === dataEnd);
  return to <= MESSAGE_BYTES_MAX ? to : -1;
}

/**
 * Index behind a name that stands in full at `from`, or MALFORMED: cut short, over 255 octets, compressed.
 * @param data ends where the octets end; nothing is pointed at
 */
export function plainNameEnd(data: Uint8Array, from: number): number {
  assert(from >= 0);
  const offsetMax = Math.min(data.length, from + NAME_BYTES_MAX);
  let at = from;
  while (at < offsetMax) {
    if (data[at] === 0) return at + 1;
    if (data[at] > LABEL_BYTES_MAX) return MALFORMED;
    at += 1 + data[at];
  }
  return MALFORMED;
}

/**
 * Does data that stands alone have the form of its type, its names in full? What a ResourceRecord must hold.
 * @param data the whole data, without its length
 */
export function dataIsPlain(data: Uint8Array, type: number): boolean {
  assert(type >= 0 && type <= 0xffff);
  if (data.length === 0) return true;
  if (type === Type.OPT) return optionsAreValid(data, 0, data.length);
  let at = 0;
  for (const part of dataLayout(type)) {
    const isName = part === Part.NAME || part === Part.NAME_PLAIN;
    at = isName ? plainNameEnd(data, at) : skipPart(data, 0, at, data.length, part);
    if (at === MALFORMED) return false;
  }
  return at === data.length;
}
