import { Arena } from '../../../image/kernel/arena';
import { CACHE_ENTRY_BYTES_MAX, CACHE_LARGE_ENTRIES, RECORDS_CACHED_MAX } from '../../../image/limits';
import { Chunks } from '../../../image/memory/chunks';
import { Answer, DENIAL, KEY_CD, KEY_DO, type Question, Stored, SUCCESS, Table } from '../../../image/memory/table';
import fc from '../../support/property';
import { type AnswerOptions, copied, fillAnswer, isWhole, makeTable, questionFor } from './answers';

const answer = new Answer();

test('a fresh table has touched its first page and no other', () => {
  const arena = new Arena(0, new ArrayBuffer(Table.bytes(9_984, 9_984)));
  new Table(arena, 0, 9_984, 9_984, true);
  expect(arena.u8.subarray(4_096).some((byte) => byte !== 0)).toBe(false);
});

test('what was stored is found, with all that was said of it', () => {
  const { table } = makeTable(8, 8);
  const question = questionFor('web.default.svc.cluster.local.');
  fillAnswer(answer, question, 1, { ttlSeconds: 30, storedAtMs: 500, kind: DENIAL });
  Object.assign(answer, { flags: 0x8583, answerCount: 65535, authorityCount: 1, additionalCount: 65535 });
  expect(table.store(question, answer)).toBe(Stored.ADDED);
  const entry = table.find(question);
  expect([table.kind(entry), table.flags(entry), table.ttl(entry), table.bodyBytes(entry)]).toEqual([
    2, 0x8583, 30, 64,
  ]);
  expect([table.answerCount(entry), table.authorityCount(entry), table.additionalCount(entry)]).toEqual([
    65535, 1, 65535,
  ]);
  expect(isWhole(copied(table, entry, question)!, 1)).toBe(true);
  expect(table.whole(entry)).toBe(true);
  expect([table.count(SUCCESS), table.count(DENIAL)]).toEqual([0, 1]);
});

test.each([
  [500, 30],
  [1_499.9, 30],
  [1_500, 29],
  [30_499, 1],
  [30_500, 0],
  [31_500, -1],
])('at %d ms the TTL of 30 s stored at 500 ms is %d: whole seconds are counted', (nowMs, wanted) => {
  const { table } = makeTable(8, 8);
  const question = questionFor('a.');
  table.store(question, fillAnswer(answer, question, 1, { ttlSeconds: 30, storedAtMs: 500 }));
  expect(table.ttlLeft(table.find(question), nowMs)).toBe(wanted);
});

describe('a question is its name, type, class, DO and CD', () => {
  const { table } = makeTable(64, 64);
  const variants: [string, Question][] = [
    ['the plain one', questionFor('a.b.')],
    ['another name', questionFor('a.c.')],
    ['the name below', questionFor('x.a.b.')],
    ['the name above', questionFor('b.')],
    ['the root', questionFor('.')],
    ['dots within a label', questionFor('a\\.b.')],
    ['another type', questionFor('a.b.', { type: 28 })],
    ['a type of two octets', questionFor('a.b.', { type: 0xff01 })],
    ['another class', questionFor('a.b.', { class: 3 })],
    ['a class with its high bit set', questionFor('a.b.', { class: 0x8001 })],
    ['DO', questionFor('a.b.', { flags: KEY_DO })],
    ['CD', questionFor('a.b.', { flags: KEY_CD })],
    ['DO and CD', questionFor('a.b.', { flags: KEY_DO | KEY_CD })],
  ];
  for (const [index, [, question]] of variants.entries()) question.hash = index % 2; // As if all hashes were alike.
  for (const [index, [, question]] of variants.entries()) {
    table.store(question, fillAnswer(answer, question, index, { bodyBytes: 100 + index }));
  }

  test.each(variants.map(([what, question], index) => ({ what, question, index })))('$what', ({ question, index }) => {
    const entry = table.find(question);
    expect(table.bodyBytes(entry)).toBe(100 + index);
    expect(isWhole(copied(table, entry, question)!, 1)).toBe(true);
  });

  test('what was not stored is not found, whatever has its hash', () => {
    for (const hash of [0, 1]) expect(table.find(questionFor('a.d.', { hash }))).toBe(-1);
  });
});

test.each([
  ['one octet short of a chunk', 63 - 3 - 2, 1],
  ['a whole chunk', 64 - 3 - 2, 1],
  ['one octet more', 65 - 3 - 2, 2],
  ['the largest', CACHE_ENTRY_BYTES_MAX - 3 - 2, 512],
])('%s is kept in as many chunks as it takes, and comes back whole', (_, bodyBytes, needed) => {
  const { table, chunks, chunksFree } = makeTable(8, 8);
  const question = questionFor('a.');
  table.store(question, fillAnswer(answer, question, bodyBytes, { bodyBytes }));
  expect(chunks - chunksFree()).toBe(needed);
  expect(isWhole(copied(table, table.find(question), question)!, 1)).toBe(true);
});

test('the TTLs of as many records as an entry may have are set, and can be read afterwards', () => {
  const { table } = makeTable(8, 8);
  const question = questionFor('a.');
  fillAnswer(answer, question, 1, { bodyBytes: 16_384, ttlCount: RECORDS_CACHED_MAX });
  expect(table.store(question, answer)).toBe(Stored.ADDED);
  expect(isWhole(copied(table, table.find(question), question, 0x7fffffff)!, RECORDS_CACHED_MAX, 0x7fffffff)).toBe(
    true,
  );
  expect(table.ttlCount).toBe(RECORDS_CACHED_MAX);
  expect([...table.ttlOffsets]).toEqual([...answer.ttlOffsets]);
});

test('an answer without a body comes back when its key fills a chunk to the last octet', () => {
  const { table } = makeTable(8, 8);
  const name = `${'a'.repeat(62)}.${'b'.repeat(62)}.`;
  const question = questionFor(name);
  expect(question.nameBytes).toBe(127);
  for (const each of [question, questionFor(`${'a'.repeat(63)}.${'b'.repeat(62)}.`)]) {
    answer.bodyBytes = 0;
    answer.ttlCount = 0;
    answer.kind = DENIAL;
    expect(table.store(each, answer)).toBe(Stored.ADDED);
    expect(table.copyBody(table.find(each), new Uint8Array(200), 0, 144, 200, 7)).toBe(true);
  }
});

test.each([
  ['more records', { ttlCount: RECORDS_CACHED_MAX + 1 }],
  ['more octets', { bodyBytes: CACHE_ENTRY_BYTES_MAX - 3 - 2 + 1 }],
])('%s than an entry takes are refused, and what was there goes, for it is no longer true', (_, options) => {
  const { table, chunks, chunksFree } = makeTable(8, 8);
  const question = questionFor('a.');
  table.store(question, fillAnswer(answer, question, 1));
  Object.assign(fillAnswer(answer, question, 2), options);
  expect(table.store(question, answer)).toBe(Stored.TOO_LARGE);
  expect(table.find(question)).toBe(-1);
  expect([table.count(SUCCESS), chunksFree()]).toEqual([0, chunks]);
});

test('what does not fit the room is not copied, and nothing is written behind it', () => {
  const { table } = makeTable(8, 8);
  const question = questionFor('a.');
  table.store(question, fillAnswer(answer, question, 1));
  const entry = table.find(question);
  for (const room of [19, 20, 82]) {
    const target = new Uint8Array(200).fill(0xee);
    expect(table.copyBody(entry, target, 0, 19, room, 7)).toBe(false);
    expect(target.every((byte) => byte === 0xee)).toBe(true);
  }
  const target = new Uint8Array(200).fill(0xee);
  expect(table.copyBody(entry, target, 50, 19, 83, 7)).toBe(true);
  expect(target.subarray(50 + 83).every((byte) => byte === 0xee)).toBe(true);
});

test('another writer makes a store skip, with nothing evicted', () => {
  const { table } = makeTable(1, 1);
  const [first, second] = [questionFor('a.'), questionFor('b.')];
  table.store(first, fillAnswer(answer, first, 1));
  table.store(second, fillAnswer(answer, second, 1));
  expect(table.evicted[SUCCESS]).toBe(1);
  const words = (table as unknown as { words: Int32Array }).words;
  words[0] = 1; // Header.WRITER, as another thread would take it.
  expect(table.store(first, fillAnswer(answer, first, 1))).toBe(Stored.BUSY);
  expect([...table.evicted]).toEqual([0, 0, 0]);
  words[0] = 0;
  expect(table.store(first, fillAnswer(answer, first, 1))).toBe(Stored.ADDED);
});

test('names chosen to collide cost a bounded search, and what was kept of them is always found again', () => {
  const { table } = makeTable(1_000, 1_000);
  const kept: Question[] = [];
  for (let index = 0; index < 300; index++) {
    const question = questionFor(`chosen-${index}.`, { hash: -1 });
    const stored = table.store(question, fillAnswer(answer, question, index));
    expect(stored).toBe(index < 64 ? Stored.ADDED : Stored.TABLE_FULL);
    if (stored === Stored.ADDED) kept.push(question);
  }
  expect(table.count(SUCCESS)).toBe(64);
  for (const question of kept) {
    expect(table.find(question)).toBeGreaterThanOrEqual(0);
    expect(table.store(question, fillAnswer(answer, question, 9))).toBe(Stored.REPLACED);
  }
});

test('an answer that is asked for stays while others pass through', () => {
  const { table } = makeTable(10, 10);
  const popular = questionFor('popular.');
  table.store(popular, fillAnswer(answer, popular, 1));
  for (let index = 0; index < 200; index++) {
    const entry = table.find(popular);
    expect(entry).toBeGreaterThanOrEqual(0);
    table.visit(entry);
    const question = questionFor(`once-${index}.`);
    table.store(question, fillAnswer(answer, question, index));
  }
});

test('large answers push out their own kind first, the other kind when that is not enough', () => {
  const { table } = makeTable(64, 64);
  const small = Array.from({ length: 60 }, (_, index) => questionFor(`small-${index}.`));
  for (const question of small) table.store(question, fillAnswer(answer, question, 1, { kind: DENIAL }));
  for (let index = 0; index < 16; index++) {
    const question = questionFor(`large-${index}.`);
    table.store(question, fillAnswer(answer, question, index, { bodyBytes: 32_700 }));
    expect(isWhole(copied(table, table.find(question), question)!, 1)).toBe(true);
  }
  expect(table.count(SUCCESS)).toBe(CACHE_LARGE_ENTRIES); // One more has no room beside the 60.
  expect(table.count(DENIAL)).toBe(60);
});

/** What the model remembers of a stored answer. */
interface Known {
  readonly question: Question;
  readonly seed: number;
  readonly options: AnswerOptions & { readonly kind: number; readonly bodyBytes: number; readonly ttlCount: number };
}

const operation = fc.record({
  name: fc.nat(39),
  type: fc.constantFrom(1, 28),
  flags: fc.nat(3),
  kind: fc.constantFrom(SUCCESS, DENIAL),
  bodyBytes: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 8, max: 600 }) }, fc.integer({ min: 8, max: 60_000 })),
  ttlCount: fc.nat(1),
  stores: fc.boolean(),
  visits: fc.boolean(),
});

test.each([
  ['room for all', 400, 400],
  ['room for few', 7, 3],
  ['room for one of each', 1, 1],
])('against a Map, %s: never a wrong answer, never over capacity, never a chunk lost', (_, success, denial) => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 150 }), (operations) => {
      const { table, chunks, chunksFree } = makeTable(success, denial);
      const map = new Map<string, Known>();
      let present = 0;
      for (const [seed, { name, type, flags, stores, visits, ...options }] of operations.entries()) {
        const key = `${name} ${type} ${flags}`;
        const hash = name < 20 ? name & 3 : undefined; // Half of the names collide with their like.
        const question = questionFor(`${'x'.repeat(name)}-${name}.svc.`, { type, flags, hash });
        const found = table.find(question);
        if (stores) {
          const stored = table.store(question, fillAnswer(answer, question, seed, options));
          if (stored === Stored.TABLE_FULL || stored === Stored.TOO_LARGE) {
            if (stored === Stored.TOO_LARGE) expect(answer.bodyBytes).toBeGreaterThan(CACHE_ENTRY_BYTES_MAX - 64);
            if (found >= 0) present--;
            map.delete(key);
            continue;
          }
          expect(stored).toBe(found >= 0 ? Stored.REPLACED : Stored.ADDED);
          map.set(key, { question, seed, options });
          present += (found >= 0 ? 0 : 1) - table.evicted[SUCCESS] - table.evicted[DENIAL];
          expect(table.find(question)).toBeGreaterThanOrEqual(0);
        } else if (found >= 0) {
          const known = map.get(key)!;
          const body = copied(table, found, question)!;
          fillAnswer(answer, question, known.seed, known.options);
          expect(table.kind(found)).toBe(known.options.kind);
          expect(body).toHaveLength(known.options.bodyBytes);
          expect(isWhole(body, known.options.ttlCount)).toBe(true);
          const fixed = body.length - 4 * known.options.ttlCount;
          const wanted = answer.bytes.subarray(answer.bodyOffset, answer.bodyOffset + fixed);
          expect(Buffer.compare(body.subarray(0, fixed), wanted)).toBe(0);
          if (visits) table.visit(found);
        }
        expect(table.count(SUCCESS)).toBeLessThanOrEqual(success);
        expect(table.count(DENIAL)).toBeLessThanOrEqual(denial);
      }
      const alive = [...map.values()].filter(({ question }) => table.find(question) >= 0);
      expect(table.count(SUCCESS) + table.count(DENIAL)).toBe(alive.length);
      const taken = alive.reduce(
        (sum, { question, options }) =>
          sum + Chunks.needed(question.nameBytes + 2 * options.ttlCount + options.bodyBytes),
        0,
      );
      expect(chunks - chunksFree()).toBe(taken);
      if (success === 400) expect(present).toBe(alive.length);
    }),
    { numRuns: 150 },
  );
});
