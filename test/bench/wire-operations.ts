/** The operations of the wire room that run per packet, each over one typical message. Loaded bundled: see wire.ts. */
import { setTtlsAt } from '../../image/wire/age';
import { writeRcodeReply } from '../../image/wire/build';
import { writeReplyOpt } from '../../image/wire/edns';
import { decodeMessage, encodeMessage } from '../../image/wire/message';
import { copyNameFolded } from '../../image/wire/name';
import { QueryView, readQuery, Verdict } from '../../image/wire/question';
import { RecordWalk, walkRecords } from '../../image/wire/record';
import { truncateAt } from '../../image/wire/truncate';
import { encoded, message, opt, record } from '../fuzz/wire-seeds';
import type { Operation } from './timing';

const OFFSET = 4096;
const ASK = 'kubernetes.default.svc.cluster.local.';

/** All operations, their messages placed in a large buffer as on the node. */
export function operations(): Operation[] {
  const arena = new Uint8Array(1 << 20);
  const out = new Uint8Array(1 << 16);
  const place = (octets: Uint8Array, offset: number) => {
    arena.set(octets, offset);
    return octets.length;
  };
  const view = new QueryView();
  const walk = new RecordWalk();
  const short = place(encoded(message({ ask: 'redis.default.', additional: [opt(1232, 0)] })), OFFSET);
  const LONG = OFFSET + 4096;
  const long = place(encoded(message({ ask: ASK, additional: [opt(1232, 0)] })), LONG);
  const REPLY = LONG + 4096;
  const answer = Array.from({ length: 8 }, (_, index) => record(`${ASK} 30 A 10.0.0.${index}`));
  const reply = place(encoded(message({ flags: 0x8180, ask: ASK, answer })), REPLY);
  walkRecords(arena, REPLY, reply, walk);
  const ttlOffsets = Uint16Array.from(walk.typeOffsets.subarray(0, 8), (offset) => offset + 4);
  const decoded = decodeMessage(arena, REPLY, reply)!;
  const questionEnd = 12 + ASK.length + 1 + 4;
  return [
    {
      name: `readQuery, ${short} octets, EDNS`,
      run: () => readQuery(arena, OFFSET, short, view),
      wanted: Verdict.ACCEPT,
    },
    { name: `readQuery, ${long} octets, EDNS`, run: () => readQuery(arena, LONG, long, view), wanted: Verdict.ACCEPT },
    {
      name: `readQuery, ${long - 11} octets`,
      run: () => readQuery(arena, LONG, long - 11, view),
      wanted: Verdict.ACCEPT,
    },
    { name: 'copyNameFolded, 38 octets', run: () => copyNameFolded(arena, LONG + long, LONG + 12, out), wanted: 38 },
    {
      name: 'writeReplyOpt, no options',
      run: () => {
        view.optOffset = questionEnd;
        return writeReplyOpt(arena, view, out, 0, 512);
      },
      wanted: 11,
    },
    {
      name: 'writeRcodeReply',
      run: () => {
        view.questionEnd = questionEnd;
        return writeRcodeReply(arena, LONG, view, 2, out, 0);
      },
      wanted: questionEnd,
    },
    { name: 'walkRecords, 8 records', run: () => Number(walkRecords(arena, REPLY, reply, walk)), wanted: 1 },
    {
      name: 'setTtlsAt, 8 records',
      run: () => {
        setTtlsAt(arena, REPLY, ttlOffsets, 0, 8, 29);
        return arena[REPLY + ttlOffsets[7] + 3];
      },
      wanted: 29,
    },
    { name: 'truncateAt, all fit', run: () => truncateAt(arena, REPLY, reply, ttlOffsets, 0, 8, 1232), wanted: reply },
    {
      name: 'decodeMessage, 8 records',
      run: () => decodeMessage(arena, REPLY, reply)!.answer.length,
      wanted: 8,
    },
    { name: 'encodeMessage, 8 records', run: () => encodeMessage(decoded, out, 0, 65535), wanted: reply },
  ];
}
