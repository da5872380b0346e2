/** Messages for the tests of functions that work on whole replies: placed off the beginning, with a walk. */
import { Type } from '../../../image/wire/codes';
import { RecordWalk, walkRecords } from '../../../image/wire/record';
import { encoded, message, opt, record } from '../../fuzz/wire-seeds';

export const OFFSET = 33;
export const A = (index: number) => record(`www.example.org. 60 A 192.0.2.${index}`);
export const NS = record('example.org. 600 NS ns1.example.org.');
export const SOA = record('example.org. 900 SOA ns1.example.org. host.example.org. 1 2 3 4 5');
export const GLUE = record('ns1.example.org. 6000 AAAA 2001:db8::1');
export const OPT = opt(1232, 0x8000);

/** The message in a buffer that begins with other octets, and its walk. */
export function placed(parts: Parameters<typeof message>[0]) {
  const octets = encoded(message({ flags: 0x8180, type: Type.A, ...parts }));
  const bytes = new Uint8Array(OFFSET + octets.length + 20).fill(0xee);
  bytes.set(octets, OFFSET);
  const walk = new RecordWalk();
  if (!walkRecords(bytes, OFFSET, octets.length, walk)) throw new Error('the message cannot be walked');
  return { bytes, length: octets.length, walk };
}
