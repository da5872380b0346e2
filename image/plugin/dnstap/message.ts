/**
 * Messages of dnstap in the encoding of protocol buffers.
 * @source dnstap.info, dnstap.proto: Dnstap { identity 1, version 2, extra 3, message 14, type 15 }
 */

/** What a message tells of. */
export const TapType = { CLIENT_QUERY: 5, CLIENT_RESPONSE: 6, FORWARDER_QUERY: 7, FORWARDER_RESPONSE: 8 } as const;
/** One of them. */
export type TapType = (typeof TapType)[keyof typeof TapType];

/** A message before it is encoded. */
export interface TapMessage {
  readonly type: TapType;
  readonly overTcp: boolean;
  /** The client; 4 or 16 octets. */
  readonly queryAddress: Uint8Array;
  readonly queryPort: number;
  /** The upstream. */
  readonly responseAddress?: Uint8Array;
  readonly responsePort?: number;
  /** Unix time in milliseconds, with fractions. */
  readonly queryMs: number;
  readonly responseMs?: number;
  readonly queryMessage?: Uint8Array;
  readonly responseMessage?: Uint8Array;
}

/** Wire types of protocol buffers. */
const VARINT = 0;
const BYTES = 2;
const FIXED32 = 5;

/** `Dnstap.type` of a message. */
const MESSAGE = 1;

function varint(value: number): number[] {
  const octets: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) octets.push((rest % 0x80) | 0x80);
  return [...octets, rest];
}

const number = (field: number, value: number): number[] => [...varint(field * 8 + VARINT), ...varint(value)];

function bytes(field: number, value: Uint8Array | undefined): number[] {
  return value === undefined ? [] : [...varint(field * 8 + BYTES), ...varint(value.length), ...value];
}

/** Little-endian. */
function fixed32(field: number, value: number): number[] {
  return [...varint(field * 8 + FIXED32), value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
}

/** Seconds, and nanoseconds to the microsecond. */
function time(secondsField: number, ms: number | undefined): number[] {
  if (ms === undefined) return [];
  const micros = Math.round(ms * 1000);
  return [...number(secondsField, Math.floor(micros / 1e6)), ...fixed32(secondsField + 1, (micros % 1e6) * 1000)];
}

/** The inner message. Its fields stand in the order of their numbers. */
function inner(message: TapMessage): Uint8Array {
  const { queryAddress, responsePort } = message;
  return Uint8Array.from([
    ...number(1, message.type),
    ...number(2, (message.responseAddress ?? queryAddress).length === 4 ? 1 : 2),
    ...number(3, message.overTcp ? 2 : 1),
    ...bytes(4, queryAddress),
    ...bytes(5, message.responseAddress),
    ...number(6, message.queryPort),
    ...(responsePort === undefined ? [] : number(7, responsePort)),
    ...time(8, message.queryMs),
    ...bytes(10, message.queryMessage),
    ...time(12, message.responseMs),
    ...bytes(14, message.responseMessage),
  ]);
}

/** Encode a message. @param extra '' for none */
export function encodeTap(message: TapMessage, identity: string, version: string, extra: string): Uint8Array {
  return Uint8Array.from([
    ...bytes(1, Buffer.from(identity)),
    ...bytes(2, Buffer.from(version)),
    ...bytes(3, extra === '' ? undefined : Buffer.from(extra)),
    ...bytes(14, inner(message)),
    ...number(15, MESSAGE),
  ]);
}
