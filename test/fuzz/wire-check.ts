/**
 * What must hold for any octets that reach the wire room. One function that says what does not, for fuzzer and corpus.
 */

import { setTtlsAt } from '../../image/wire/age';
import { writeBadVersionReply, writeRcodeReply, writeRefusal } from '../../image/wire/build';
import { Type } from '../../image/wire/codes';
import { replyOptBytes, writeReplyOpt } from '../../image/wire/edns';
import { decodeMessage, encodeMessage, type Message, type ResourceRecord } from '../../image/wire/message';
import { nameToText, textToName } from '../../image/wire/name';
import { QueryView, readQuery, Verdict } from '../../image/wire/question';
import { RecordWalk, walkRecords } from '../../image/wire/record';
import { recordToText, textToRecord } from '../../image/wire/record-text';
import { truncateAt, truncateMessage } from '../../image/wire/truncate';

/** An octet that nothing may change. */
const CANARY = 0xa5;
/** Canaries on either side of every packet and target. */
const MARGIN = 16;
const BYTES_MAX = 65535;

/** A buffer with room for one message between canaries. */
class Guarded {
  readonly bytes = new Uint8Array(BYTES_MAX + 2 * MARGIN).fill(CANARY);
  readonly start = MARGIN;

  /** Were octets outside start..start+length-1 changed? Looks at the margins next to the message. */
  isTouchedOutside(length: number): boolean {
    for (let index = 0; index < MARGIN; index++) {
      if (this.bytes[this.start - 1 - index] !== CANARY || this.bytes[this.start + length + index] !== CANARY)
        return true;
    }
    return false;
  }

  clear(length: number): void {
    this.bytes.fill(CANARY, this.start, this.start + length);
  }
}

const packet = new Guarded();
const target = new Guarded();
const view = new QueryView();
const walk = new RecordWalk();
const ttlOffsets = new Uint16Array(8192);

/** What became of the packets, to see that the fuzzer gets everywhere. */
export interface Tally {
  readonly verdicts: number[];
  walked: number;
  decoded: number;
}

/** Write to the target, then see that exactly the told octets were written. */
function checkReply(name: string, roomBytes: number, write: () => number): string | undefined {
  const written = write();
  const isWrong = written < 0 || written > roomBytes || target.isTouchedOutside(roomBytes);
  if (isWrong) return `${name} wrote ${written} of ${roomBytes} octets`;
  target.clear(roomBytes);
  return undefined;
}

/** The view of a query whose question was read. */
function checkQuestion(length: number): string | undefined {
  if (view.questionEnd !== 12 + view.nameBytes + 4 || view.questionEnd > length) return 'questionEnd is out of bounds';
  if (view.key[view.nameBytes - 1] !== 0) return 'the key has no root label';
  let start = 0;
  for (let label = 0; label < view.labelCount; label++) {
    if (view.labelStarts[label] !== start) return 'labelStarts does not follow the labels';
    start += 1 + view.key[start];
  }
  if (start !== view.nameBytes - 1) return 'labels do not end at the root';
  for (let index = 0; index < view.nameBytes; index++) {
    if (view.key[index] >= 0x41 && view.key[index] <= 0x5a) return 'the key has an upper-case letter';
  }
  return undefined;
}

function checkOpt(length: number): string | undefined {
  const { optOffset, optBytes, optionsBytes, messageBytes } = view;
  if (messageBytes > length) return 'messageBytes is out of bounds';
  if (optOffset === 0) return optBytes === 0 && view.doBit === 0 ? undefined : 'an absent OPT has fields';
  if (optOffset < view.questionEnd || optOffset + optBytes > messageBytes) return 'the OPT is out of bounds';
  if (optionsBytes + 11 > optBytes) return 'options are larger than their record';
  return undefined;
}

/** readQuery and every reply that can follow. */
function checkQuery(length: number, tally: Tally): string | undefined {
  const verdict = readQuery(packet.bytes, packet.start, length, view);
  tally.verdicts[verdict] += 1;
  const { bytes, start } = packet;
  if (verdict === Verdict.DROP) return undefined;
  const echo = view.questionEnd;
  if (verdict !== Verdict.ACCEPT) {
    const room = verdict === Verdict.FORMAT_ERROR_QUESTION ? echo : 12;
    return checkReply('writeRefusal', room, () =>
      writeRefusal(bytes, start, view, verdict, target.bytes, target.start),
    );
  }
  const wrong = checkQuestion(length) ?? checkOpt(length);
  if (wrong !== undefined) return wrong;
  const optBytes = replyOptBytes(bytes, view, true);
  return (
    checkReply('writeRcodeReply', echo, () => writeRcodeReply(bytes, start, view, 2, target.bytes, target.start)) ??
    checkReply('writeReplyOpt', optBytes, () =>
      writeReplyOpt(bytes, view, target.bytes, target.start, target.start + optBytes, true),
    ) ??
    (optBytes > 11
      ? checkReply('writeReplyOpt with too little room', optBytes - 1, () =>
          writeReplyOpt(bytes, view, target.bytes, target.start, target.start + optBytes - 1, true),
        )
      : undefined) ??
    (view.ednsVersion !== 0
      ? checkReply('writeBadVersionReply', echo + 11, () =>
          writeBadVersionReply(bytes, start, view, target.bytes, target.start),
        )
      : undefined)
  );
}

/** Cut a copy of the walked message by both functions; both must agree and leave a message that can be walked. */
function checkTruncate(length: number, limit: number): string | undefined {
  const { bytes, start } = packet;
  const { count, recordsStart, messageEnd } = walk;
  for (let index = 0; index < count; index++) ttlOffsets[index] = walk.typeOffsets[index] + 4;
  for (let index = 0; index < length; index++) target.bytes[target.start + index] = bytes[start + index];
  const byWalk = truncateMessage(target.bytes, target.start, length, walk, limit);
  const questions = (bytes[start + 4] << 8) | bytes[start + 5];
  const byOffsets = truncateAt(bytes, start, messageEnd, ttlOffsets, 0, count, limit);
  if (byWalk !== byOffsets && count > 0 && questions <= 1)
    return `truncated to ${byWalk} by the walk and ${byOffsets} by TTL offsets`;
  if (byWalk > Math.max(limit, recordsStart)) return `truncated to ${byWalk} over ${limit}`;
  if (target.isTouchedOutside(length) || packet.isTouchedOutside(length)) return 'truncation wrote outside';
  const isWhole = walkRecords(target.bytes, target.start, byWalk, walk);
  // Only now: an owner may point at the TTL of another record, and then reads otherwise when that has aged.
  setTtlsAt(target.bytes, target.start, ttlOffsets, 0, walk.count, 77);
  if (target.isTouchedOutside(length)) return 'ageing wrote outside';
  target.clear(length);
  return isWhole && walk.messageEnd === byWalk ? undefined : 'a truncated message cannot be walked';
}

/** The walk of any octets. */
function checkWalk(length: number, limit: number, tally: Tally): string | undefined {
  if (!walkRecords(packet.bytes, packet.start, length, walk)) return undefined;
  tally.walked += 1;
  let last = walk.recordsStart;
  for (let index = 0; index < walk.count; index++) {
    if (walk.typeOffsets[index] <= last || walk.recordEnds[index] < walk.typeOffsets[index] + 10)
      return 'records overlap';
    last = walk.recordEnds[index];
  }
  if (last !== walk.messageEnd || last > length) return 'records end outside the message';
  if (walk.optIndex >= walk.count || walk.soaIndex >= walk.count) return 'an index is out of bounds';
  return checkTruncate(length, limit);
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

function areEqual(left: readonly ResourceRecord[], right: readonly ResourceRecord[]): boolean {
  return left.every((one, index) => {
    const other = right[index];
    const isSame = one.type === other.type && one.class === other.class && one.ttl === other.ttl;
    return isSame && isEqual(one.name, other.name) && isEqual(one.data, other.data);
  });
}

/** A record's text reads back as the same record. */
function checkText(one: ResourceRecord): string | undefined {
  if (!isEqual(textToName(nameToText(one.name, 0))!, one.name)) return 'a name does not survive as text';
  if (one.class === 255 || one.type === Type.OPT) return undefined; // ANY would be read as a type; OPT is no record.
  const text = recordToText(one);
  const { record, error } = textToRecord(text);
  if (record === undefined) return error;
  return areEqual([one], [record]) ? undefined : `a record does not survive as text: ${text}`;
}

/** Decode, encode, decode: nothing is lost. */
function checkMessage(length: number, tally: Tally): string | undefined {
  const first = decodeMessage(packet.bytes, packet.start, length);
  if (first === undefined) return undefined;
  tally.decoded += 1;
  const written = encodeMessage(first, target.bytes, target.start, BYTES_MAX);
  if (target.isTouchedOutside(BYTES_MAX)) return 'encodeMessage wrote outside';
  const second = written === 0 ? first : decodeMessage(target.bytes, target.start, written);
  const tight = written > 12 ? encodeMessage(first, target.bytes, target.start, written - 1) : 0;
  if (target.isTouchedOutside(BYTES_MAX)) return 'encodeMessage wrote outside';
  target.clear(Math.max(written, length));
  if (tight !== 0) return 'encodeMessage fits in less than it needs';
  if (second === undefined || !isSameMessage(first, second)) return 'a message does not survive encode and decode';
  for (const one of first.answer) {
    const wrong = checkText(one);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function isSameMessage(left: Message, right: Message): boolean {
  const isHead = left.id === right.id && left.flags === right.flags;
  const isSize =
    left.answer.length === right.answer.length &&
    left.authority.length === right.authority.length &&
    left.additional.length === right.additional.length;
  if (!isHead || !isSize || (left.question === undefined) !== (right.question === undefined)) return false;
  if (left.question && right.question && !isEqual(left.question.name, right.question.name)) return false;
  const sections = [left.answer, left.authority, left.additional];
  return [right.answer, right.authority, right.additional].every((section, index) =>
    areEqual(sections[index], section),
  );
}

/** After a failure anything may have been written: begin anew, so that the next packet is not blamed for it. */
function refresh(): void {
  packet.bytes.fill(CANARY);
  target.bytes.fill(CANARY);
}

/**
 * Put a packet through the room.
 * @param isThorough also decode, encode and print it: slow
 * @returns what does not hold, undefined when all does
 */
export function checkPacket(
  source: Uint8Array,
  length: number,
  limit: number,
  isThorough: boolean,
  tally: Tally,
): string | undefined {
  for (let index = 0; index < length; index++) packet.bytes[packet.start + index] = source[index];
  try {
    const wrong =
      checkQuery(length, tally) ??
      (isThorough ? checkMessage(length, tally) : undefined) ??
      (packet.isTouchedOutside(length) ? 'reading wrote outside the packet' : undefined) ??
      checkWalk(length, limit, tally);
    if (wrong === undefined) packet.clear(length);
    else refresh();
    return wrong;
  } catch (error) {
    refresh();
    return `threw ${(error as Error).stack}`;
  }
}
