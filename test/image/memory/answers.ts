/** Questions and answers for tests of the table: every body carries its own checksum, so that a torn copy shows. */
import { Arena } from '../../../image/kernel/arena';
import { NameHash } from '../../../image/memory/hash';
import { Header, tableLayout } from '../../../image/memory/layout';
import { type Answer, Question, SUCCESS, Table } from '../../../image/memory/table';
import { textToName } from '../../../image/wire/name-text';

/** Header and question of a message whose name takes `nameBytes`. */
export const questionEnd = (nameBytes: number): number => 12 + nameBytes + 4;

const HASH = new NameHash(0x5eed);
const STARTS = new Uint8Array(128);

/** A table in memory of its own, and a look at what it does not show. */
export function makeTable(success: number, denial: number): { table: Table; chunksFree: () => number; chunks: number } {
  const arena = new Arena(0, new ArrayBuffer(Table.bytes(success, denial)));
  const table = new Table(arena, 0, success, denial, true);
  return { table, chunksFree: () => arena.i32[Header.CHUNKS_FREE_COUNT], chunks: tableLayout(success + denial).chunks };
}

/** What a question may say beside its name. */
export interface QuestionOptions {
  readonly type?: number;
  readonly class?: number;
  readonly flags?: number;
  /** Instead of the right one: to make questions collide. */
  readonly hash?: number;
}

/** A question for `name`, folded already. */
export function questionFor(name: string, options: QuestionOptions = {}): Question {
  const question = new Question();
  const bytes = textToName(name)!;
  question.name.set(bytes);
  question.nameBytes = bytes.length;
  question.type = options.type ?? 1;
  question.class = options.class ?? 1;
  question.flags = options.flags ?? 0;
  let labels = 0;
  for (let at = 0; bytes[at] !== 0; at += bytes[at] + 1) STARTS[labels++] = at;
  const nameHash = HASH.name(bytes, bytes.length, STARTS, labels);
  question.hash = options.hash ?? NameHash.question(nameHash, question.type, question.class, question.flags);
  return question;
}

/** What an answer may be like. */
export interface AnswerOptions {
  readonly kind?: number;
  readonly bodyBytes?: number;
  readonly ttlCount?: number;
  readonly ttlSeconds?: number;
  readonly storedAtMs?: number;
}

/**
 * Fill `answer` for a question. The body is four octets of checksum, then octets that follow from `seed`; TTLs stand in
 * front of the end, four octets each, and are left out of the checksum.
 */
export function fillAnswer(answer: Answer, question: Question, seed: number, options: AnswerOptions = {}): Answer {
  const { bodyBytes = 64, ttlCount = 1 } = options;
  const at = questionEnd(question.nameBytes);
  if (answer.bytes.length === 0) answer.bytes = new Uint8Array(1 << 17);
  const { bytes } = answer;
  answer.kind = options.kind ?? SUCCESS;
  answer.bodyOffset = at;
  answer.bodyBytes = bodyBytes;
  answer.ttlSeconds = options.ttlSeconds ?? 30;
  answer.storedAtMs = options.storedAtMs ?? 0;
  answer.ttlCount = ttlCount;
  for (let index = 0; index < ttlCount; index++) answer.ttlOffsets[index] = at + bodyBytes - 4 * (index + 1);
  for (let index = 4; index < bodyBytes; index++) bytes[at + index] = Math.imul(seed + index, 0x9e3779b1) >>> 24;
  new DataView(bytes.buffer).setUint32(at, checksum(bytes, at + 4, at + bodyBytes - 4 * ttlCount));
  return answer;
}

/** Sum over `bytes[from..end)` in which the place of an octet counts. */
export function checksum(bytes: Uint8Array, from: number, end: number): number {
  let sum = 0x811c9dc5;
  for (let at = from; at < end; at++) sum = Math.imul(sum ^ bytes[at], 0x01000193);
  return sum >>> 0;
}

/** Copy an entry out. @returns the body, or undefined when the table says it cannot be used */
export function copied(table: Table, entry: number, question: Question, ttlSeconds = 7): Uint8Array | undefined {
  const target = new Uint8Array(1 << 17);
  const at = questionEnd(question.nameBytes);
  const bodyBytes = table.bodyBytes(entry);
  if (!table.copyBody(entry, target, 0, at, target.length, ttlSeconds)) return undefined;
  return target.subarray(at, at + bodyBytes);
}

/** Is the checksum of a copied body right, and does it end in `ttlCount` TTLs of `ttlSeconds`? */
export function isWhole(body: Uint8Array, ttlCount: number, ttlSeconds = 7): boolean {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  for (let index = 1; index <= ttlCount; index++)
    if (view.getUint32(body.length - 4 * index) !== ttlSeconds) return false;
  return view.getUint32(0) === checksum(body, 4, body.length - 4 * ttlCount);
}
