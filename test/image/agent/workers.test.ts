/** A worker thread seen from main. */
import type { WorkerData } from '../../../image/agent/messages';
import { newBacklog, WorkerHandle } from '../../../image/agent/workers';
import { HEARTBEAT_MS, STOP_OVERDUE_MS, WARM_UP_MS, WORKER_READY_MS, WORKER_SILENCE_MS } from '../../../image/limits';
import { FakeWorld, type WorkerManners } from '../../support/fake-world';

function start(manners: WorkerManners): {
  world: FakeWorld;
  handle: WorkerHandle;
  data: WorkerData;
  fatal: string[];
  lines: string[];
  written: (() => void)[];
} {
  const world = new FakeWorld();
  world.manners = manners;
  const fatal: string[] = [];
  const profiles: string[][] = [];
  const traces: unknown[] = [];
  const lines: string[] = [];
  const written: (() => void)[] = [];
  const data: WorkerData = {
    plan: { listeners: [], blocks: [] },
    index: 0,
    counters: new SharedArrayBuffer(64),
    listeners: [],
    wakeFd: 30,
    hosts: [],
    loops: [],
    logBacklog: newBacklog(),
    reportsWaiting: new SharedArrayBuffer(4),
  };
  const handle = new WorkerHandle(data, world, {
    log: (text, done) => {
      lines.push(text);
      written.push(done);
    },
    fatal: (text) => fatal.push(text),
    profile: (text, error) => void profiles.push([text, error]),
    traces: (reports) => void traces.push(...reports),
    taps: (frames) => void traces.push(...frames),
  });
  return { world, handle, data, fatal, lines, written };
}

const GOOD: WorkerManners = { getsReady: true, stops: true };

describe('starting', () => {
  test('is over when the worker says ready', async () => {
    const { handle, world } = start(GOOD);
    await handle.ready();
    expect(world.clock.waiting).toBe(1); // The heartbeat.
  });

  test('fails with the error of a thread that throws first', async () => {
    const { handle, fatal } = start({ ...GOOD, startError: 'Cannot find module koffi' });
    await expect(handle.ready()).rejects.toThrow('Cannot find module koffi');
    expect(fatal).toEqual([]);
  });

  test('fails when nothing is heard in time', async () => {
    const { handle, world } = start({ ...GOOD, getsReady: false });
    const ready = handle.ready();
    const failed = expect(ready).rejects.toThrow('was not ready within 20 s');
    await world.clock.pass(WORKER_READY_MS);
    await failed;
  });
});

describe('running', () => {
  test('every message is followed by a wake-up, because the loop sleeps in the kernel', async () => {
    const { handle, world } = start(GOOD);
    await handle.ready();
    handle.post({ kind: 'loop-done', name: 'a.' });
    expect(world.workers[0].received).toEqual([{ kind: 'loop-done', name: 'a.' }]);
    expect(world.events.at(-1)).toBe('wake 30');
  });

  test('its series are those of the metrics page', async () => {
    const { handle, world, data } = start(GOOD);
    const series = { metric: 'coredns_panics_total', labels: [], slot: 2 } as const;
    world.workers[0].say({ kind: 'series', series });
    new Float64Array(data.counters)[2] = 9;
    expect(handle.source.series).toEqual([series]);
    expect(handle.source.values[2]).toBe(9);
  });

  test('log lines give back their share of the backlog when they are written, not before', async () => {
    const { world, data, lines, written } = start(GOOD);
    const backlog = new Int32Array(data.logBacklog);
    Atomics.add(backlog, 0, 7);
    world.workers[0].say({ kind: 'log', text: '[INFO] a\n', bytes: 5 });
    expect(lines).toEqual(['[INFO] a\n']);
    expect(backlog[0]).toBe(7);
    written[0]();
    expect(backlog[0]).toBe(2);
  });

  test('a thread that ends, with or without error, is fatal', async () => {
    const first = start(GOOD);
    await first.handle.ready();
    first.world.workers[0].end(null);
    expect(first.fatal).toEqual(['worker 0 ended unexpectedly']);
    const second = start(GOOD);
    await second.handle.ready();
    second.world.workers[0].end(new RangeError('out of bounds'));
    expect(second.fatal[0]).toMatch(/^worker 0 failed: RangeError: out of bounds/);
  });

  test('a thread that no longer turns is fatal, once; one that answers is asked for ever', async () => {
    const good = start(GOOD);
    await good.handle.ready();
    await good.world.clock.pass(10 * WORKER_SILENCE_MS);
    expect(good.fatal).toEqual([]);
    const hung = start({ ...GOOD, hangs: true });
    await hung.handle.ready();
    await hung.world.clock.pass(WORKER_SILENCE_MS);
    expect(hung.fatal).toEqual([]);
    await hung.world.clock.pass(5 * WORKER_SILENCE_MS);
    expect(hung.fatal).toEqual(['worker 0 has not answered for 10 s: its loop hangs']);
  });

  test('a thread that stops may be silent: it has a time of its own', async () => {
    const { handle, world, fatal } = start({ getsReady: true, stops: false, hangs: true });
    await handle.ready();
    await world.clock.pass(WORKER_SILENCE_MS - HEARTBEAT_MS);
    const overdue = expect(handle.stop(60_000)).rejects.toThrow('did not stop within');
    await world.clock.pass(2 * 60_000);
    await overdue;
    expect(fatal).toEqual([]);
  });

  test('a loop is fatal', async () => {
    const { world, fatal } = start(GOOD);
    world.workers[0].say({ kind: 'fatal', text: 'plugin/loop: Loop' });
    expect(fatal).toEqual(['plugin/loop: Loop']);
  });
});

describe('warming up', () => {
  test('is over when the worker says so', async () => {
    const { handle, world } = start(GOOD);
    await handle.ready();
    await handle.warmUp();
    expect(world.workers[0].received).toEqual([{ kind: 'warm-up' }]);
  });

  test('a worker that says nothing, or ends, holds up nobody', async () => {
    const silent = start({ ...GOOD, getsWarm: false });
    await silent.handle.ready();
    const warm = silent.handle.warmUp();
    await silent.world.clock.pass(2 * WARM_UP_MS);
    await warm;
    const ending = start({ ...GOOD, getsWarm: false });
    await ending.handle.ready();
    const ended = ending.handle.warmUp();
    ending.world.workers[0].end(null);
    await ended;
  });
});

describe('stopping', () => {
  test('asks for a drain, wakes, and waits until the worker has stopped', async () => {
    const { handle, world, fatal } = start(GOOD);
    await handle.ready();
    await handle.stop(5_000);
    expect(world.workers[0].received).toEqual([{ kind: 'stop', graceMs: 5_000 }]);
    expect(world.clock.waiting).toBe(0);
    world.workers[0].end(null);
    expect(fatal).toEqual([]);
  });

  test('a thread that ends instead has stopped too', async () => {
    const { handle, world } = start({ ...GOOD, stops: false });
    await handle.ready();
    const stopped = handle.stop(5_000);
    world.workers[0].end(null);
    await stopped;
  });

  test('fails when the worker takes longer than its grace and a bit', async () => {
    const { handle, world } = start({ ...GOOD, stops: false });
    await handle.ready();
    const failed = expect(handle.stop(5_000)).rejects.toThrow('worker 0 did not stop within 6 s');
    await world.clock.pass(5_000 + STOP_OVERDUE_MS);
    await failed;
  });

  test('after the end nothing is posted or waited for', async () => {
    const { handle, world } = start(GOOD);
    await handle.ready();
    await handle.stop(0);
    const before = world.events.length;
    handle.post({ kind: 'loop-done', name: 'a.' });
    await handle.stop(5_000);
    expect(world.events.length).toBe(before);
  });
});
