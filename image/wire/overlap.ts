/**
 * Names that lie where something is changed in place. A pointer may lead anywhere before itself as far as its form goes
 * (RFC 1035 §4.1.4 means an earlier name); one that leads into a TTL is another name as soon as the answer ages, one that
 * leads into an OPT when its options are taken out.
 */
import { LABEL_BYTES_MAX } from '../limits';
import { Type } from './codes';
import { dataLayout, Part, skipPart } from './rdata';
import { type RecordWalk, recordDataOffset, recordOffset, recordType, TYPE_TO_DATA_BYTES } from './record';

/** The first record whose fixed fields end behind `start`, by halving; `walk.count` when there is none. */
function recordBehind(walk: RecordWalk, start: number): number {
  let low = 0;
  let high = walk.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (walk.typeOffsets[middle] + TYPE_TO_DATA_BYTES > start) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Do the octets `start` … `end - 1` of the message lie outside of the fixed fields of all records, and outside of its OPT? */
function isApart(walk: RecordWalk, start: number, end: number): boolean {
  if (end <= walk.recordsStart) return true; // In the question, where nearly all pointers lead.
  const behind = recordBehind(walk, start);
  if (behind < walk.count && walk.typeOffsets[behind] < end) return false;
  const { optIndex } = walk;
  return optIndex < 0 || end <= walk.typeOffsets[optIndex] || start >= walk.recordEnds[optIndex];
}

/** The same for all parts of a name behind its first pointer; skipName has found it well formed. */
function nameIsApart(bytes: Uint8Array, walk: RecordWalk, nameOffset: number): boolean {
  let offset = nameOffset;
  let partStart = -1;
  for (;;) {
    const labelBytes = bytes[offset];
    if (labelBytes === 0) return partStart < 0 || isApart(walk, partStart, offset + 1 - walk.messageOffset);
    if (labelBytes <= LABEL_BYTES_MAX) {
      offset += 1 + labelBytes;
      continue;
    }
    if (partStart >= 0 && !isApart(walk, partStart, offset + 2 - walk.messageOffset)) return false;
    partStart = ((labelBytes & LABEL_BYTES_MAX) << 8) | bytes[offset + 1];
    offset = walk.messageOffset + partStart;
  }
}

/**
 * Do the names of a message, owners and those in data, stay out of what is changed in place: the fixed fields of records
 * and the OPT?
 * @param walk describes the message; dataIsValid has been true for each of its records
 */
export function namesAreApart(bytes: Uint8Array, walk: RecordWalk): boolean {
  for (let index = 0; index < walk.count; index++) {
    const owner = recordOffset(walk, index);
    if (!nameIsApart(bytes, walk, owner)) return false;
    const end = walk.messageOffset + walk.recordEnds[index];
    let at = recordDataOffset(walk, bytes, index);
    const type = recordType(walk, bytes, index);
    if (at === end || type === Type.OPT) continue;
    for (const part of dataLayout(type)) {
      if ((part === Part.NAME || part === Part.NAME_PLAIN) && !nameIsApart(bytes, walk, at)) return false;
      at = skipPart(bytes, walk.messageOffset, at, end, part);
    }
  }
  return true;
}
