/** One thread of threads.test.ts: stores and reads answers of a shared table as fast as it can, and checks every copy. */
import { parentPort, workerData } from 'node:worker_threads';
import { viewArena } from '../../../image/kernel/arena';
import { openLibc } from '../../../image/kernel/ffi';
import { Answer, DENIAL, Stored, SUCCESS, Table } from '../../../image/memory/table';
import { Random } from '../../fuzz/random';
import { checksum, fillAnswer, questionEnd, questionFor } from './answers';

/** What a thread is told. */
export interface HammerOrder {
  readonly base: number;
  readonly bytes: number;
  readonly capacity: number;
  readonly names: number;
  readonly seed: number;
  readonly ms: number;
}

/** What a thread has seen. */
export interface HammerCount {
  stored: number;
  /** Another thread was writing. */
  busy: number;
  hits: number;
  misses: number;
  /** The table said that the copy must not be used: it was overtaken. */
  overtaken: number;
  /** Copies the table said were good, and were not. Must stay 0. */
  torn: number;
}

const ROUNDS_PER_LOOK = 256;
const target = new Uint8Array(1 << 17);

/** The body's own number: whose answer it is. */
function ownerOf(body: Uint8Array): number {
  return (body[8] << 8) | body[9];
}

export function hammer(order: HammerOrder): HammerCount {
  const arena = viewArena(openLibc(), order.base, order.bytes);
  const table = new Table(arena, 0, order.capacity, order.capacity, false);
  const random = new Random(order.seed);
  const questions = Array.from({ length: order.names }, (_, index) =>
    questionFor(`n${index}.hammer.`, { hash: index % 40 }),
  );
  const answer = new Answer();
  const count: HammerCount = { stored: 0, busy: 0, hits: 0, misses: 0, overtaken: 0, torn: 0 };
  const end = performance.now() + order.ms;
  while (performance.now() < end) {
    for (let round = 0; round < ROUNDS_PER_LOOK; round++) {
      const index = random.below(order.names);
      if (random.below(3) === 0) store(index);
      else read(index);
    }
  }
  return count;

  function store(index: number): void {
    const kind = random.below(2) === 0 ? SUCCESS : DENIAL;
    const bodyBytes = 16 + random.below(random.below(20) === 0 ? 4_000 : 300);
    fillAnswer(answer, questions[index], random.next(), { kind, bodyBytes });
    const at = answer.bodyOffset;
    answer.bytes[at + 8] = index >>> 8;
    answer.bytes[at + 9] = index;
    new DataView(answer.bytes.buffer).setUint32(at, checksum(answer.bytes, at + 4, at + bodyBytes - 4));
    const stored = table.store(questions[index], answer);
    if (stored === Stored.BUSY) count.busy++;
    else count.stored++;
  }

  function read(index: number): void {
    const entry = table.find(questions[index]);
    if (entry < 0) {
      count.misses++;
      return;
    }
    table.visit(entry);
    const bodyBytes = table.bodyBytes(entry);
    const at = questionEnd(questions[index].nameBytes);
    if (!table.copyBody(entry, target, 0, at, target.length, 7)) {
      count.overtaken++;
      return;
    }
    const body = target.subarray(at, at + bodyBytes);
    const sum = new DataView(target.buffer).getUint32(at);
    if (ownerOf(body) !== index || sum !== checksum(body, 4, bodyBytes - 4)) count.torn++;
    else count.hits++;
  }
}

parentPort?.postMessage(hammer(workerData as HammerOrder));
