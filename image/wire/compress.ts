/**
 * Name compression for messages that we put together (RFC 1035 §4.1.4): each name written is remembered by its endings, and
 * what follows points at them. Cached and forwarded answers keep the compression of their upstream instead.
 *
 * The endings are a table of offsets into the message itself, so that an answer of thousands of names makes no object.
 */
import { assert } from '../assert';
import { LABELS_MAX, NAME_BYTES_MAX } from '../limits';
import { MALFORMED } from './name';

/** A pointer has 14 bits; what begins behind that cannot be pointed at. */
const POINTER_OFFSET_MAX = 0x3fff;
/** A label has two octets at least, so that at most 8,192 begin where they can be pointed at: half of the places. */
const PLACES = 16_384;
/** Chosen anew by each process, so that nobody can send names that all have the same place. */
const SEED = (Math.random() * 0x1_0000_0000) | 0;
/** Odd, with its bits spread: the golden ratio's. */
const FACTOR = 0x9e3779b1 | 0;

/** The names of one message at a time; begun anew for the next. */
export class Compression {
  /** Offset in the message of an ending; 0 is an empty place. */
  private readonly offsets = new Uint16Array(PLACES);
  /** Its hash. */
  private readonly hashes = new Int32Array(PLACES);
  private used = 0;
  /** Of the name that is being written: where its labels begin, and the hash of what begins there. */
  private readonly labelStarts = new Uint8Array(LABELS_MAX);
  private readonly endingHashes = new Int32Array(LABELS_MAX);

  /** Forget all names. */
  begin(): void {
    if (this.used > 0) this.offsets.fill(0);
    this.used = 0;
  }

  /**
   * Write a name, its end as a pointer when it was written before, its case kept so that no owner changes its case. Names
   * that must stand in full (RFC 3597 §4) are not for this function.
   * @param name uncompressed and well formed from `nameOffset`, 1..255 octets; not where it is written to
   * @param messageOffset where in `out` the message begins, which holds all names written since {@link begin}
   * @param at absolute index to write to; `end` is the index nothing is written from
   * @returns absolute index behind the name, or MALFORMED when it does not fit
   */
  writeName(
    name: Uint8Array,
    nameOffset: number,
    out: Uint8Array,
    messageOffset: number,
    at: number,
    end: number,
  ): number {
    assert(nameOffset >= 0 && nameOffset < name.length);
    assert(at > messageOffset && end <= out.length);
    const labels = this.measure(name, nameOffset);
    let target = at;
    for (let label = 0; label < labels; label++) {
      const start = nameOffset + this.labelStarts[label];
      const place = this.find(name, start, this.endingHashes[label], out, messageOffset);
      const known = this.offsets[place];
      if (known !== 0) {
        if (target + 2 > end) return MALFORMED;
        out[target] = 0xc0 | (known >>> 8);
        out[target + 1] = known;
        return target + 2;
      }
      const labelBytes = 1 + name[start];
      if (target + labelBytes > end) return MALFORMED;
      if (target - messageOffset <= POINTER_OFFSET_MAX) {
        this.offsets[place] = target - messageOffset;
        this.hashes[place] = this.endingHashes[label];
        this.used++;
      }
      for (let index = 0; index < labelBytes; index++) out[target + index] = name[start + index];
      target += labelBytes;
    }
    if (target + 1 > end) return MALFORMED;
    out[target] = 0;
    return target + 1;
  }

  /** Find labels and the hashes of their endings. @returns how many, the root aside */
  private measure(name: Uint8Array, nameOffset: number): number {
    const { labelStarts, endingHashes } = this;
    let labels = 0;
    let length = 0;
    while (name[nameOffset + length] !== 0) {
      labelStarts[labels++] = length;
      length += 1 + name[nameOffset + length];
      assert(length < NAME_BYTES_MAX && nameOffset + length < name.length);
    }
    let hash = SEED;
    for (let label = labels - 1, labelEnd = length; label >= 0; labelEnd = labelStarts[label--]) {
      for (let index = labelStarts[label]; index < labelEnd; index++) {
        hash = Math.imul(hash ^ name[nameOffset + index], FACTOR);
        hash ^= hash >>> 15;
      }
      endingHashes[label] = hash;
    }
    return labels;
  }

  /** Place of an ending, or the empty one where it belongs. */
  private find(name: Uint8Array, start: number, hash: number, out: Uint8Array, messageOffset: number): number {
    let place = hash & (PLACES - 1);
    while (this.offsets[place] !== 0) {
      if (this.hashes[place] === hash && isWritten(name, start, out, messageOffset, this.offsets[place])) return place;
      place = (place + 1) & (PLACES - 1);
    }
    return place;
  }
}

/** Does the name at `start` stand at `offset` of the message, octet for octet? */
function isWritten(name: Uint8Array, start: number, out: Uint8Array, messageOffset: number, offset: number): boolean {
  let at = start;
  let from = messageOffset + offset;
  for (;;) {
    while (out[from] >= 0xc0) from = messageOffset + (((out[from] & 0x3f) << 8) | out[from + 1]);
    const labelBytes = out[from];
    for (let index = 0; index <= labelBytes; index++) if (name[at + index] !== out[from + index]) return false;
    if (labelBytes === 0) return true;
    at += 1 + labelBytes;
    from += 1 + labelBytes;
  }
}
