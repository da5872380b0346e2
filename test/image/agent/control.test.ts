/** The control socket: where it is made, who may use it, and what it says. */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ControlAccess, ControlServer, explanationOf } from '../../../image/agent/control';
import type { MessageToWorker } from '../../../image/agent/messages';
import type { StatusReport } from '../../../image/agent/status-report';
import type { TopFrame } from '../../../image/agent/top-report';
import { ControlClient } from '../../../image/commands/client';
import { Log } from '../../../image/observe/log';
import { Registry } from '../../../image/observe/registry';
import { NO_BLOCK, Path, type Sample, SampleWriter } from '../../../image/observe/samples';
import { planOf } from '../../support/corefile';
import { FakeClock, settle } from '../../support/fake-world';

const PLAN = planOf('. {\n}\nsvc.cluster.local cluster.local {\n    cache\n}\n');
const ROOT = new Uint8Array(1);

let folder: string;
let log = '';
let writer: SampleWriter | undefined;
const clock = new FakeClock();
const opened: ControlServer[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodelocaldns-'));
  log = '';
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((control) => control.close()));
  rmSync(folder, { recursive: true });
});

function take(message: MessageToWorker): void {
  if (message.kind === 'sample') writer = message.ring === null ? undefined : new SampleWriter(message.ring);
}

function control(settings: Partial<ControlAccess['settings']> = {}): ControlServer {
  const sink = {
    write: (text: string): void => {
      log += text;
    },
  };
  const made = new ControlServer({
    settings: { controlSocket: join(folder, 'c.sock'), conf: '', ...settings },
    registry: new Registry({ version: '1', revision: '', runtime: 'node' }),
    log: new Log(sink, sink),
    ...{ clock, processId: 42, post: take, now: () => new Date('2026-11-21T10:00:00Z') },
    uptimeSeconds: () => 1,
    residentBytes: () => 1,
    isStopping: () => false,
    plan: () => PLAN,
    node: () => null,
    config: () => null,
    recentLines: () => [],
  });
  opened.push(made);
  return made;
}

async function open(settings: Partial<ControlAccess['settings']> = {}): Promise<ControlClient> {
  const made = control(settings);
  await made.open();
  return new ControlClient(made.path);
}

describe('where it is', () => {
  test('only its owner may use it, and it goes with the process', async () => {
    const client = await open();
    expect(statSync(client.path).mode & 0o777).toBe(0o600);
    await opened[0].close();
    expect(() => statSync(client.path)).toThrow();
    await opened[0].close(); // Twice is once.
  });

  test('what a dead process left is replaced', async () => {
    const path = join(folder, 'c.sock');
    const left = createServer().listen(path);
    await new Promise((resolve) => left.once('listening', resolve));
    const { _handle: handle } = left as unknown as { _handle: { close(): void } };
    // A process that is killed does not unlink: give the path another name and back, so that close() misses it.
    const { renameSync } = jest.requireActual<typeof import('node:fs')>('node:fs');
    renameSync(path, `${path}.kept`);
    handle.close();
    renameSync(`${path}.kept`, path);
    expect((await (await open()).json<StatusReport>('/status')).processId).toBe(42);
  });

  test('another instance keeps its socket: with -control a warning, else the next name', async () => {
    await open();
    await open();
    expect(opened[1].path).toBe('');
    expect(log).toMatch(/^.*\[WARNING\] The commands .*c\.sock: another instance listens there.*-control\n$/);
  });

  test('a place that cannot be written, or a file that is no socket: one warning, no throw', async () => {
    await open({ controlSocket: join(folder, 'missing/c.sock') });
    expect(log).toMatch(/missing\/c\.sock: E(NOENT|ACCES)/);
    writeFileSync(join(folder, 'file'), 'precious');
    await open({ controlSocket: join(folder, 'file') });
    expect(log).toMatch(/file: EADDRINUSE/);
    mkdirSync(join(folder, 'directory'));
    await open({ controlSocket: join(folder, 'directory') });
    expect(log.match(/WARNING/g)).toHaveLength(3);
  });
});

describe('what it says', () => {
  test('/status, and what it refuses', async () => {
    const client = await open();
    expect(await client.json<StatusReport>('/status')).toMatchObject({ processId: 42, problems: [] });
    await expect(client.json('/nonsense')).rejects.toThrow('HTTP 404');
    await expect(client.json('/top?seconds=-1')).rejects.toThrow('HTTP 400');
    await expect(client.json('/top?seconds=x')).rejects.toThrow('HTTP 400');
    for (const wrong of ['', 'port=0&id=1', 'port=65536&id=1', 'port=1&id=65536', 'port=1.5&id=1', 'port=1&id=x']) {
      await expect(client.json(`/explain?${wrong}`)).rejects.toThrow('HTTP 400');
    }
  });

  test('/top: a frame per second, and nothing is sampled afterwards', async () => {
    const client = await open();
    const frames: TopFrame[] = [];
    const done = client.lines<TopFrame>('/top?seconds=2', (frame) => frames.push(frame) > 0);
    await until(() => writer !== undefined);
    answer(false);
    await clock.pass(1000);
    await clock.pass(1000);
    expect(await done).toBe(true);
    expect(frames.map(({ queriesPerSecond }) => queriesPerSecond)).toEqual([1, 0]);
    await until(() => writer === undefined);
    expect(clock.waiting).toBe(0);
  });

  test('/top: who leaves is noticed', async () => {
    const client = await open();
    const done = client.lines('/top', () => false);
    await until(() => writer !== undefined);
    await clock.pass(1000);
    expect(await done).toBe(false);
    await until(() => writer === undefined);
    expect(clock.waiting).toBe(0);
  });

  test('/explain: ready, then what became of it', async () => {
    const client = await open();
    const lines: { state: string }[] = [];
    const done = client.lines<{ state: string }>('/explain?port=4000&id=7', (line) => lines.push(line) > 0);
    await until(() => writer !== undefined);
    await clock.pass(100);
    answer(true);
    await clock.pass(100);
    await done;
    expect(lines).toMatchObject([{ state: 'ready' }, { state: 'answered', path: 'hit', plugin: 'cache', zone: '.' }]);
  });
});

describe('a sample in words', () => {
  const sample: Sample = {
    ...{
      path: 'miss',
      rcode: 3,
      type: 1,
      microseconds: 7,
      address: ROOT,
      isTcp: false,
      block: 1,
      name: 'a.svc.cluster.local.',
    },
    ...{ writer: 'forward', upstream: '10.0.0.10:53', isWanted: true },
  };
  test('the longest zone of the block, and its place', () => {
    expect(explanationOf(sample, PLAN)).toEqual({
      ...{ state: 'answered', path: 'miss', rcode: 'NXDOMAIN', microseconds: 7, zone: 'svc.cluster.local.' },
      ...{ block: 'Cf:3', plugin: 'forward', upstream: '10.0.0.10:53' },
    });
  });
  test.each([NO_BLOCK, 2])('block %i, which is none', (block) => {
    expect(explanationOf({ ...sample, block }, PLAN)).toMatchObject({ zone: '', block: '' });
  });
});

function answer(isWanted: boolean): void {
  writer!.see();
  writer!.begin(Path.HIT, 0, 1, 5, ROOT, 0, 0, ROOT, 1);
  writer!.end(false, 0, 'cache', '', isWanted);
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 1000) throw new Error('it never came');
    await settle();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
