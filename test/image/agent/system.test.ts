/** The real world behind the agent's interface: files, clock, threads. */
import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MessageToMain, WorkerData } from '../../../image/agent/messages';
import { SYSTEM_CLOCK, SYSTEM_FILES, systemWorld } from '../../../image/agent/system';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodelocaldns-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('files are written with a mode, stamped, read and removed', () => {
  const path = join(folder, 'pid');
  expect([SYSTEM_FILES.exists(path), SYSTEM_FILES.stamp(path)]).toEqual([false, null]);
  SYSTEM_FILES.write(path, '4711\n', 0o600);
  utimesSync(path, 1_790_000_000, 1_790_000_000.5);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(SYSTEM_FILES.stamp(path)).toEqual({ modifiedMs: 1_790_000_000_500, bytes: 5 });
  expect(SYSTEM_FILES.read(path)).toBe('4711\n');
  SYSTEM_FILES.remove(path);
  SYSTEM_FILES.remove(path);
  expect(() => SYSTEM_FILES.read(path)).toThrow('ENOENT');
});

test('timers fire once or repeatedly, and not after they were cancelled', async () => {
  const counts = { after: 0, every: 0, cancelled: 0 };
  SYSTEM_CLOCK.after(5, () => counts.after++);
  const endEvery = SYSTEM_CLOCK.every(5, () => counts.every++);
  SYSTEM_CLOCK.after(5, () => counts.cancelled++)();
  while (counts.every < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  endEvery();
  const { every } = counts;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(counts).toEqual({ after: 1, every, cancelled: 0 });
});

test('random numbers are decimal, below 2^62 and different', () => {
  const world = systemWorld(folder);
  const numbers = Array.from({ length: 50 }, () => world.randomDecimal());
  expect(new Set(numbers).size).toBe(50);
  for (const number of numbers) {
    expect(number).toMatch(/^\d+$/);
    expect(BigInt(number) < 1n << 62n).toBe(true);
  }
});

describe('a thread', () => {
  const data = { index: 7 } as WorkerData;
  const run = (
    code: string,
  ): { messages: MessageToMain[]; ended: Promise<Error | null>; post: (graceMs: number) => void } => {
    writeFileSync(
      join(folder, 'worker.js'),
      `const { parentPort, workerData } = require('node:worker_threads');\n${code}`,
    );
    const port = systemWorld(folder).startWorker(data);
    const messages: MessageToMain[] = [];
    port.onMessage((message) => messages.push(message));
    const ended = new Promise<Error | null>((resolve) => port.onEnd(resolve));
    return { messages, ended, post: (graceMs) => port.post({ kind: 'stop', graceMs }) };
  };

  test('gets its data and messages, and tells when it ends', async () => {
    const { messages, ended, post } = run(`
      parentPort.on('message', ({ kind, graceMs }) => {
        parentPort.postMessage({ kind: 'fatal', text: kind + graceMs + workerData.index });
        parentPort.close();
      });`);
    post(5);
    expect(await ended).toBeNull();
    expect(messages).toEqual([{ kind: 'fatal', text: 'stop57' }]);
  });

  test('that throws ends with its error, told once', async () => {
    const { ended } = run(`throw new RangeError('broken');`);
    expect((await ended)?.message).toBe('broken');
  });
});
