/** What a client may expect of the answer to a packet, however spoiled the packet is. */
import { Rcode } from '../../image/wire/codes';
import { decodeMessage } from '../../image/wire/message';
import { QueryView, readQuery, Verdict } from '../../image/wire/question';

const FLAG_QR_HIGH = 0x80;
const OPCODE_HIGH = 0x78;
const UDP_BYTES_MAX = 1232;

const view = new QueryView();

/** Must there be an answer? Without a whole header, or to an answer, none may come (RFC 1035 §4.1.1). */
export function wantsReply(packet: Uint8Array): boolean {
  return packet.length >= 12 && (packet[2] & FLAG_QR_HIGH) === 0;
}

/**
 * What is wrong with an answer.
 * @param packet what was asked; its id is the reply's
 * @returns undefined when nothing is
 */
export function wrongReply(packet: Uint8Array, reply: Uint8Array, overUdp: boolean): string | undefined {
  if (!wantsReply(packet)) return 'an answer to what is not a query';
  if ((reply[2] & FLAG_QR_HIGH) === 0) return 'the answer has no QR';
  const isFormatError = (reply[3] & 0x0f) === Rcode.FORMERR; // Which forgets the opcode, as miekg/dns does.
  if (!isFormatError && (reply[2] & OPCODE_HIGH) !== (packet[2] & OPCODE_HIGH)) return 'the answer has another opcode';
  const verdict = readQuery(packet, 0, packet.length, view);
  if (overUdp) {
    const said = verdict === Verdict.ACCEPT ? Math.max(view.udpSize, 512) : 512;
    const limit = Math.min(said, UDP_BYTES_MAX);
    if (reply.length > limit) return `${reply.length} octets where ${limit} fit`;
  }
  if (verdict !== Verdict.ACCEPT) return (reply[3] & 0x0f) === 0 ? 'a refused packet is answered NOERROR' : undefined;
  const { questionEnd } = view;
  const echoed = Buffer.compare(packet.subarray(12, questionEnd), reply.subarray(12, questionEnd)) === 0;
  if (!echoed) return 'the question is not echoed';
  return decodeMessage(reply, 0, reply.length) === undefined ? 'the answer is malformed' : undefined;
}
