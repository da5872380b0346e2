/**
 * A table that is asked and filled at random, with keys that differ from stored ones in a bit, a size or nothing: what is
 * found must be the answer to exactly what was asked, and nothing may be lost or kept beyond the capacities.
 */
import { Arena } from '../../image/kernel/arena';
import { CACHE_ENTRY_BYTES_MAX, RECORDS_CACHED_MAX } from '../../image/limits';
import { Chunks } from '../../image/memory/chunks';
import { Header, tableLayout } from '../../image/memory/layout';
import { Answer, DENIAL, Question, Stored, SUCCESS, Table } from '../../image/memory/table';
import { Random } from './random';

/** Outcome of a run. */
export interface MemoryReport {
  readonly packets: number;
  readonly seed: number;
  readonly seconds: number;
  readonly found: number;
  readonly absent: number;
  readonly stored: number;
  readonly refused: number;
  readonly evicted: number;
  /** At most one: after it nothing can be trusted. `hex` is the key asked for. */
  readonly failures: readonly { readonly reason: string; readonly hex: string }[];
}

const SUCCESS_CAPACITY = 150;
const DENIAL_CAPACITY = 50;
const KEYS = 400;
const BODY_BYTES_MAX = 3_000;
/** All keys share so few hashes that most searches pass others' entries; a third of them shares one. */
const HASHES = 16;
/** One operation in this many counts everything. */
const AUDIT_EVERY = 4_096;
const CANARY = 0xa5;

/** What the table must say of a key. */
interface Known {
  readonly question: Question;
  readonly body: Uint8Array;
  readonly ttlOffsets: Uint16Array;
  readonly kind: number;
  /** What was noted of its use. */
  hits: number;
  refreshing: boolean;
}

class Fuzzer {
  readonly tally = { found: 0, absent: 0, stored: 0, refused: 0, evicted: 0 };
  private readonly arena: Arena;
  private readonly table: Table;
  private readonly known = new Map<string, Known>();
  private readonly keys: Question[];
  private readonly answer = new Answer();
  private readonly target = new Uint8Array(1 << 16);
  private readonly random: Random;
  private readonly layout = tableLayout(SUCCESS_CAPACITY + DENIAL_CAPACITY);

  constructor(random: Random) {
    this.random = random;
    this.arena = new Arena(0, new ArrayBuffer(this.layout.bytes));
    this.table = new Table(this.arena, 0, SUCCESS_CAPACITY, DENIAL_CAPACITY, true);
    this.answer.bytes = new Uint8Array(1 << 16);
    this.keys = Array.from({ length: KEYS }, () => this.anyKey());
  }

  /** Any octets will do as a name: the table only compares them. */
  private anyKey(): Question {
    const { random } = this;
    const question = new Question();
    question.nameBytes = 1 + random.below(random.below(4) === 0 ? 255 : 12);
    for (let index = 0; index < question.nameBytes; index++) question.name[index] = random.below(4);
    question.type = random.below(3);
    question.class = random.below(2) * 0xffff;
    question.flags = random.below(4);
    question.hash = random.below(3) === 0 ? 0 : random.below(HASHES) * 0x01000021; // One run of the index overflows.
    return question;
  }

  /** A key that is near another one. */
  private spoiled(key: Question): Question {
    const { random } = this;
    const question = new Question();
    Object.assign(question, key, { name: Uint8Array.from(key.name) });
    const at = random.below(question.nameBytes);
    const change = random.below(6);
    if (change === 0) question.name[at] ^= 1 << random.below(8);
    if (change === 1) question.nameBytes = Math.min(255, question.nameBytes + 1);
    if (change === 2) question.nameBytes = Math.max(1, question.nameBytes - 1);
    if (change === 3) question.type ^= 1 << random.below(16);
    if (change === 4) question.class ^= 1 << random.below(16);
    if (change === 5) question.flags ^= 1 << random.below(2);
    return question;
  }

  /** One operation. @returns what is wrong, or undefined */
  step(turn: number): { reason: string; hex: string } | undefined {
    const { random } = this;
    const key = this.keys[random.below(KEYS)];
    const question = random.below(3) === 0 ? this.spoiled(key) : key;
    const what = random.below(20);
    let reason = what < 10 ? this.store(question) : what < 19 ? this.look(question) : this.forget(question);
    if (turn % AUDIT_EVERY === 0) reason ??= this.audit();
    return reason === undefined ? undefined : { reason, hex: keyOf(question) };
  }

  private store(question: Question): string | undefined {
    const { random, answer, table } = this;
    const kind = random.below(2) === 0 ? SUCCESS : DENIAL;
    const isLarge = random.below(64) === 0;
    const isTooLarge = random.below(512) === 0;
    answer.kind = kind;
    answer.bodyOffset = random.below(100);
    answer.bodyBytes = isTooLarge ? CACHE_ENTRY_BYTES_MAX : random.below(isLarge ? BODY_BYTES_MAX : 200);
    answer.ttlCount = answer.bodyBytes < 8 ? 0 : random.below(Math.min(answer.bodyBytes >>> 2, RECORDS_CACHED_MAX));
    for (let index = 0; index < answer.ttlCount; index++) {
      answer.ttlOffsets[index] = 12 + question.nameBytes + 4 + random.below(answer.bodyBytes - 3);
    }
    const body = answer.bytes.subarray(answer.bodyOffset, answer.bodyOffset + answer.bodyBytes);
    for (let index = 0; index < body.length; index++) body[index] = random.below(256);
    const hadBefore = table.find(question) >= 0;
    const stored = table.store(question, answer);
    const text = keyOf(question);
    if (stored === Stored.ADDED || stored === Stored.REPLACED) {
      this.tally.stored++;
      this.tally.evicted += table.evicted[SUCCESS] + table.evicted[DENIAL];
      const ttlOffsets = answer.ttlOffsets.slice(0, answer.ttlCount);
      this.known.set(text, { question, body: Uint8Array.from(body), ttlOffsets, kind, hits: 0, refreshing: false });
      if (isTooLarge) return 'stored what is too large';
      if (hadBefore !== (stored === Stored.REPLACED)) return `stored as ${stored}, but found before: ${hadBefore}`;
      return table.find(question) < 0 ? 'stored and not found' : undefined;
    }
    this.tally.refused++;
    this.known.delete(text);
    return table.find(question) < 0 ? undefined : `refused with ${stored} and found`;
  }

  private forget(question: Question): string | undefined {
    this.table.forget(question);
    this.known.delete(keyOf(question));
    return this.table.find(question) < 0 ? undefined : 'forgotten and found';
  }

  private look(question: Question): string | undefined {
    const { table, target, random } = this;
    const entry = table.find(question);
    if (entry < 0) {
      this.tally.absent++;
      return undefined;
    }
    this.tally.found++;
    const known = this.known.get(keyOf(question));
    if (known === undefined) return 'found what was not stored';
    const wrongUse = this.use(entry, known);
    if (wrongUse !== undefined) return wrongUse;
    if (table.kind(entry) !== known.kind) return `kind ${table.kind(entry)} instead of ${known.kind}`;
    const questionBytes = 12 + question.nameBytes + 4;
    const end = questionBytes + known.body.length;
    const room = random.below(4) === 0 ? random.below(end + 1) : end;
    target.fill(CANARY, 0, end + 8);
    const isCopied = table.copyBody(entry, target, 0, questionBytes, room, 0x01020304);
    for (let at = isCopied ? end : Math.max(room, 0); at < end + 8; at++) {
      if (target[at] !== CANARY) return `wrote at ${at} with room for ${room}`;
    }
    if (isCopied !== room >= end) return `copied ${isCopied}: ${end} octets into ${room}`;
    return isCopied ? differs(target, questionBytes, known) : undefined;
  }

  /** Note something of an entry's use, and see that it says what was noted before. */
  private use(entry: number, known: Known): string | undefined {
    const { uses } = this.table;
    if (uses.hits(entry) !== known.hits) return `${uses.hits(entry)} hits instead of ${known.hits}`;
    if (uses.isRefreshing(entry) !== known.refreshing) return `refreshing: ${!known.refreshing}`;
    const what = this.random.below(5);
    if (what === 0) uses.visit(entry);
    if (what === 1) {
      uses.count(entry, 0, 1000);
      known.hits++;
    }
    if (what === 2 || what === 3) known.refreshing = what === 2;
    if (what === 2) uses.beginRefresh(entry);
    if (what === 3) uses.endRefresh(entry);
    return undefined;
  }

  /** Count everything. */
  private audit(): string | undefined {
    const { table, arena, layout } = this;
    let chunks = 0;
    const counts = [0, 0, 0];
    for (const [key, { question, body, ttlOffsets, kind }] of this.known) {
      if (table.find(question) < 0) {
        this.known.delete(key); // Evicted.
        continue;
      }
      counts[kind]++;
      chunks += Chunks.needed(question.nameBytes + 2 * ttlOffsets.length + body.length);
    }
    for (const kind of [SUCCESS, DENIAL]) {
      if (table.count(kind) !== counts[kind]) return `${table.count(kind)} of kind ${kind}, ${counts[kind]} found`;
    }
    if (counts[SUCCESS] > SUCCESS_CAPACITY || counts[DENIAL] > DENIAL_CAPACITY) return `over capacity: ${counts}`;
    const free = arena.i32[Header.CHUNKS_FREE_COUNT];
    return free + chunks === layout.chunks ? undefined : `${layout.chunks - chunks - free} chunks lost`;
  }
}

/** What of a copy is not as it was stored, but for its TTLs? */
function differs(target: Uint8Array, questionBytes: number, { body, ttlOffsets }: Known): string | undefined {
  const wanted = Uint8Array.from(body);
  for (const offset of ttlOffsets) wanted.set([1, 2, 3, 4], offset - questionBytes);
  for (let at = 0; at < wanted.length; at++) {
    if (target[questionBytes + at] !== wanted[at]) return `octet ${at} of the body is another`;
  }
  return undefined;
}

function keyOf({ name, nameBytes, type, class: questionClass, flags, hash }: Question): string {
  const numbers = Buffer.from(Uint32Array.of(type, questionClass, flags, hash).buffer);
  return Buffer.concat([numbers, name.subarray(0, nameBytes)]).toString('hex');
}

/** Run `count` operations; the same seed gives the same ones. */
export function fuzzMemory(count: number, seed: number): MemoryReport {
  const fuzzer = new Fuzzer(new Random(seed));
  const failures: { reason: string; hex: string }[] = [];
  const start = performance.now();
  let packets = 0;
  for (; packets < count && failures.length === 0; packets++) {
    const failure = fuzzer.step(packets);
    if (failure !== undefined) failures.push({ ...failure, reason: `operation ${packets}: ${failure.reason}` });
  }
  return { packets, seed, seconds: (performance.now() - start) / 1000, failures, ...fuzzer.tally };
}
