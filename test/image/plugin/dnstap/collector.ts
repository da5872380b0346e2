/** A dnstap collector for tests: reads Frame Streams, takes messages apart. */
import { createServer, type Server, type Socket } from 'node:net';
import { addressToText } from '../../../../image/wire/address-text';

/** A message as far as tests look. */
export interface Told {
  readonly identity: string;
  readonly version: string;
  readonly extra: string;
  /** Dnstap.type: 1 is MESSAGE. */
  readonly outer: number;
  readonly type: string;
  readonly family: number;
  readonly protocol: number;
  readonly query: string;
  readonly response: string;
  readonly querySeconds: number;
  readonly responseSeconds: number;
  readonly queryMessage: Buffer;
  readonly responseMessage: Buffer;
}

type Fields = Map<number, number | Buffer>;

/** Fields of a protocol buffer message by number. */
function fieldsOf(bytes: Buffer): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const octet = bytes[at++];
      value += (octet & 127) * factor;
      if (octet < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const wire = tag & 7;
    if (wire === 0) fields.set(tag >>> 3, varint());
    else if (wire === 5) {
      fields.set(tag >>> 3, bytes.readUInt32LE(at));
      at += 4;
    } else if (wire === 2) {
      const length = varint();
      fields.set(tag >>> 3, bytes.subarray(at, at + length));
      at += length;
    } else throw new Error(`wire type ${wire}`);
  }
  return fields;
}

const TYPES: Readonly<Record<number, string>> = { 5: 'CQ', 6: 'CR', 7: 'FQ', 8: 'FR' };
const NONE = Buffer.alloc(0);

/** Take a message apart. */
export function decodeTap(frame: Uint8Array): Told {
  const outer = fieldsOf(Buffer.from(frame));
  const bytes = (fields: Fields, field: number) => (fields.get(field) as Buffer | undefined) ?? NONE;
  const number = (fields: Fields, field: number) => (fields.get(field) as number | undefined) ?? 0;
  const inner = fieldsOf(bytes(outer, 14));
  const end = (address: number, port: number) =>
    inner.has(address) ? `${addressToText(bytes(inner, address))}#${number(inner, port)}` : '';
  return {
    identity: bytes(outer, 1).toString(),
    version: bytes(outer, 2).toString(),
    extra: bytes(outer, 3).toString(),
    outer: number(outer, 15),
    type: TYPES[number(inner, 1)],
    family: number(inner, 2),
    protocol: number(inner, 3),
    query: end(4, 6),
    response: end(5, 7),
    querySeconds: number(inner, 8) + number(inner, 9) / 1e9,
    responseSeconds: number(inner, 12) + number(inner, 13) / 1e9,
    queryMessage: bytes(inner, 10),
    responseMessage: bytes(inner, 14),
  };
}

/** A control frame with the content type or without. */
export function control(type: number, withContent = true): Buffer {
  const content = Buffer.from('protobuf:dnstap.Dnstap');
  const body = Buffer.alloc(withContent ? 12 + content.length : 4);
  body.writeUInt32BE(type, 0);
  if (withContent) {
    body.writeUInt32BE(1, 4);
    body.writeUInt32BE(content.length, 8);
    content.copy(body, 12);
  }
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
}

/** Listens, accepts what it is offered, and keeps what it is told. */
export class Collector {
  readonly told: Told[] = [];
  /** Types of the control frames that came. */
  readonly controls: number[] = [];
  readonly sockets: Socket[] = [];
  private readonly server: Server;

  /** @param answer what READY is answered with */
  constructor(answer: Buffer = control(1)) {
    this.server = createServer((socket) => {
      this.sockets.push(socket);
      let bytes = Buffer.alloc(0);
      socket.on('error', () => {});
      socket.on('data', (more) => {
        bytes = Buffer.concat([bytes, more]);
        for (let length = this.take(bytes, socket, answer); length > 0; length = this.take(bytes, socket, answer)) {
          bytes = bytes.subarray(length);
        }
      });
    });
  }

  private take(bytes: Buffer, socket: Socket, answer: Buffer): number {
    if (bytes.length < 4) return 0;
    const isControl = bytes.readUInt32BE(0) === 0;
    if (isControl && bytes.length < 12) return 0;
    const start = isControl ? 8 : 4;
    const end = start + bytes.readUInt32BE(isControl ? 4 : 0);
    if (bytes.length < end) return 0;
    if (isControl) {
      const type = bytes.readUInt32BE(8);
      this.controls.push(type);
      if (type === 4) socket.write(answer);
      if (type === 3) socket.end(control(5, false));
    } else this.told.push(decodeTap(bytes.subarray(start, end)));
    return end;
  }

  /** @param where a path or a port of localhost */
  listen(where: string | number): Promise<void> {
    return new Promise((resolve) => {
      if (typeof where === 'string') this.server.listen(where, resolve);
      else this.server.listen(where, '127.0.0.1', resolve);
    });
  }

  close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  /** Wait for so many messages. @throws Error when they do not come within 5 s */
  async hears(count: number): Promise<void> {
    for (let times = 0; this.told.length < count; times++) {
      if (times === 250) throw new Error(`only ${this.told.length} of ${count} messages came`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
