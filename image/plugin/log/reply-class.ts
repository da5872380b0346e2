/**
 * Success, denial or error? The rules of CoreDNS 1.13.2 as they are: operators chose their classes by what it writes.
 * What may be cached is another question (plugin/cache/item.ts).
 * @source coredns plugin/pkg/response/typify.go, classify.go
 */
import { Opcode, Rcode, Type } from '../../wire/codes';
import { EDNS_DO } from '../../wire/edns';
import { getFlags, OPCODE_MASK, OPCODE_SHIFT, RCODE_MASK } from '../../wire/header';
import { type RecordWalk, recordDataBytes, recordDataOffset, recordTtl, recordType } from '../../wire/record';
import type { LogClass } from './setup';

/** Times in a signature are seconds modulo 2^32; half of that is how far apart two may be (RFC 4034 §3.1.5). */
const HALF_ROUND_SECONDS = 2 ** 31;
/** Where expiration and inception stand in the data of an RRSIG (RFC 4034 §3.1). */
const EXPIRATION_OFFSET = 8;
const INCEPTION_OFFSET = 12;
const RRSIG_BYTES_MIN = 18;

function number32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
}

/** The time that `seconds` modulo 2^32 stands for, as near to now as may be. @source miekg/dns RRSIG.ValidityPeriod */
function near(seconds: number, nowSeconds: number): number {
  return seconds + Math.trunc((seconds - nowSeconds) / HALF_ROUND_SECONDS) * HALF_ROUND_SECONDS;
}

/** Is a signature among the records that is not valid now? */
function hasStaleSignature(bytes: Uint8Array, walk: RecordWalk, nowSeconds: number): boolean {
  for (let index = 0; index < walk.count; index++) {
    if (recordType(walk, bytes, index) !== Type.RRSIG || recordDataBytes(walk, bytes, index) < RRSIG_BYTES_MIN)
      continue;
    const data = recordDataOffset(walk, bytes, index);
    const inception = near(number32(bytes, data + INCEPTION_OFFSET), nowSeconds);
    const expiration = near(number32(bytes, data + EXPIRATION_OFFSET), nowSeconds);
    if (inception > nowSeconds || nowSeconds > expiration) return true;
  }
  return false;
}

/** Do the answers say that they are signed? */
function wantsSignatures(bytes: Uint8Array, walk: RecordWalk): boolean {
  return walk.optIndex >= 0 && (recordTtl(walk, bytes, walk.optIndex) & EDNS_DO) !== 0;
}

/**
 * Class of an answer.
 * @param walk of the answer; its messageOffset says where it begins in `bytes`
 * @param type asked for
 * @param nowSeconds wall clock, Unix time
 */
export function replyClass(bytes: Uint8Array, walk: RecordWalk, type: number, nowSeconds: number): LogClass {
  const flags = getFlags(bytes, walk.messageOffset);
  const opcode = (flags & OPCODE_MASK) >>> OPCODE_SHIFT;
  if (opcode === Opcode.UPDATE || opcode === Opcode.NOTIFY) return 'error';
  if (type === Type.AXFR || type === Type.IXFR) return 'error';
  if (wantsSignatures(bytes, walk) && hasStaleSignature(bytes, walk, nowSeconds)) return 'error';
  const upperRcode = walk.optIndex < 0 ? 0 : recordTtl(walk, bytes, walk.optIndex) >>> 24; // RFC 6891 §6.1.3.
  const rcode = (upperRcode << 4) | (flags & RCODE_MASK);
  const hasSoa = walk.soaIndex >= 0;
  if (rcode === Rcode.NOERROR) return walk.answerCount === 0 && hasSoa ? 'denial' : 'success';
  return rcode === Rcode.NXDOMAIN && hasSoa ? 'denial' : 'error';
}
