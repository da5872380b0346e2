/**
 * The lease on one address as a machine without clock and network: when to ask ourselves, from which kind of port, and
 * what the answer means.
 *
 *                  wanted answers in a row, then one from a renewing port
 *        ┌─────────┐ ───────────────────────────────────────────────▶ ┌──────┐
 *   ───▶ │ proving │                                                   │ held │ ◀─┐ answers
 *        └─────────┘ ◀─────────────────────────────────────────────── └──────┘ ──┘
 *                       expireMs without a good answer: lost            │  ▲
 *                                              question without answer, │  │ PROVING_ANSWERS in a row, at once
 *                                              or our timer was late    ▼  │
 *                                                                     doubt (still held: the kernel's time runs)
 *
 * A question from a renewing port is asked only when the last one was good: so one stray answer, at most, gives the kernel
 * another leaseMs when the cache has become slow. In doubt the questions follow one another without pause, each from a new
 * port: with two processes on the address (SO_REUSEPORT) and one of them hung, fifteen of sixteen such rows break.
 */
import { assert } from '../assert';
import {
  LEASE_ANSWER_MS,
  LEASE_QUESTIONS_MIN,
  LEASE_QUIET_MS,
  LEASE_STARVED_MS,
  PROVING_ANSWERS,
  PROVING_ANSWERS_MAX,
  PROVING_INTERVAL_MS,
} from '../limits';

/** What an answered question does: nothing, or the kernel renews the lease when it sees the answer. */
export type QuestionKind = 'proving' | 'renewing';

/** `proving`: not yet held since the start; `lost`: proving again; `held`: in doubt, too; `off`: ended. */
export type LeaseState = 'proving' | 'held' | 'lost' | 'off';

/** `renewed`: the kernel has seen the answer; `answered`: without effect on the lease; `silent`: none in time. */
export type QuestionOutcome = 'renewed' | 'answered' | 'silent';

/** What a question led to, and whether the lease was taken by it. */
export interface Settled {
  readonly outcome: QuestionOutcome;
  readonly isTaken: boolean;
}

const SILENT: Settled = { outcome: 'silent', isTaken: false };
const ANSWERED: Settled = { outcome: 'answered', isTaken: false };

/** The two times of the flags, which {@link leaseProblem} has seen. */
export interface LeaseTimes {
  readonly renewMs: number;
  readonly expireMs: number;
}

/**
 * Milliseconds after a question in which its answer renews, by the kernel's clock: a later one is no sign of life. Not less
 * than the keeper allows, whose questions are at least three to a lease.
 */
export function renewableMs({ expireMs }: Pick<LeaseTimes, 'expireMs'>): number {
  return Math.min(LEASE_ANSWER_MS, Math.floor(expireMs / LEASE_QUESTIONS_MIN));
}

/** The timeout of the kernel's element: with the latest answer that renews, nobody waits longer than expireMs. */
export function elementTimeoutMs(times: Pick<LeaseTimes, 'expireMs'>): number {
  return times.expireMs - renewableMs(times);
}

/** Milliseconds that one question may take. */
export function answerWithinMs({ renewMs }: LeaseTimes): number {
  return Math.min(LEASE_ANSWER_MS, renewMs);
}

/** One address. All times are milliseconds of one clock that never goes back. */
export class Lease {
  private readonly times: LeaseTimes;
  private phase: 'proving' | 'held' | 'doubt' | 'ended' = 'proving';
  private wasLost = false;
  /** A loss that counts for damping. */
  private isDamped = false;
  /** Our own timers were late since the last renewal; when a loss was last forgiven for it, and what it takes if it was wrong. */
  private wasLate = false;
  private forgivenMs = Number.NEGATIVE_INFINITY;
  private owed = 0;
  /** Good answers in a row while proving or in doubt, and how many it takes. */
  private row = 0;
  private wanted = PROVING_ANSWERS;
  private nextMs: number;
  private asked: { readonly kind: QuestionKind; readonly atMs: number } | null = null;
  /** When the kernel was last seen to renew. */
  private renewedMs = 0;
  private answerMs: number | null = null;
  private sinceMs: number;

  constructor(times: LeaseTimes, nowMs: number) {
    this.times = times;
    this.nextMs = nowMs;
    this.sinceMs = nowMs;
  }

  get state(): LeaseState {
    if (this.phase === 'ended') return 'off';
    if (this.phase === 'proving') return this.wasLost ? 'lost' : 'proving';
    return 'held';
  }

  /** Since when the state is what it is. */
  get stateSinceMs(): number {
    return this.sinceMs;
  }

  /** When the last good answer came; null before the first. */
  get lastAnswerMs(): number | null {
    return this.answerMs;
  }

  /** Answers in a row that it takes to be held (again). */
  get answersWanted(): number {
    return this.wanted;
  }

  /** How long ago the kernel was last seen to renew; it means something while the lease is held. */
  renewalAgeMs(nowMs: number): number {
    return nowMs - this.renewedMs;
  }

  /** When to look again: a question is due, or the lease is over. Infinity: when the question asked is settled, or never. */
  get dueMs(): number {
    if (this.phase === 'ended') return Number.POSITIVE_INFINITY;
    const questionMs = this.asked === null ? this.nextMs : Number.POSITIVE_INFINITY;
    return Math.min(questionMs, this.endMs);
  }

  /** When it is lost unless a good answer comes. */
  private get endMs(): number {
    if (this.phase !== 'held' && this.phase !== 'doubt') return Number.POSITIVE_INFINITY;
    return this.renewedMs + this.times.expireMs;
  }

  /** Has it just been lost? To be asked before anything else, whenever there is something to do. */
  expire(nowMs: number): boolean {
    if (nowMs < this.endMs) return false;
    this.isDamped &&= nowMs - this.sinceMs < LEASE_QUIET_MS;
    const wanted = this.isDamped ? Math.min(2 * this.wanted, PROVING_ANSWERS_MAX) : PROVING_ANSWERS;
    if (nowMs - this.dueMs > this.provingMs) this.wasLate = true;
    if (this.wasLate && nowMs - this.forgivenMs >= LEASE_QUIET_MS) this.forgive(wanted, nowMs);
    else this.damp(wanted);
    this.wasLost = true;
    this.phase = 'proving';
    this.row = 0;
    this.sinceMs = nowMs;
    return true;
  }

  private damp(wanted: number): void {
    this.wanted = wanted;
    this.isDamped = true;
    this.owed = 0;
  }

  /**
   * The thread that asks was kept from it, and the cache may have answered all the time: the first such loss in a minute counts
   * as none, unless a question stays without answer before the lease is back. Others count: a process that is frozen again
   * and again is no better than one that dies.
   */
  private forgive(wanted: number, nowMs: number): void {
    this.wanted = Math.min(this.wanted, wanted);
    this.owed = wanted;
    this.forgivenMs = nowMs;
  }

  /**
   * The question to ask now; it is to be settled before the next.
   * @returns null when none is due
   */
  ask(nowMs: number): QuestionKind | null {
    if (this.phase === 'ended' || this.asked !== null || nowMs < this.nextMs) return null;
    const lateMs = nowMs - this.nextMs;
    if (lateMs > this.provingMs) this.wasLate = true;
    if (lateMs > this.lateMsMax) this.stumble(); // We were starved, and so is whoever asks us.
    const kind = this.mayRenew ? 'renewing' : 'proving';
    this.asked = { kind, atMs: nowMs };
    return kind;
  }

  /** A process that gets a burst of its processor now and then answers itself in it, but hardly those who ask by TCP. */
  private get lateMsMax(): number {
    return this.phase === 'held' ? Math.min(LEASE_STARVED_MS, this.provingMs) : this.provingMs;
  }

  private get mayRenew(): boolean {
    if (this.phase === 'held') return true;
    return this.row >= (this.phase === 'doubt' ? PROVING_ANSWERS : this.wanted);
  }

  /** What came before counts no more. */
  private stumble(): void {
    this.row = 0;
    if (this.phase === 'held') this.phase = 'doubt';
  }

  /**
   * What became of the question.
   * @param answered the right answer came; one that took longer than {@link answerWithinMs} is none
   */
  settle(answered: boolean, nowMs: number): Settled {
    const { asked } = this;
    assert(asked !== null);
    this.asked = null;
    if (this.phase === 'ended') return SILENT;
    const good = answered && nowMs - asked.atMs <= answerWithinMs(this.times);
    if (!good) {
      if (answered)
        this.wasLate = true; // It came in time, or it would have been given up: we looked late.
      else if (this.owed > 0) this.damp(this.owed);
      this.stumble();
      this.nextMs = Math.max(nowMs, asked.atMs + this.pauseMs);
      return SILENT;
    }
    this.answerMs = nowMs;
    if (asked.kind === 'renewing' && this.mayRenew) return this.renewed(asked.atMs, nowMs);
    this.row++;
    this.nextMs = this.mayRenew || this.phase === 'doubt' ? nowMs : Math.max(nowMs, asked.atMs + this.provingMs);
    return ANSWERED;
  }

  private renewed(askedMs: number, nowMs: number): Settled {
    const isNew = this.phase === 'proving';
    this.phase = 'held';
    this.row = 0;
    this.wasLate = false;
    this.owed = 0;
    this.renewedMs = nowMs;
    this.nextMs = Math.max(nowMs, askedMs + this.times.renewMs);
    if (isNew) this.sinceMs = nowMs;
    return { outcome: 'renewed', isTaken: isNew };
  }

  /** Between the beginnings of two questions when the first was not answered; a closed socket says so at once. */
  private get pauseMs(): number {
    return this.phase === 'doubt' ? answerWithinMs(this.times) : this.provingMs;
  }

  private get provingMs(): number {
    return Math.min(PROVING_INTERVAL_MS, this.times.renewMs);
  }

  /** No more questions. The kernel's element runs out, or is deleted. */
  end(nowMs: number): void {
    if (this.phase !== 'ended') this.sinceMs = nowMs;
    this.phase = 'ended';
  }
}
