/**
 * TTLs at known places. CoreDNS's cache gives every record of an answer the same remaining time, so writing one number
 * at each place is all the ageing there is.
 */
import { assert } from '../assert';
import { HEADER_BYTES } from '../limits';
import { type RecordWalk, TYPE_TO_TTL_BYTES } from './record';

/** Write a TTL, 0..2^31-1 seconds (RFC 2181 §8), at an absolute index. */
function writeTtl(bytes: Uint8Array, at: number, ttlSeconds: number): void {
  bytes[at] = ttlSeconds >>> 24;
  bytes[at + 1] = ttlSeconds >>> 16;
  bytes[at + 2] = ttlSeconds >>> 8;
  bytes[at + 3] = ttlSeconds;
}

/**
 * Give every record of a walked message but the OPT, whose TTL field holds flags, the same TTL.
 * @param offset where the message is now; it may have moved since the walk
 */
export function setTtls(bytes: Uint8Array, offset: number, walk: RecordWalk, ttlSeconds: number): void {
  assert(offset >= 0 && offset + walk.messageEnd <= bytes.length);
  assert(ttlSeconds >= 0 && ttlSeconds <= 0x7fffffff);
  for (let index = 0; index < walk.count; index++) {
    if (index !== walk.optIndex) writeTtl(bytes, offset + walk.typeOffsets[index] + TYPE_TO_TTL_BYTES, ttlSeconds);
  }
}

/**
 * Write the same TTL at listed places: a cached answer.
 * @param offset beginning of the message that the offsets count from
 * @param ttlOffsets shared list of many answers; this one's are `first` … `first + count - 1`
 */
export function setTtlsAt(
  bytes: Uint8Array,
  offset: number,
  ttlOffsets: Uint16Array,
  first: number,
  count: number,
  ttlSeconds: number,
): void {
  assert(offset >= 0 && first >= 0 && first + count <= ttlOffsets.length);
  assert(ttlSeconds >= 0 && ttlSeconds <= 0x7fffffff);
  for (let index = first; index < first + count; index++) {
    assert(ttlOffsets[index] > HEADER_BYTES);
    writeTtl(bytes, offset + ttlOffsets[index], ttlSeconds);
  }
}
