import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { buildSync } from 'esbuild';
import { mapArena } from '../../../image/kernel/arena';
import { openLibc } from '../../../image/kernel/ffi';
import { Chunks } from '../../../image/memory/chunks';
import { ENTRY_WORDS, Entry, Header, tableLayout } from '../../../image/memory/layout';
import { DENIAL, SUCCESS, Table } from '../../../image/memory/table';
import { questionFor } from './answers';
import type { HammerCount, HammerOrder } from './hammer';

const CAPACITY = 100;
const NAMES = 400;
const HAMMER_MS = 1_200;

/** Run hammer.ts in a thread of its own. */
function thread(script: string, workerData: HammerOrder): Promise<HammerCount> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(script, { workerData });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

test('two threads on one table: no copy is torn, and the table is sound afterwards', async () => {
  const folder = mkdtempSync(path.join(__dirname, '../../../node_modules/.hammer-'));
  const script = path.join(folder, 'hammer.js');
  const libc = openLibc();
  const arena = mapArena(libc, Table.bytes(CAPACITY, CAPACITY));
  const table = new Table(arena, 0, CAPACITY, CAPACITY, true);
  try {
    const entry = path.join(__dirname, 'hammer.ts');
    buildSync({
      entryPoints: [entry],
      bundle: true,
      platform: 'node',
      target: 'node20',
      outfile: script,
      external: ['koffi'],
    });
    const order = { base: arena.base, bytes: arena.bytes, capacity: CAPACITY, names: NAMES, ms: HAMMER_MS };
    const counts = await Promise.all([thread(script, { ...order, seed: 1 }), thread(script, { ...order, seed: 2 })]);
    for (const { torn, hits, stored } of counts) {
      expect(torn).toBe(0);
      expect(Math.min(hits, stored)).toBeGreaterThan(1_000);
    }
    expect(counts.some(({ busy, overtaken }) => busy + overtaken > 0)).toBe(true); // They did meet.
  } finally {
    rmSync(folder, { recursive: true });
  }
  expectSound(arena.i32, table);
}, 15_000);

/** Every entry is reached by its question, is counted, and owns its chunks; the rest is free. */
function expectSound(words: Int32Array, table: Table): void {
  const layout = tableLayout(2 * CAPACITY);
  const found = Array.from({ length: NAMES }, (_, index) =>
    table.find(questionFor(`n${index}.hammer.`, { hash: index % 40 })),
  );
  const entries = found.filter((entry) => entry >= 0);
  expect(new Set(entries).size).toBe(entries.length);
  expect(entries.length).toBe(table.count(SUCCESS) + table.count(DENIAL));
  let taken = 0;
  for (const entry of entries) {
    const word = layout.entryWord + entry * ENTRY_WORDS;
    const size = words[word + Entry.SIZE];
    taken += Chunks.needed(((words[word + Entry.KEY] >>> 8) & 0xff) + (size >>> 16) * 2 + (size & 0xffff));
  }
  expect(words[Header.CHUNKS_FREE_COUNT]).toBe(layout.chunks - taken);
  expect(words[Header.WRITER]).toBe(0);
  let free = 0;
  for (let chunk = words[Header.CHUNK_FREE]; chunk !== layout.chunks && free <= layout.chunks; free++)
    chunk += 1 + words[layout.linkWord + chunk];
  expect(free).toBe(layout.chunks - taken);
}
