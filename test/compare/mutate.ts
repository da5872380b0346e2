/** Packets that nobody would send, made of one that is right: the same ones from the same seed. */

/** Numbers below 2^32, the same for the same seed. @source George Marsaglia, "Xorshift RNGs" */
function xorshift(seed: number): () => number {
  let state = seed * 2654435761 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

const HEADER_BYTES = 12;
const COUNTS = [4, 6, 8, 10];
/** QR: what has it set is dropped, and each time somebody would wait for nothing. */
const QR = 0x80;

function change(bytes: Buffer, next: () => number): Buffer {
  const at = next() % bytes.length;
  switch (next() % 6) {
    case 0: // One bit.
      bytes[at] ^= 1 << (next() % 8);
      return bytes;
    case 1: // One octet.
      bytes[at] = next();
      return bytes;
    case 2: // A count of the header.
      bytes[COUNTS[next() % COUNTS.length] + 1] = next() % 4;
      return bytes;
    case 3: // Cut.
      return bytes.subarray(0, HEADER_BYTES + (next() % (bytes.length - HEADER_BYTES + 1)));
    case 4: // Something behind it.
      return Buffer.concat([bytes, Buffer.from([next(), next(), next()])]);
    default: // An octet taken out.
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
  }
}

/** @param hex a packet that is right @returns `count` packets in hex, each with one to three changes, and without QR */
export function mutate(seed: number, count: number, hex: string): string[] {
  const next = xorshift(seed);
  return Array.from({ length: count }, () => {
    let bytes: Buffer = Buffer.from(hex, 'hex');
    for (let changes = 1 + (next() % 3); changes > 0; changes--) {
      bytes = change(bytes, next);
      if (bytes.length < HEADER_BYTES + 1) bytes = Buffer.from(hex, 'hex');
    }
    bytes[2] &= ~QR;
    return bytes.toString('hex');
  });
}
