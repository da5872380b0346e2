/** The heartbeat: on a clock that stands still, with the worker's own mailbox, and with a thread that really hangs. */
import { Worker } from 'node:worker_threads';
import { HEARTBEAT_MS, WORKER_SILENCE_MS } from '../../../image/limits';
import { Heartbeat } from '../../../image/node/heartbeat';
import { FakeWorker } from '../../support/fake-worker';
import { FakeClock } from '../../support/fake-world';

describe('a heartbeat', () => {
  let clock: FakeClock;
  let pings: number;
  let silences: number;
  let answers: boolean;
  let heartbeat: Heartbeat;

  beforeEach(() => {
    clock = new FakeClock();
    pings = 0;
    silences = 0;
    answers = true;
    heartbeat = new Heartbeat({
      clock,
      ping: () => {
        pings++;
        if (answers) heartbeat.pong();
      },
      silent: () => silences++,
    });
    heartbeat.start();
  });

  test('asks at its interval, and is content with answers', async () => {
    await clock.pass(100 * HEARTBEAT_MS);
    expect([pings, silences]).toEqual([100, 0]);
  });

  test('tells of silence once, WORKER_SILENCE_MS after the first question without answer', async () => {
    await clock.pass(10 * HEARTBEAT_MS);
    answers = false;
    await clock.pass(WORKER_SILENCE_MS + HEARTBEAT_MS - 1);
    expect(silences).toBe(0);
    await clock.pass(1);
    expect(silences).toBe(1);
    await clock.pass(10 * WORKER_SILENCE_MS);
    expect(silences).toBe(1);
  });

  test('one late answer starts the count anew', async () => {
    answers = false;
    await clock.pass(WORKER_SILENCE_MS);
    heartbeat.pong();
    await clock.pass(WORKER_SILENCE_MS - HEARTBEAT_MS);
    expect(silences).toBe(0);
  });

  test('asks no more after a stop', async () => {
    heartbeat.stop();
    await clock.pass(100 * HEARTBEAT_MS);
    expect([pings, silences, clock.waiting]).toEqual([0, 0, 0]);
  });
});

test('the loop of a worker answers each ping with a pong', () => {
  const worker = new FakeWorker('.:53 {\n bind 10.0.0.1\n whoami\n}');
  const pongs = (): number => worker.posted.filter(({ kind }) => kind === 'pong').length;
  worker.pass(0);
  expect(pongs()).toBe(0);
  worker.send({ kind: 'ping' });
  worker.pass(0);
  worker.send({ kind: 'ping' });
  worker.pass(0);
  expect(pongs()).toBe(2);
});

test('a thread in an endless loop is noticed from outside, within the time said', async () => {
  const code = `
    const { parentPort } = require('node:worker_threads');
    let pings = 0;
    parentPort.on('message', () => {
      parentPort.postMessage('pong');
      if (++pings === 3) for (;;);
    });`;
  const thread = new Worker(code, { eval: true });
  const SCALE = 20; // Two seconds pass as a tenth of one; the thread is a real one.
  const clock = {
    now: () => performance.now(),
    after: (ms: number, action: () => void) => {
      const timer = setTimeout(action, ms / SCALE);
      return () => clearTimeout(timer);
    },
  };
  let pongs = 0;
  try {
    await new Promise<void>((resolve) => thread.once('online', resolve));
    await new Promise<void>((resolve) => {
      const heartbeat = new Heartbeat({ clock, ping: () => thread.postMessage('ping'), silent: resolve });
      thread.on('message', () => {
        pongs++;
        heartbeat.pong();
      });
      heartbeat.start();
    });
    expect(pongs).toBe(3);
  } finally {
    await thread.terminate();
  }
});
