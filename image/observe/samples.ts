/**
 * Samples of queries in memory that a worker and main share. Made when somebody looks (`top`, `query`) and let go of
 * afterwards: a worker that has no ring does nothing of this.
 *
 *   worker: writes record WRITTEN % SAMPLE_SLOTS, then WRITTEN + 1          (SampleWriter)
 *   main:   reads records up to WRITTEN, then looks at WRITTEN again: what may have been written over meanwhile is
 *           thrown away                                                     (SampleReader)
 *   main:   writes STEP, one packet in so many is taken, and WANTED, the one query that is taken in any case
 *
 * Nobody waits for anybody: who is too slow loses samples, and says so.
 */
import { NAME_BYTES_MAX, SAMPLE_SLOTS } from '../limits';
import { nameToText } from '../wire/name-text';

/** How a query was answered. Index of {@link PATH_NAMES}. */
export const Path = { HIT: 0, MISS: 1, STALE: 2, JOINED: 3, MADE: 4, REFUSED: 5 } as const;
/** One of {@link Path}. */
export type Path = (typeof Path)[keyof typeof Path];
/** The paths as operators read them: `joined` waited for the answer to an equal query, `made` was made up by a plugin. */
export const PATH_NAMES = ['hit', 'miss', 'stale', 'joined', 'made', 'refused'] as const;
/** Name of a path. */
export type PathName = (typeof PATH_NAMES)[number];

/** Words of the header, Int32 each. */
const Word = { WRITTEN: 0, SEEN: 1, STEP: 2, WANTED: 3, HEARD: 4 } as const;
const HEADER_BYTES = 32;

// A record: where its fields are.
const AT_PATH = 0;
const AT_RCODE = 1;
const AT_TYPE = 2; // uint16
const AT_MICROSECONDS = 4; // float32
const AT_FAMILY = 8; // Octets of the address: 4 or 16.
const AT_PROTOCOL = 9;
const AT_BLOCK = 10; // uint16
const AT_TEXT_BYTES = 12;
const AT_WANTED = 13;
const AT_ADDRESS = 16;
const AT_NAME = 32;
const AT_TEXT = AT_NAME + NAME_BYTES_MAX + 1;
const TEXT_BYTES_MAX = 96;
const RECORD_BYTES = AT_TEXT + TEXT_BYTES_MAX;

/** Block of a query that no block answered. */
export const NO_BLOCK = 0xffff;

/** One query as main reads it. */
export interface Sample {
  readonly path: PathName;
  readonly rcode: number;
  readonly type: number;
  /** From its arrival to its answer. */
  readonly microseconds: number;
  /** Octets of the client's address, 4 or 16. */
  readonly address: Uint8Array;
  readonly isTcp: boolean;
  /** Index into the plan's blocks; NO_BLOCK for none. */
  readonly block: number;
  /** Lower-case FQDN. */
  readonly name: string;
  /** Plugin that wrote the answer; '' for the server. */
  readonly writer: string;
  /** Upstream that was asked, `10.0.0.10:53`; '' for none. */
  readonly upstream: string;
  /** It is the one that {@link SampleReader.want} named. */
  readonly isWanted: boolean;
}

/** Memory for one worker, all 0. */
export function newSampleRing(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER_BYTES + SAMPLE_SLOTS * RECORD_BYTES);
}

/** A query by its client's port and its id, as one number that is not 0: port 0 asks nothing. */
export function queryMark(port: number, id: number): number {
  return (port << 16) | id;
}

/** The worker's side. */
export class SampleWriter {
  private readonly words: Int32Array;
  private readonly u8: Uint8Array;
  private readonly u16: Uint16Array;
  private readonly f32: Float32Array;
  private base = 0;

  constructor(ring: SharedArrayBuffer) {
    this.words = new Int32Array(ring, 0, HEADER_BYTES / Int32Array.BYTES_PER_ELEMENT);
    this.u8 = new Uint8Array(ring);
    this.u16 = new Uint16Array(ring);
    this.f32 = new Float32Array(ring);
    Atomics.store(this.words, Word.HEARD, 1);
  }

  /** One query more, sampled or not. */
  see(): void {
    this.words[Word.SEEN] = (this.words[Word.SEEN] + 1) | 0;
  }

  /** Mean number of queries from one sample to the next. */
  get step(): number {
    return Math.max(1, this.words[Word.STEP]);
  }

  /** Mark of the query that is taken in any case; 0 for none. */
  get wanted(): number {
    return this.words[Word.WANTED];
  }

  /**
   * Begin a record.
   * @param address offset of `addressBytes` octets in `bytes`
   * @param key name in wire form, folded, of `nameBytes` octets; 0 for none
   */
  begin(
    path: Path,
    rcode: number,
    type: number,
    microseconds: number,
    bytes: Uint8Array,
    address: number,
    addressBytes: number,
    key: Uint8Array,
    nameBytes: number,
  ): void {
    const { u8 } = this;
    const base = HEADER_BYTES + ((this.words[Word.WRITTEN] >>> 0) % SAMPLE_SLOTS) * RECORD_BYTES;
    this.base = base;
    u8[base + AT_PATH] = path;
    u8[base + AT_RCODE] = rcode;
    this.u16[(base + AT_TYPE) >>> 1] = type;
    this.f32[(base + AT_MICROSECONDS) >>> 2] = microseconds;
    u8[base + AT_FAMILY] = addressBytes;
    for (let index = 0; index < addressBytes; index++) u8[base + AT_ADDRESS + index] = bytes[address + index];
    u8[base + AT_NAME] = 0; // A packet that was refused before its question was read has no name.
    for (let index = 0; index < nameBytes; index++) u8[base + AT_NAME + index] = key[index];
  }

  /** End it: main may read it. */
  end(isTcp: boolean, block: number, writer: string, upstream: string, isWanted: boolean): void {
    const { u8, base } = this;
    u8[base + AT_PROTOCOL] = isTcp ? 1 : 0;
    this.u16[(base + AT_BLOCK) >>> 1] = block;
    u8[base + AT_WANTED] = isWanted ? 1 : 0;
    const start = base + AT_TEXT;
    let at = start;
    const last = start + TEXT_BYTES_MAX;
    for (let index = 0; index < writer.length && at < last; index++) u8[at++] = writer.charCodeAt(index);
    if (at < last) u8[at++] = 0;
    for (let index = 0; index < upstream.length && at < last; index++) u8[at++] = upstream.charCodeAt(index);
    u8[base + AT_TEXT_BYTES] = at - start;
    Atomics.store(this.words, Word.WRITTEN, (this.words[Word.WRITTEN] + 1) | 0);
  }
}

/** Main's side. */
export class SampleReader {
  readonly ring: SharedArrayBuffer;
  private readonly words: Int32Array;
  private readonly view: DataView;
  private readonly u8: Uint8Array;
  private next = 0;
  private seenBefore = 0;

  constructor(ring: SharedArrayBuffer) {
    this.ring = ring;
    this.words = new Int32Array(ring, 0, HEADER_BYTES / Int32Array.BYTES_PER_ELEMENT);
    this.view = new DataView(ring);
    this.u8 = new Uint8Array(ring);
  }

  /** Has the worker taken the ring? */
  get isHeard(): boolean {
    return Atomics.load(this.words, Word.HEARD) === 1;
  }

  /** Take one query in `step`. */
  setStep(step: number): void {
    Atomics.store(this.words, Word.STEP, step);
  }

  /** Take the query with this mark in any case; 0 for none. */
  want(mark: number): void {
    Atomics.store(this.words, Word.WANTED, mark);
  }

  /** Queries since the last call. */
  seen(): number {
    const now = Atomics.load(this.words, Word.SEEN);
    const count = (now - this.seenBefore) >>> 0;
    this.seenBefore = now;
    return count;
  }

  /** Samples since the last call, oldest first, without those that were written over. */
  read(): Sample[] {
    const written = Atomics.load(this.words, Word.WRITTEN);
    if ((written - this.next) >>> 0 > SAMPLE_SLOTS) this.next = (written - SAMPLE_SLOTS) | 0;
    const first = this.next;
    const samples: Sample[] = [];
    for (let index = first; index !== written; index = (index + 1) | 0) samples.push(this.record(index >>> 0));
    this.next = written;
    // The record that is being written now counts as overwritten, too.
    const oldestWhole = (Atomics.load(this.words, Word.WRITTEN) + 1 - SAMPLE_SLOTS) | 0;
    const lost = (oldestWhole - first) | 0;
    return lost > 0 ? samples.slice(lost) : samples;
  }

  private record(index: number): Sample {
    const base = HEADER_BYTES + (index % SAMPLE_SLOTS) * RECORD_BYTES;
    const { u8, view } = this;
    const text = Buffer.from(u8.slice(base + AT_TEXT, base + AT_TEXT + u8[base + AT_TEXT_BYTES])).toString('latin1');
    const [writer, upstream = ''] = text.split('\0');
    return {
      path: PATH_NAMES[u8[base + AT_PATH]],
      rcode: u8[base + AT_RCODE],
      type: view.getUint16(base + AT_TYPE, true),
      microseconds: view.getFloat32(base + AT_MICROSECONDS, true),
      address: u8.slice(base + AT_ADDRESS, base + AT_ADDRESS + u8[base + AT_FAMILY]),
      isTcp: u8[base + AT_PROTOCOL] === 1,
      block: view.getUint16(base + AT_BLOCK, true),
      name: nameToText(u8.slice(base + AT_NAME, base + AT_NAME + NAME_BYTES_MAX), 0),
      writer,
      upstream,
      isWanted: u8[base + AT_WANTED] === 1,
    };
  }
}
