/** The lease as a machine, on a clock of numbers: each rule, and what must hold whatever happens. */
import {
  LEASE_ANSWER_MS,
  LEASE_QUESTIONS_MIN,
  LEASE_QUIET_MS,
  LEASE_STARVED_MS,
  PROVING_ANSWERS,
  PROVING_ANSWERS_MAX,
  PROVING_INTERVAL_MS,
} from '../../../image/limits';
import { answerWithinMs, elementTimeoutMs, Lease, type QuestionKind, renewableMs } from '../../../image/node/lease';
import fc from '../../support/property';

const TIMES = { renewMs: 250, expireMs: 1000 };

/** One question and what became of it. */
interface Asked {
  readonly kind: QuestionKind;
  readonly atMs: number;
  /** Null: none in time. */
  answerAtMs: number | null;
}

/** How long the cache takes to answer a question asked at a time; Infinity: it never does. */
type Delay = (atMs: number) => number;

/** Plays a keeper without a real clock: what the machine asks, and the kernel's element beside it. */
class Stage {
  readonly lease: Lease;
  readonly asked: Asked[] = [];
  readonly losses: { readonly atMs: number; readonly wanted: number }[] = [];
  readonly taken: number[] = [];
  /** Answers that the kernel sees on renewing ports, late ones, too. */
  readonly renewals: number[] = [];
  nowMs = 0;
  private readonly times: { renewMs: number; expireMs: number };

  constructor(times = TIMES) {
    this.times = times;
    this.lease = new Lease(times, 0);
  }

  /** @param lateMs how late our own timers are */
  run(untilMs: number, delay: Delay, lateMs: (atMs: number) => number = () => 0): void {
    while (this.nowMs < untilMs) {
      const { dueMs } = this.lease;
      const dueLate = Math.max(this.nowMs, dueMs) + lateMs(this.nowMs);
      if (dueLate >= untilMs) break;
      this.nowMs = dueLate;
      this.step(delay);
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  private step(delay: Delay): void {
    this.lookForLoss();
    const atMs = this.nowMs;
    const kind = this.lease.ask(atMs);
    if (kind === null) return;
    const tookMs = delay(atMs);
    if (kind === 'renewing' && tookMs < Number.POSITIVE_INFINITY) this.renewals.push(atMs + tookMs);
    const isGood = tookMs <= answerWithinMs(this.times);
    const settledMs = atMs + (isGood ? tookMs : answerWithinMs(this.times));
    this.asked.push({ kind, atMs, answerAtMs: isGood ? settledMs : null });
    while (this.lease.dueMs < settledMs) {
      this.nowMs = Math.max(this.nowMs, this.lease.dueMs);
      this.lookForLoss();
    }
    this.nowMs = settledMs;
    if (this.lease.settle(isGood, settledMs).isTaken) this.taken.push(settledMs);
  }

  private lookForLoss(): void {
    if (this.lease.expire(this.nowMs)) this.losses.push({ atMs: this.nowMs, wanted: this.lease.answersWanted });
  }

  /** Does the kernel let pods come here? */
  kernelHolds(atMs: number): boolean {
    return this.renewals.some((renewed) => renewed <= atMs && atMs < renewed + elementTimeoutMs(this.times));
  }
}

const well: Delay = () => 1;
const dead: Delay = () => Number.POSITIVE_INFINITY;

describe('the times of the kernel', () => {
  test.each([
    [1000, 150, 850],
    [3000, 150, 2850],
    [150, 50, 100],
  ])(
    '-leaseexpire %i ms: answers within %i ms renew, for %i ms: together no longer than promised',
    (expireMs, within, element) => {
      expect(renewableMs({ expireMs })).toBe(within);
      expect(elementTimeoutMs({ expireMs })).toBe(element);
      const renewMs = expireMs / LEASE_QUESTIONS_MIN; // The longest that the flags allow.
      expect(answerWithinMs({ renewMs, expireMs })).toBeLessThanOrEqual(within);
    },
  );
});

describe('a lease', () => {
  test('is taken after PROVING_ANSWERS answers in a row, by an answer to a renewing port', () => {
    const stage = new Stage();
    stage.run(2000, well);
    expect(stage.asked.slice(0, 5).map(({ kind }) => kind)).toEqual([...Array(4).fill('proving'), 'renewing']);
    expect(stage.taken).toEqual([3 * PROVING_INTERVAL_MS + 2]);
    expect(stage.lease.state).toBe('held');
  });

  test('is renewed every renewMs', () => {
    const stage = new Stage();
    stage.run(11_000, well);
    const renewals = stage.asked.filter(({ atMs }) => atMs > 1000 && atMs <= 11_000);
    expect(renewals).toHaveLength(40);
    expect(renewals.every(({ kind }) => kind === 'renewing')).toBe(true);
  });

  test('is lost expireMs after the last renewal, and the kernel has let go before', () => {
    const stage = new Stage();
    stage.run(5000, well);
    stage.run(8000, dead);
    const last = stage.renewals.at(-1)!;
    expect(stage.losses).toEqual([{ atMs: last + 1000, wanted: PROVING_ANSWERS }]);
    expect(stage.kernelHolds(last + 849)).toBe(true);
    expect(stage.kernelHolds(last + 850)).toBe(false);
    expect(stage.lease.state).toBe('lost');
  });

  test('outlives a single lost question: in doubt four answers at once lead back, without a gap in the kernel', () => {
    const stage = new Stage();
    stage.run(5000, well);
    stage.run(5100, dead);
    stage.run(9000, well);
    expect(stage.losses).toEqual([]);
    const after = stage.asked
      .filter(({ atMs }) => atMs > 4900)
      .map(({ kind, answerAtMs }) => [kind, answerAtMs === null]);
    expect(after.slice(0, 7)).toEqual([
      ['renewing', true],
      ['proving', false],
      ['proving', false],
      ['proving', false],
      ['proving', false],
      ['renewing', false],
      ['renewing', false],
    ]);
    for (let atMs = 2000; atMs < 9000; atMs += 10) expect(stage.kernelHolds(atMs)).toBe(true);
  });

  test('comes back within 1.5 s of the return after a first loss', () => {
    const stage = new Stage();
    stage.run(60_100, well);
    stage.run(70_000, dead);
    stage.run(80_000, well);
    expect(stage.taken).toHaveLength(2);
    expect(stage.taken[1] - 70_000).toBeLessThan(1500);
  });

  test('an answer that takes longer than the bound is none', () => {
    const stage = new Stage();
    stage.run(5000, well);
    stage.run(9000, () => LEASE_ANSWER_MS + 1);
    expect(stage.lease.state).toBe('lost');
    const late = new Lease(TIMES, 0);
    expect(late.ask(0)).toBe('proving');
    expect(late.settle(true, LEASE_ANSWER_MS + 1).outcome).toBe('silent');
  });

  test('a slow cache gets one stray renewal at most: after a question without answer none is asked from a renewing port', () => {
    const stage = new Stage();
    stage.run(5000, well);
    stage.run(20_000, () => 700);
    expect(stage.renewals.filter((atMs) => atMs > 5000)).toHaveLength(1);
  });

  test('a process that is starved loses it, though its cache answers: timers that are late count', () => {
    const stage = new Stage();
    stage.run(5000, well);
    stage.run(20_000, well, () => 400); // Each question of ours is 400 ms late.
    expect(stage.losses).toHaveLength(1);
    expect(stage.lease.state).toBe('lost');
  });

  test.each([
    [LEASE_STARVED_MS, ['renewing']],
    [LEASE_STARVED_MS + 1, ['proving', 'proving', 'proving', 'proving', 'renewing']],
  ])('a question that is late by %i ms: %j, all within 10 ms', (lateMs, kinds) => {
    const stage = new Stage();
    stage.run(5000, well);
    const { dueMs } = stage.lease;
    const before = stage.asked.length;
    stage.run(dueMs + lateMs + 10, well, (atMs) => (atMs < dueMs ? lateMs : 0));
    expect(stage.asked.slice(before).map(({ kind }) => kind)).toEqual(kinds);
    expect(stage.losses).toEqual([]);
  });

  test('a refusal at once (closed socket) does not make it ask in a hurry', () => {
    const lease = new Lease(TIMES, 0);
    let [nowMs, questions] = [0, 0];
    for (; nowMs < 60_000; nowMs = Math.max(nowMs, lease.dueMs)) {
      lease.expire(nowMs);
      if (lease.ask(nowMs) === null) continue;
      questions++;
      lease.settle(nowMs < 2000, nowMs);
    }
    expect(questions).toBeLessThan(60_000 / PROVING_INTERVAL_MS + 20);
  });

  test('end: no question more, whatever comes in', () => {
    const stage = new Stage();
    stage.run(5000, well);
    const lease = new Lease(TIMES, 0);
    lease.ask(0);
    lease.end(1);
    expect(lease.settle(true, 2)).toEqual({ outcome: 'silent', isTaken: false });
    stage.lease.end(5000);
    expect([stage.lease.state, stage.lease.dueMs, stage.lease.ask(6000)]).toEqual([
      'off',
      Number.POSITIVE_INFINITY,
      null,
    ]);
    expect(stage.lease.expire(60_000)).toBe(false);
  });
});

describe('flap damping', () => {
  /** Well for `upMs` after each taking, then dead until lost. */
  const flap = (stage: Stage, upMs: number, rounds: number): number[] => {
    for (let round = 0; round < rounds; round++) {
      const losses = stage.losses.length;
      const taken = stage.taken.length;
      while (stage.taken.length === taken) stage.run(stage.nowMs + 50, well);
      stage.run(stage.nowMs + upMs, well);
      while (stage.losses.length === losses) stage.run(stage.nowMs + 50, dead);
    }
    return stage.losses.map(({ wanted }) => wanted);
  };

  test('each loss soon after the last doubles the answers wanted, up to the largest', () => {
    expect(flap(new Stage(), 5_000, 8)).toEqual([4, 8, 16, 32, 64, 120, 120, 120]);
    expect(PROVING_ANSWERS_MAX * PROVING_INTERVAL_MS).toBe(30_000);
  });

  test('a quiet minute resets it', () => {
    const stage = new Stage();
    flap(stage, 5_000, 4);
    expect(flap(stage, LEASE_QUIET_MS, 1).at(-1)).toBe(PROVING_ANSWERS);
  });

  /** Taken, held for a while, then nothing is looked at for some seconds. @returns at the first look after it */
  const block = (stage: Stage, upMs: number, blockedMs: number, after: Delay): void => {
    const taken = stage.taken.length;
    while (stage.taken.length === taken) stage.run(stage.nowMs + 50, well);
    stage.run(stage.nowMs + upMs, well);
    const fromMs = stage.nowMs;
    stage.run(fromMs + blockedMs + 1, after, (atMs) => (atMs < fromMs + 300 ? blockedMs - 250 : 0));
    stage.run(stage.nowMs + 250, after);
  };

  test('a loss because our own thread was busy counts as none, if questions are answered at once after it', () => {
    const stage = new Stage();
    block(stage, 5_000, 1_500, well);
    expect(stage.losses).toHaveLength(1);
    expect(flap(stage, 5_000, 3).slice(1)).toEqual([4, 8, 16]);
  });

  test('it counts when a question stays without answer after it, as with a process that is starved', () => {
    const stage = new Stage();
    block(stage, 5_000, 1_500, dead);
    expect(flap(stage, 5_000, 3).slice(1)).toEqual([8, 16, 32]);
  });

  test('and one in a minute is forgiven: a process that is frozen again and again is kept from its clients', () => {
    const stage = new Stage();
    for (let round = 0; round < 4; round++) block(stage, 5_000, 1_500, well);
    expect(stage.losses.map(({ wanted }) => wanted)).toEqual([4, 4, 8, 16]);
    block(stage, LEASE_QUIET_MS, 1_500, well);
    expect(flap(stage, 5_000, 1).at(-1)).toBe(PROVING_ANSWERS);
  });

  test('an answer that we found late, though it had come in time, is our own lateness, too', () => {
    const stage = new Stage();
    stage.run(5_000, well);
    const { lease } = stage;
    const atMs = lease.dueMs;
    expect(lease.ask(atMs)).toBe('renewing');
    expect(lease.settle(true, atMs + 1_200).outcome).toBe('silent');
    expect(lease.expire(atMs + 1_200)).toBe(true);
    stage.nowMs = atMs + 1_200;
    expect(flap(stage, 5_000, 2)).toEqual([4, 8]);
  });

  test('long renewal times do not make the way back longer', () => {
    const stage = new Stage({ renewMs: 10_000, expireMs: 30_000 });
    stage.run(2000, well);
    expect(stage.taken[0]).toBeLessThan(1000);
  });
});

describe('whatever happens', () => {
  /** Stretches of time with a cache that is well, slow, dead or unsure, and timers that are late. */
  const stretch = fc.record({
    lengthMs: fc.integer({ min: 10, max: 5_000 }),
    delays: fc.array(fc.constantFrom(1, 5, 150, 199, 250, 700, 3000, Number.POSITIVE_INFINITY), {
      minLength: 1,
      maxLength: 5,
    }),
    lateMs: fc.constantFrom(0, 0, 0, 3, 100, 300, 2000),
  });
  const times = fc.constantFrom(TIMES, { renewMs: 50, expireMs: 150 }, { renewMs: 1000, expireMs: 5000 });
  const story = fc.tuple(times, fc.array(stretch, { minLength: 1, maxLength: 30 }));
  type Story = [{ renewMs: number; expireMs: number }, { lengthMs: number; delays: number[]; lateMs: number }[]];

  const play = ([lease, stretches]: Story): Stage => {
    const stage = new Stage(lease);
    for (const { lengthMs, delays, lateMs } of stretches) {
      let count = 0;
      stage.run(
        stage.nowMs + lengthMs,
        () => delays[count++ % delays.length],
        () => lateMs,
      );
    }
    return stage;
  };

  test('a renewing question follows an answered one, and after one without answer only four in a row', () => {
    fc.assert(
      fc.property(story, (told) => {
        const { asked } = play(told);
        asked.forEach(({ kind }, index) => {
          if (kind !== 'renewing') return;
          const before = asked.slice(Math.max(0, index - PROVING_ANSWERS), index);
          expect(asked[index - 1]?.answerAtMs ?? null).not.toBeNull();
          if (before.at(-1)?.kind === 'proving')
            expect(before.filter(({ answerAtMs }) => answerAtMs !== null)).toHaveLength(4);
        });
      }),
      { numRuns: 300 },
    );
  });

  test('while no question is answered in time, one renewing question is asked at most', () => {
    fc.assert(
      fc.property(story, (told) => {
        let renewing = 0;
        for (const { kind, answerAtMs } of play(told).asked) {
          if (answerAtMs !== null) renewing = 0;
          else if (kind === 'renewing') renewing++;
          expect(renewing).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('from the last renewal to the loss it is expireMs, and twice our lateness at most', () => {
    fc.assert(
      fc.property(story, (told) => {
        const [{ expireMs }, stretches] = told;
        const lateMs = Math.max(...stretches.map((each) => each.lateMs));
        const stage = play(told);
        for (const { atMs } of stage.losses) {
          const good = stage.asked.findLast(
            ({ kind, answerAtMs }) => kind === 'renewing' && answerAtMs !== null && answerAtMs <= atMs,
          );
          expect(atMs - good!.answerAtMs!).toBeGreaterThanOrEqual(expireMs);
          expect(atMs - good!.answerAtMs!).toBeLessThanOrEqual(expireMs + 2 * lateMs);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('answers wanted stay between the bounds, and questions are no more than one per answer and four a pause', () => {
    fc.assert(
      fc.property(story, (told) => {
        const stage = play(told);
        for (const { wanted } of stage.losses) {
          expect(wanted).toBeGreaterThanOrEqual(PROVING_ANSWERS);
          expect(wanted).toBeLessThanOrEqual(PROVING_ANSWERS_MAX);
        }
        const pauseMs = Math.min(told[0].renewMs, PROVING_INTERVAL_MS, LEASE_ANSWER_MS);
        expect(stage.asked.length).toBeLessThanOrEqual(6 * (1 + stage.nowMs / pauseMs));
      }),
      { numRuns: 300 },
    );
  });

  test('with a cache that stays dead it is lost in the end, and with one that is well held', () => {
    fc.assert(
      fc.property(story, (told) => {
        const stage = play(told);
        stage.run(stage.nowMs + 10_000, dead);
        expect(['lost', 'proving']).toContain(stage.lease.state);
        stage.run(stage.nowMs + 40_000, well);
        expect(stage.lease.state).toBe('held');
      }),
      { numRuns: 100 },
    );
  });
});
