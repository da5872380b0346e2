/**
 * Netlink messages as octets in the machine's byte order, little-endian here (netlink(7), RFC 3549 §2.3). A datagram is a row
 * of messages, a message's payload a fixed struct of its family and then a row of attributes; each begins at a multiple of 4.
 *
 *   message                                       attribute
 *   0 length, this header included    (4)         0 length, this header included   (2)
 *   4 type                            (2)         2 type; the top two bits are flags (2)
 *   6 flags                           (2)         4 value, which may hold attributes
 *   8 sequence, the request's         (4)
 *  12 port: 0 is the kernel           (4)
 *
 * The walks stop at the first length that does not fit: what comes from outside never leads out of the bytes given.
 */
export const MESSAGE_HEADER_BYTES = 16;
export const ATTRIBUTE_HEADER_BYTES = 4;

// Message types of every family, <linux/netlink.h>.
export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;

// Flags of requests, and of what comes back.
export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_CAPPED = 0x100;
export const NLM_F_ACK_TLVS = 0x200;
export const NLM_F_EXCL = 0x200;
export const NLM_F_DUMP = 0x300;
export const NLM_F_CREATE = 0x400;

/** Bits of an attribute's type that are no type: nested, and network byte order. */
const ATTRIBUTE_TYPE_MASK = 0x3fff;

/** Where what begins at a multiple of 4 and has `bytes` ends, padding included. */
export function aligned(bytes: number): number {
  return (bytes + 3) & ~3;
}

/** 16 bits at an offset. */
export function readU16(bytes: Uint8Array, offset: number): number {
  return bytes[offset] | (bytes[offset + 1] << 8);
}

/** 32 bits at an offset, as a signed number: an errno, an index. */
export function readI32(bytes: Uint8Array, offset: number): number {
  return readU16(bytes, offset) | (readU16(bytes, offset + 2) << 16);
}

/** 32 bits at an offset, unsigned. */
export function readU32(bytes: Uint8Array, offset: number): number {
  return readI32(bytes, offset) >>> 0;
}

/** What steps through octets has in common: where it is, and what it found last. */
abstract class Walk {
  bytes: Uint8Array = new Uint8Array(0);
  type = 0;
  /** Where the payload or value ends, without padding. */
  end = 0;
  protected at = 0;
  protected limit = 0;

  /** Begin at `offset`; octets from `limit` on are not looked at. */
  over(bytes: Uint8Array, offset: number, limit: number): this {
    this.bytes = bytes;
    this.at = offset;
    this.limit = Math.min(limit, bytes.length);
    return this;
  }
}

/** Steps through the messages of a datagram; its fields are the message that {@link next} found. */
export class MessageWalk extends Walk {
  flags = 0;
  sequence = 0;
  /** Where the payload begins. */
  payload = 0;

  /** @returns false at the end, and at a message that is shorter than its header or longer than the datagram */
  next(): boolean {
    const { bytes, at, limit } = this;
    if (at + MESSAGE_HEADER_BYTES > limit) return false;
    const length = readU32(bytes, at);
    if (length < MESSAGE_HEADER_BYTES || length > limit - at) return false;
    this.type = readU16(bytes, at + 4);
    this.flags = readU16(bytes, at + 6);
    this.sequence = readU32(bytes, at + 8);
    this.payload = at + MESSAGE_HEADER_BYTES;
    this.end = at + length;
    this.at = at + aligned(length);
    return true;
  }
}

/** Steps through attributes; its fields are the attribute that {@link next} found. */
export class AttributeWalk extends Walk {
  /** Where the value begins. */
  value = 0;

  /** @returns false at the end, and at an attribute that is shorter than its header or longer than what is left */
  next(): boolean {
    const { bytes, at, limit } = this;
    if (at + ATTRIBUTE_HEADER_BYTES > limit) return false;
    const length = readU16(bytes, at);
    if (length < ATTRIBUTE_HEADER_BYTES || length > limit - at) return false;
    this.type = readU16(bytes, at + 2) & ATTRIBUTE_TYPE_MASK;
    this.value = at + ATTRIBUTE_HEADER_BYTES;
    this.end = at + length;
    this.at = at + aligned(length);
    return true;
  }

  /** Go on to the next attribute of `type`. @returns false when there is none */
  find(type: number): boolean {
    while (this.next()) if (this.type === type) return true;
    return false;
  }

  /** The value as text, without the zero octet that ends it. */
  text(): string {
    let end = this.value;
    while (end < this.end && this.bytes[end] !== 0) end++;
    return Buffer.from(this.bytes.subarray(this.value, end)).toString('latin1');
  }

  /** Is the value this text? `octets` are the text's with a zero octet at the end. */
  is(octets: Uint8Array): boolean {
    if (this.end - this.value !== octets.length) return false;
    for (let index = 0; index < octets.length; index++) {
      if (this.bytes[this.value + index] !== octets[index]) return false;
    }
    return true;
  }
}

/** Builds one request, piece by piece; its sequence is filled in when it is sent. */
export class MessageWriter {
  private readonly octets: number[] = [];

  constructor(type: number, flags: number) {
    this.u32(0).u16(type).u16(flags).u32(0).u32(0);
  }

  u8(value: number): this {
    this.octets.push(value & 255);
    return this;
  }

  u16(value: number): this {
    return this.u8(value).u8(value >> 8);
  }

  u32(value: number): this {
    return this.u16(value).u16(value >>> 16);
  }

  /** An attribute with these octets as its value. */
  attribute(type: number, value: Uint8Array | readonly number[]): this {
    this.u16(ATTRIBUTE_HEADER_BYTES + value.length).u16(type);
    for (const octet of value) this.u8(octet);
    return this.pad();
  }

  /** An attribute with a text and a zero octet. */
  text(type: number, text: string): this {
    return this.attribute(type, Buffer.from(text + '\0', 'latin1'));
  }

  /** An attribute that holds those which `fill` writes. */
  nest(type: number, fill: (writer: this) => void): this {
    const at = this.octets.length;
    this.u16(0).u16(type);
    fill(this);
    const length = this.octets.length - at;
    this.octets[at] = length & 255;
    this.octets[at + 1] = length >> 8;
    return this;
  }

  /** The message with its length. */
  finish(): Uint8Array {
    const message = Uint8Array.from(this.octets);
    new DataView(message.buffer).setUint32(0, message.length, true);
    return message;
  }

  private pad(): this {
    while (this.octets.length % 4 !== 0) this.octets.push(0);
    return this;
  }
}
