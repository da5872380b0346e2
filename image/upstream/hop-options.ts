/**
 * EDNS options that are between two neighbours and go no further: COOKIE (RFC 7873 §4) and TCP KEEPALIVE (RFC 7828 §3.1).
 * A client's are not sent to upstreams, an upstream's not to clients.
 */
import { assert } from '../assert';
import { OPTION_HEADER_BYTES, Option } from '../wire/edns';
import type { QueryView } from '../wire/question';
import { type RecordWalk, recordDataOffset } from '../wire/record';

function isForThisHop(code: number): boolean {
  return code === Option.COOKIE || code === Option.KEEPALIVE;
}

/** Is one of them among the options at `offset` up to `end`? They are well-formed. */
function hasHopOption(bytes: Uint8Array, offset: number, end: number): boolean {
  for (let at = offset; at < end; at += OPTION_HEADER_BYTES + ((bytes[at + 2] << 8) | bytes[at + 3])) {
    if (isForThisHop((bytes[at] << 8) | bytes[at + 1])) return true;
  }
  return false;
}

/**
 * Copy the options at `offset` up to `end` to `target`, which may be the same place, but for those of this hop.
 * @returns bytes written
 */
function copyOthers(bytes: Uint8Array, offset: number, end: number, target: number): number {
  let written = 0;
  for (let at = offset; at < end; ) {
    const optionBytes = OPTION_HEADER_BYTES + ((bytes[at + 2] << 8) | bytes[at + 3]);
    if (!isForThisHop((bytes[at] << 8) | bytes[at + 1])) {
      bytes.copyWithin(target + written, at, at + optionBytes);
      written += optionBytes;
    }
    at += optionBytes;
  }
  return written;
}

function setDataBytes(bytes: Uint8Array, dataOffset: number, dataBytes: number): void {
  bytes[dataOffset - 2] = dataBytes >>> 8;
  bytes[dataOffset - 1] = dataBytes;
}

/**
 * Write a client's request as upstreams get it, if that differs.
 * @param view the request, in `bytes` at `view.messageOffset`
 * @param target where to write it, with room for `view.messageBytes`
 * @returns bytes written; 0 when it can be sent as it is: no such option, or something signed behind the OPT
 */
export function copyForUpstream(bytes: Uint8Array, view: QueryView, target: number): number {
  const { messageOffset, messageBytes, optOffset, optBytes, optionsBytes } = view;
  if (optionsBytes === 0 || optOffset + optBytes !== messageBytes) return 0;
  const head = messageBytes - optionsBytes;
  const options = messageOffset + head;
  if (!hasHopOption(bytes, options, options + optionsBytes)) return 0;
  assert(target >= messageOffset + messageBytes);
  bytes.copyWithin(target, messageOffset, options);
  const written = copyOthers(bytes, options, options + optionsBytes, target + head);
  setDataBytes(bytes, target + head, written);
  return head + written;
}

/**
 * Take these options out of an upstream's answer, in place. Behind the OPT nothing may move, because names there may be
 * pointed at: when it is not the last record they become padding of the same size (RFC 7830).
 * @param walk of this message, whose data were checked; its ends stay right
 * @returns the message's new end, relative to its beginning as `walk.messageEnd` is
 */
export function dropHopOptions(bytes: Uint8Array, walk: RecordWalk): number {
  if (walk.optIndex < 0) return walk.messageEnd;
  const data = recordDataOffset(walk, bytes, walk.optIndex);
  const end = walk.messageOffset + walk.recordEnds[walk.optIndex];
  if (!hasHopOption(bytes, data, end)) return walk.messageEnd;
  if (walk.optIndex !== walk.count - 1) {
    pad(bytes, data, end);
    return walk.messageEnd;
  }
  const written = copyOthers(bytes, data, end, data);
  setDataBytes(bytes, data, written);
  walk.recordEnds[walk.optIndex] = data + written - walk.messageOffset;
  walk.messageEnd = walk.recordEnds[walk.optIndex];
  return walk.messageEnd;
}

function pad(bytes: Uint8Array, offset: number, end: number): void {
  for (let at = offset; at < end; ) {
    const dataBytes = (bytes[at + 2] << 8) | bytes[at + 3];
    if (isForThisHop((bytes[at] << 8) | bytes[at + 1])) {
      bytes[at] = 0;
      bytes[at + 1] = Option.PADDING;
      bytes.fill(0, at + OPTION_HEADER_BYTES, at + OPTION_HEADER_BYTES + dataBytes);
    }
    at += OPTION_HEADER_BYTES + dataBytes;
  }
}
