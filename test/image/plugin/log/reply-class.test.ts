import { replyClass } from '../../../../image/plugin/log/reply-class';
import { Opcode, Type } from '../../../../image/wire/codes';
import { FLAG_QR, OPCODE_SHIFT } from '../../../../image/wire/header';
import type { ResourceRecord } from '../../../../image/wire/message';
import * as records from '../../wire/reply';
import { OPT, placed } from '../../wire/reply';

const NOW = 1_800_000_000;

/** An RRSIG for A from `inception` to `expiration`, in seconds around now. */
function rrsig(inception: number, expiration: number): ResourceRecord {
  const data = Buffer.alloc(20);
  data.writeUInt16BE(Type.A, 0);
  data.writeUInt32BE((NOW + expiration) % 2 ** 32, 8);
  data.writeUInt32BE((NOW + inception) % 2 ** 32, 12);
  return { ...records.A(1), type: Type.RRSIG, data };
}

function classOf(parts: Parameters<typeof placed>[0], type: number = Type.A): string {
  const { bytes, walk } = placed(parts);
  return replyClass(bytes, walk, type, NOW);
}

const flags = (rcode: number, opcode: number = Opcode.QUERY) => FLAG_QR | (opcode << OPCODE_SHIFT) | rcode;
const { A, NS, SOA } = records;
const bad = rrsig(-2000, -1000);

test.each([
  ['success', 'an answer', { answer: [A(1)] }],
  ['success', 'an answer with a SOA', { answer: [A(1)], authority: [SOA] }],
  ['success', 'a delegation', { authority: [NS] }],
  ['success', 'nothing at all', {}],
  ['success', 'a stale signature nobody asked for', { answer: [A(1), bad] }],
  ['success', 'a valid signature', { answer: [A(1), rrsig(-1000, 1000)], additional: [OPT] }],
  ['denial', 'no data', { authority: [SOA] }],
  ['denial', 'no such name', { flags: flags(3), authority: [SOA] }],
  ['denial', 'no such name behind an alias', { flags: flags(3), answer: [A(1)], authority: [SOA] }],
  ['error', 'no such name, but no SOA', { flags: flags(3) }],
  ['error', 'a SOA in the wrong section', { flags: flags(3), additional: [SOA] }],
  ['error', 'SERVFAIL', { flags: flags(2) }],
  ['error', 'REFUSED', { flags: flags(5), authority: [SOA] }],
  ['error', 'a NOTIFY', { flags: flags(0, Opcode.NOTIFY) }],
  ['error', 'an UPDATE', { flags: flags(0, Opcode.UPDATE) }],
  ['error', 'an expired signature', { answer: [A(1), bad], additional: [OPT] }],
  ['error', 'one not valid yet', { authority: [rrsig(1000, 2000)], additional: [OPT] }],
  ['error', 'BADVERS', { additional: [{ ...OPT, ttl: 0x01000000 }] }],
] as const)('%s: %s', (expected, _what, parts) => {
  expect(classOf({ ...parts, additional: [...('additional' in parts ? parts.additional : [])] } as never)).toBe(
    expected,
  );
});

test('transfers are errors', () => {
  expect([classOf({ answer: [SOA] }, Type.AXFR), classOf({ answer: [SOA] }, Type.IXFR)]).toEqual(['error', 'error']);
});
