/**
 * Names on the wire: labels with a length octet in front, closed by the root label 0 (RFC 1035 §3.1), possibly ending
 * in a pointer to an earlier name (§4.1.4). Offsets are absolute indexes into `bytes`; a pointer counts from
 * `messageOffset`. A *key* is an uncompressed name with A-Z folded to a-z (RFC 4343 §3), written from index 0.
 */
import { assert } from '../assert';
import { HEADER_BYTES, LABEL_BYTES_MAX, LABELS_MAX, NAME_BYTES_MAX } from '../limits';

export { fqdn, nameToText, textToName } from './name-text';

/**
 * No name is 0 bytes long and none ends at index 0, so a size or an offset can share its return value with a refusal.
 */
export const MALFORMED = 0;
/** The two high bits that make an octet pair a pointer. */
const POINTER = 0xc0;
/** Pointers followed for one name. Every one but the first is behind a label of its own in any sane message. */
const POINTERS_MAX = LABELS_MAX;

/** Lower case of every octet, ASCII only: `FOLD[byte]`. Length octets (0..63) fold to themselves. Read only. */
export const FOLD = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) FOLD[byte] = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;

/**
 * Copy a question's name into `key` with A-Z folded to a-z, so that equal questions get equal keys.
 * @param end index behind the message; what lies from there on is stale
 * @param nameOffset index of the first length octet
 * @param key target of at least NAME_BYTES_MAX bytes, written from 0; the caller owns and reuses it
 * @returns bytes written, 1..255, or MALFORMED: cut short, over 255, compressed, or a reserved label type
 * @source RFC 1035 §3.1, §4.1.4; RFC 4343 §3
 */
export function copyNameFolded(bytes: Uint8Array, end: number, nameOffset: number, key: Uint8Array): number {
  assert(nameOffset >= 0 && end <= bytes.length);
  assert(key.length >= NAME_BYTES_MAX);
  const offsetMax = Math.min(end, nameOffset + NAME_BYTES_MAX);
  let offset = nameOffset;
  while (offset < offsetMax && bytes[offset] !== 0) {
    if (bytes[offset] > LABEL_BYTES_MAX) return MALFORMED; // A pointer needs an earlier name; a question is the first.
    offset += 1 + bytes[offset];
  }
  if (offset >= offsetMax) return MALFORMED;
  const nameBytes = offset + 1 - nameOffset;
  for (let index = 0; index < nameBytes; index++) key[index] = FOLD[bytes[nameOffset + index]];
  return nameBytes;
}

/**
 * Step over a name, compressed or not, and check all of it: what a pointer leads to lies wholly before the part it
 * ends, so that no chain of them can loop and cutting a message behind a name never harms it, and the whole is at most
 * 255 octets.
 * @returns index behind the name as it stands at `nameOffset`, or MALFORMED
 * @source RFC 1035 §4.1.4 ("a prior occurrence of the same name")
 */
export function skipName(bytes: Uint8Array, messageOffset: number, messageEnd: number, nameOffset: number): number {
  assert(messageOffset >= 0 && messageEnd <= bytes.length);
  assert(nameOffset > messageOffset);
  let offset = nameOffset;
  let partOffset = nameOffset; // Where the part being read begins.
  let partEnd = messageEnd; // What it may reach: after a pointer, the beginning of the part before.
  let next = 0; // Behind the first pointer, once there was one.
  let nameBytes = 1; // The root label.
  let pointers = 0;
  while (offset < partEnd) {
    const labelBytes = bytes[offset];
    if (labelBytes === 0) return next === 0 ? offset + 1 : next;
    if (labelBytes <= LABEL_BYTES_MAX) {
      offset += 1 + labelBytes;
      nameBytes += 1 + labelBytes;
      if (nameBytes > NAME_BYTES_MAX) return MALFORMED;
      continue;
    }
    if (labelBytes < POINTER || offset + 2 > partEnd || ++pointers > POINTERS_MAX) return MALFORMED;
    if (next === 0) next = offset + 2;
    offset = messageOffset + (((labelBytes & LABEL_BYTES_MAX) << 8) | bytes[offset + 1]);
    if (offset < messageOffset + HEADER_BYTES) return MALFORMED;
    partEnd = partOffset; // A target at or behind it ends the loop.
    partOffset = offset;
  }
  return MALFORMED;
}

/**
 * Write a name uncompressed, its case kept. What {@link skipName} refuses is refused here.
 * @param target room for NAME_BYTES_MAX bytes from `targetOffset`; nothing else is written. It is not `bytes`
 * @returns bytes written, 1..255, or MALFORMED (the target may then hold a part of the name)
 */
export function expandName(
  bytes: Uint8Array,
  messageOffset: number,
  messageEnd: number,
  nameOffset: number,
  target: Uint8Array,
  targetOffset: number,
): number {
  assert(messageOffset >= 0 && messageEnd <= bytes.length && nameOffset > messageOffset);
  assert(targetOffset >= 0 && targetOffset + NAME_BYTES_MAX <= target.length);
  let offset = nameOffset;
  let partOffset = nameOffset;
  let partEnd = messageEnd;
  let nameBytes = 0;
  let pointers = 0;
  while (offset < partEnd) {
    const labelBytes = bytes[offset];
    if (labelBytes === 0) {
      target[targetOffset + nameBytes] = 0;
      return nameBytes + 1;
    }
    if (labelBytes <= LABEL_BYTES_MAX) {
      if (offset + 1 + labelBytes > partEnd || nameBytes + labelBytes + 2 > NAME_BYTES_MAX) return MALFORMED;
      for (let index = 0; index <= labelBytes; index++)
        target[targetOffset + nameBytes + index] = bytes[offset + index];
      offset += 1 + labelBytes;
      nameBytes += 1 + labelBytes;
      continue;
    }
    if (labelBytes < POINTER || offset + 2 > partEnd || ++pointers > POINTERS_MAX) return MALFORMED;
    offset = messageOffset + (((labelBytes & LABEL_BYTES_MAX) << 8) | bytes[offset + 1]);
    if (offset < messageOffset + HEADER_BYTES) return MALFORMED;
    partEnd = partOffset;
    partOffset = offset;
  }
  return MALFORMED;
}

/**
 * Are two uncompressed names equal, case aside (RFC 4343 §3)?
 * Both must be well formed: a checked question, a key, or what {@link expandName} or textToName wrote.
 */
export function namesEqualFolded(
  left: Uint8Array,
  leftOffset: number,
  right: Uint8Array,
  rightOffset: number,
): boolean {
  assert(leftOffset >= 0 && leftOffset < left.length);
  assert(rightOffset >= 0 && rightOffset < right.length);
  let labelEnd = 0; // Relative index of the next length octet.
  for (let index = 0; index < NAME_BYTES_MAX; index++) {
    const byte = left[leftOffset + index];
    if (FOLD[byte] !== FOLD[right[rightOffset + index]]) return false;
    if (index !== labelEnd) continue;
    if (byte === 0) return true;
    labelEnd += 1 + byte;
  }
  return false;
}

/**
 * Is a name the zone's apex or below it? Both are keys: uncompressed, folded, from index 0.
 * @param nameBytes size of the name, 1..255, root label included; `zoneBytes` likewise (the root zone is 1 byte)
 */
export function isSubdomain(nameKey: Uint8Array, nameBytes: number, zoneKey: Uint8Array, zoneBytes: number): boolean {
  assert(nameBytes >= 1 && nameBytes <= nameKey.length);
  assert(zoneBytes >= 1 && zoneBytes <= zoneKey.length);
  const zoneStart = nameBytes - zoneBytes;
  let labelStart = 0;
  while (labelStart < zoneStart) labelStart += 1 + nameKey[labelStart];
  if (labelStart !== zoneStart) return false; // The zone is longer, or would begin inside a label.
  for (let index = 0; index < zoneBytes; index++) if (nameKey[zoneStart + index] !== zoneKey[index]) return false;
  return true;
}
