/** The keeper on a clock that moves when told: what it asks, says and tells, for a cache that is well, dead, and back. */
import { LEASE_LATE_MS } from '../../../image/limits';
import { Keeper } from '../../../image/node/keeper';
import type { QuestionKind } from '../../../image/node/lease';
import { FakeClock } from '../../support/fake-world';

const TIMES = { renewMs: 250, expireMs: 1000 };
const A = '10.96.0.10';
const B = 'fd00::a';

class Stage {
  readonly clock = new FakeClock();
  readonly lines: string[] = [];
  readonly told: string[] = [];
  readonly asked: { address: string; kind: QuestionKind; atMs: number }[] = [];
  readonly results: Record<string, number> = {};
  /** Addresses whose cache does not answer, and why. */
  readonly dead = new Map<string, string>();
  readonly keeper: Keeper;

  constructor(...addresses: string[]) {
    this.keeper = new Keeper(addresses, TIMES, {
      clock: this.clock,
      ask: (address, kind, withinMs) => this.ask(address, kind, withinMs),
      log: { info: (text) => this.lines.push(text), warning: (text) => this.lines.push(`WARNING ${text}`) },
      events: {
        asked: (_address, result) => {
          this.results[result] = (this.results[result] ?? 0) + 1;
        },
        changed: (address, state) => this.told.push(`${address} ${state}`),
      },
    });
  }

  /** Addresses for which pods are answered by this cache. */
  get held(): string[] {
    return this.keeper.statuses.filter(({ state }) => state === 'held').map(({ address }) => address);
  }

  private ask(address: string, kind: QuestionKind, withinMs: number): Promise<string> {
    this.asked.push({ address, kind, atMs: this.clock.now() });
    const reason = this.dead.get(address);
    return new Promise((resolve) => {
      if (reason === undefined) this.clock.after(1, () => resolve(''));
      else this.clock.after(withinMs, () => resolve(reason));
    });
  }
}

test('each address has a lease of its own: one that dies is lost alone, and comes back within 2 s', async () => {
  const stage = new Stage(A, B);
  stage.keeper.start();
  await stage.clock.pass(2000);
  expect(stage.held).toEqual([A, B]);
  expect(stage.keeper.problem).toBe('');
  stage.dead.set(B, 'no answer within 200 ms');
  await stage.clock.pass(2000);
  expect(stage.held).toEqual([A]);
  expect(stage.keeper.problem).toBe(`lease on ${B}: lost`);
  expect(stage.keeper.statuses).toEqual([
    { address: A, state: 'held', sinceMs: expect.any(Number), lastAnswerMs: expect.any(Number), reason: '' },
    {
      address: B,
      state: 'lost',
      sinceMs: expect.any(Number),
      lastAnswerMs: expect.any(Number),
      reason: 'no answer within 200 ms',
    },
  ]);
  stage.dead.clear();
  await stage.clock.pass(1500);
  expect(stage.held).toEqual([A, B]);
  expect(stage.told).toEqual([`${A} held`, `${B} held`, `${B} lost`, `${B} held`]);
  expect(stage.lines).toEqual([
    `lease on ${A}: held; pods are answered by this cache`,
    `lease on ${B}: held; pods are answered by this cache`,
    `lease on ${B}: lost after 1000 ms without an answer; kube-dns answers`,
    `lease on ${B}: held; pods are answered by this cache`,
  ]);
});

test('questions are counted by what became of them', async () => {
  const stage = new Stage(A);
  stage.keeper.start();
  await stage.clock.pass(2000);
  const { renewed, answered } = stage.results;
  expect(answered).toBe(4);
  expect(renewed).toBeGreaterThan(3);
  stage.dead.set(A, 'no socket listens there');
  await stage.clock.pass(5000);
  expect(stage.results.renewed).toBe(renewed);
  expect(stage.results.silent).toBeGreaterThan(10);
});

test('statuses say how long ago, not when', async () => {
  const stage = new Stage(A);
  expect(stage.keeper.statuses[0]).toEqual({
    address: A,
    state: 'proving',
    sinceMs: 0,
    lastAnswerMs: null,
    reason: '',
  });
  stage.keeper.start();
  await stage.clock.pass(10_752);
  const [status] = stage.keeper.statuses;
  expect(status.sinceMs).toBe(10_000); // Taken after 752 ms.
  expect(status.lastAnswerMs).toBe(0);
});

test('end asks nothing more, from that moment on, and says that the lease is no longer held', async () => {
  const stage = new Stage(A, B);
  stage.keeper.start();
  await stage.clock.pass(2000);
  const asked = stage.asked.length;
  stage.keeper.end();
  await stage.clock.pass(60_000);
  expect(stage.asked).toHaveLength(asked);
  expect(stage.told.slice(2)).toEqual([`${A} lost`, `${B} lost`]);
  expect(stage.clock.waiting).toBe(0);
  expect(stage.keeper.statuses.map(({ state }) => state)).toEqual(['off', 'off']);
  expect(stage.held).toEqual([]);
});

test('an answer that comes after the end is told to nobody', async () => {
  const stage = new Stage(A);
  stage.keeper.start();
  stage.keeper.end();
  await stage.clock.pass(1000);
  expect([stage.results, stage.told, stage.lines]).toEqual([{}, [], []]);
});

test('a lease that cannot be taken is explained, once', async () => {
  const stage = new Stage(A);
  stage.dead.set(A, 'no socket listens there');
  stage.keeper.start();
  await stage.clock.pass(LEASE_LATE_MS + 60_000);
  expect(stage.lines).toEqual([
    `WARNING lease on ${A}: not held 5 s after the start; kube-dns answers: no socket listens there; ` +
      `does a server block listen on ${A}?`,
  ]);
});

test('a question that throws is one without answer', async () => {
  const clock = new FakeClock();
  const keeper = new Keeper([A], TIMES, {
    clock,
    ask: () => Promise.reject(new Error('too many open files')),
    log: { info: () => {}, warning: () => {} },
    events: { asked: () => {}, changed: () => {} },
  });
  keeper.start();
  await clock.pass(1000);
  expect(keeper.statuses[0].reason).toBe('too many open files');
  keeper.end();
});

test('a cache that comes and goes fills no log: damping and the limit of lines', async () => {
  const stage = new Stage(A);
  stage.keeper.start();
  for (let second = 0; second < 3600; second++) {
    await stage.clock.pass(1000);
    if (stage.held.length > 0) stage.dead.set(A, 'no answer within 200 ms');
    else stage.dead.clear();
  }
  expect(stage.told.length).toBeGreaterThan(100);
  expect(stage.told.length).toBeLessThan(2 * (3600 / 30 + 10));
  expect(stage.lines.length).toBeLessThanOrEqual(6 * 61);
});
