/**
 * Name compression for messages we assemble (RFC 1035 §4.1.4): where each name, and each of its endings, was written
 * first. Slow path: uses strings and a map. Cached and forwarded answers keep the compression of their upstream
 * instead.
 */
import { assert } from '../assert';
import { NAME_BYTES_MAX } from '../limits';
import { MALFORMED } from './name';

/** A pointer has 14 bits; what begins behind that cannot be pointed at. */
const POINTER_OFFSET_MAX = 0x3fff;

/** The names of one message. */
export class Compression {
  /** Wire form of a name or ending, case kept so that no owner changes its case, to its offset in the message. */
  private readonly offsets = new Map<string, number>();

  /**
   * Write a name, its end as a pointer when it was written before. Names that must stand in full (RFC 3597 §4) are not
   * for this function.
   * @param name uncompressed and well formed, 1..255 octets
   * @param messageOffset where in `out` the message begins
   * @param at absolute index to write to; `end` is the index nothing is written from
   * @returns absolute index behind the name, or MALFORMED when it does not fit
   */
  writeName(name: Uint8Array, out: Uint8Array, messageOffset: number, at: number, end: number): number {
    assert(name.length >= 1 && name.length <= NAME_BYTES_MAX);
    assert(at >= messageOffset && end <= out.length);
    const text = Buffer.from(name.buffer, name.byteOffset, name.length).toString('latin1');
    let label = 0;
    let target = at;
    while (name[label] !== 0) {
      const ending = text.slice(label);
      const known = this.offsets.get(ending);
      if (known !== undefined) {
        if (target + 2 > end) return MALFORMED;
        out[target] = 0xc0 | (known >>> 8);
        out[target + 1] = known;
        return target + 2;
      }
      const labelEnd = label + 1 + name[label];
      if (target + labelEnd - label > end) return MALFORMED;
      if (target - messageOffset <= POINTER_OFFSET_MAX) {
        this.offsets.set(ending, target - messageOffset);
      }
      out.set(name.subarray(label, labelEnd), target);
      target += labelEnd - label;
      label = labelEnd;
    }
    if (target + 1 > end) return MALFORMED;
    out[target] = 0;
    return target + 1;
  }
}
