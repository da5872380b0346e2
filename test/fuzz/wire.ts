/** Random and spoiled packets through the wire room: nothing throws, nothing is written outside its target. */
import { Random } from './random';
import { checkPacket, type Tally } from './wire-check';
import { seedMessages } from './wire-seeds';

/** Outcome of a run. */
export interface Report extends Tally {
  readonly packets: number;
  readonly seed: number;
  readonly seconds: number;
  /** At most FAILURES_MAX of them. */
  readonly failures: readonly { readonly reason: string; readonly hex: string }[];
}

const FAILURES_MAX = 10;
const PACKET_BYTES_MAX = 4096;
/** Octets that mean something to a parser: ends, pointers, reserved labels, limits. */
const TELLING = Uint8Array.of(0x00, 0x01, 0x0c, 0x29, 0x3f, 0x40, 0x80, 0xbf, 0xc0, 0xff);
/** One packet in this many is also decoded, encoded and printed, which costs as much as five others. */
const THOROUGH_EVERY = 4;

/** Spoil a packet in one way; returns its new length. */
export function spoil(bytes: Uint8Array, length: number, random: Random): number {
  if (length === 0) return 0;
  const at = random.below(length);
  switch (random.below(8)) {
    case 0: // Flip a bit.
      bytes[at] ^= 1 << random.below(8);
      return length;
    case 1: // An octet that means something.
      bytes[at] = TELLING[random.below(TELLING.length)];
      return length;
    case 2: // Cut.
      return at;
    case 3: // A pointer, often into a loop.
      bytes[at] = 0xc0;
      if (at + 1 < length) bytes[at + 1] = random.below(2) === 0 ? at : random.below(256);
      return length;
    case 4: // A lie about a count.
      bytes[5 + 2 * random.below(4)] = random.below(4);
      return length;
    case 5: // Junk behind the end.
      bytes[length] = random.below(256);
      return length + 1;
    case 6: {
      // Repeat a piece elsewhere.
      const size = Math.min(random.below(16), length - at);
      bytes.copyWithin(random.below(length), at, at + size);
      return length;
    }
    default: // Any octet.
      bytes[at] = random.below(256);
      return length;
  }
}

/** The next packet: now and then only noise, else a good message spoiled up to four times. */
export function fillPacket(bytes: Uint8Array, seeds: readonly Uint8Array[], random: Random): number {
  if (random.below(32) === 0) {
    const length = random.below(96);
    for (let index = 0; index < length; index++) bytes[index] = random.below(256);
    return length;
  }
  const seed = seeds[random.below(seeds.length)];
  bytes.set(seed);
  let length = seed.length;
  for (let times = random.below(5); times > 0; times--) length = spoil(bytes, length, random);
  return length;
}

/**
 * Put `count` packets through the room.
 * @param seed the same seed gives the same packets
 */
export function fuzzWire(count: number, seed: number): Report {
  const random = new Random(seed);
  const seeds = seedMessages();
  const bytes = new Uint8Array(PACKET_BYTES_MAX);
  const tally: Tally = { verdicts: [0, 0, 0, 0, 0, 0], walked: 0, decoded: 0 };
  const failures: { reason: string; hex: string }[] = [];
  const start = performance.now();
  let packets = 0;
  for (; packets < count && failures.length < FAILURES_MAX; packets++) {
    const length = fillPacket(bytes, seeds, random);
    const limit = 12 + random.below(600);
    const reason = checkPacket(bytes, length, limit, packets % THOROUGH_EVERY === 0, tally);
    if (reason !== undefined) failures.push({ reason, hex: Buffer.from(bytes.subarray(0, length)).toString('hex') });
  }
  return { packets, seed, seconds: (performance.now() - start) / 1000, failures, ...tally };
}
