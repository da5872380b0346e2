/** Writes the parts of a message one after another, names compressed where they may be. */
import { assert } from '../assert';
import { HEADER_BYTES } from '../limits';
import { Compression } from './compress';
import { MALFORMED } from './name';
import { dataLayout, Part, plainNameEnd } from './rdata';

/** Where it writes to and how far it has come. One serves all messages of a room, one at a time. */
export class Encoder {
  private readonly compression = new Compression();
  private out: Uint8Array = new Uint8Array(0);
  private offset = 0;
  /** Nothing is written from here on. */
  private end = 0;
  private at = 0;

  /** Begin a message: its header is the caller's. @param limit most octets, a header at least */
  begin(out: Uint8Array, offset: number, limit: number): void {
    assert(limit >= HEADER_BYTES && offset + limit <= out.length);
    this.compression.begin();
    this.out = out;
    this.offset = offset;
    this.end = offset + limit;
    this.at = offset + HEADER_BYTES;
  }

  /** Octets written, the header among them. */
  get length(): number {
    return this.at - this.offset;
  }

  /** A name in full at `from`. False when it does not fit; so for all that follow, and the message is of no use then. */
  name(name: Uint8Array, from: number): boolean {
    const next = this.compression.writeName(name, from, this.out, this.offset, this.at, this.end);
    if (next === MALFORMED) return false;
    this.at = next;
    return true;
  }

  /** Octets `from` up to `end` as they are. */
  octets(octets: Uint8Array, from: number, end: number): boolean {
    const { out, at } = this;
    const count = end - from;
    if (at + count > this.end) return false;
    for (let index = 0; index < count; index++) out[at + index] = octets[from + index];
    this.at += count;
    return true;
  }

  number16(value: number): boolean {
    if (this.at + 2 > this.end) return false;
    this.out[this.at++] = value >>> 8;
    this.out[this.at++] = value;
    return true;
  }

  /** RDLENGTH and the data `from` up to `end`, whose names are in full: those of RFC 1035's types may be compressed. */
  data(type: number, data: Uint8Array, from: number, end: number): boolean {
    const lengthAt = this.at;
    if (!this.number16(0) || !this.parts(type, data, from, end)) return false;
    const dataBytes = this.at - lengthAt - 2;
    this.out[lengthAt] = dataBytes >>> 8;
    this.out[lengthAt + 1] = dataBytes;
    return true;
  }

  private parts(type: number, data: Uint8Array, from: number, end: number): boolean {
    const layout = dataLayout(type);
    if (from === end || !layout.includes(Part.NAME)) return this.octets(data, from, end);
    let at = from;
    for (const part of layout) {
      assert(part > 0 || part === Part.NAME); // All that RFC 1035's types with names are made of.
      const next = part > 0 ? at + part : plainNameEnd(data, at);
      assert(next > at && next <= end);
      if (!(part > 0 ? this.octets(data, at, next) : this.name(data, at))) return false;
      at = next;
    }
    assert(at === end);
    return true;
  }
}
