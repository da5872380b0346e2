/**
 * Keeps the leases: asks each address of ours, and tells what came of it. The kernel renews a lease when it sees the answer
 * to a question from a renewing port (LEASE.md), so there is nothing else to do for it.
 */
import { LEASE_LATE_MS } from '../limits';
import {
  answerWithinMs,
  Lease,
  type LeaseState,
  type LeaseTimes,
  type QuestionKind,
  type QuestionOutcome,
} from './lease';
import { LeaseLog } from './lease-log';

/** What becomes of a question: '' for an answer, else the reason why there is none, for operators. */
export type AskOurselves = (address: string, kind: QuestionKind, withinMs: number) => Promise<string>;

/** Time; agent/world.ts has it. */
export interface KeeperClock {
  now(): number;
  after(delayMs: number, action: () => void): () => void;
}

/** Who wants to know. */
export interface KeeperEvents {
  /** A question was settled; label `result` of nodelocaldns_lease_questions_total. */
  asked(address: string, result: QuestionOutcome): void;
  /** Pods are answered by this cache from now on, or no longer. Also told for an end by {@link Keeper.end}. */
  changed(address: string, state: 'held' | 'lost'): void;
}

/** What a keeper needs. */
export interface KeeperAccess {
  readonly clock: KeeperClock;
  readonly ask: AskOurselves;
  readonly log: { info(text: string): void; warning(text: string): void };
  readonly events: KeeperEvents;
}

/** A lease as `status` shows it. */
export interface LeaseStatus {
  readonly address: string;
  readonly state: LeaseState;
  /** How long it has been so. */
  readonly sinceMs: number;
  /** How long ago an answer came; null: never. */
  readonly lastAnswerMs: number | null;
  /** Why the last question had no answer; '' when it had one. */
  readonly reason: string;
}

/** All leases of this process. */
export class Keeper {
  private readonly kept: readonly KeptLease[];

  /** @param addresses each has a lease of its own */
  constructor(addresses: readonly string[], times: LeaseTimes, access: KeeperAccess) {
    this.kept = addresses.map((address) => new KeptLease(address, times, access));
  }

  /** Begin to ask; sockets, workers and rules are there. */
  start(): void {
    for (const lease of this.kept) lease.start();
  }

  /** Renew no more, from this call on: what is still under way renews once at most. */
  end(): void {
    for (const lease of this.kept) lease.end();
  }

  /** Why this node's pods are not answered by this cache, for /ready; '' when they are. */
  get problem(): string {
    const missing = this.kept.filter(({ state }) => state !== 'held');
    return missing.map(({ address, state }) => `lease on ${address}: ${state}`).join('; ');
  }

  /** For `status`. */
  get statuses(): readonly LeaseStatus[] {
    return this.kept.map((lease) => lease.status);
  }
}

class KeptLease {
  readonly address: string;
  private readonly times: LeaseTimes;
  private readonly access: KeeperAccess;
  private readonly log: LeaseLog;
  private lease: Lease;
  private reason = '';
  private cancel: () => void = () => {};
  private cancelLate: () => void = () => {};

  constructor(address: string, times: LeaseTimes, access: KeeperAccess) {
    this.address = address;
    this.times = times;
    this.access = access;
    this.log = new LeaseLog((text) => access.log.info(text));
    this.lease = new Lease(times, access.clock.now());
  }

  get state(): LeaseState {
    return this.lease.state;
  }

  get status(): LeaseStatus {
    const nowMs = this.access.clock.now();
    const { state, stateSinceMs, lastAnswerMs } = this.lease;
    return {
      address: this.address,
      state,
      sinceMs: nowMs - stateSinceMs,
      lastAnswerMs: lastAnswerMs === null ? null : nowMs - lastAnswerMs,
      reason: this.reason,
    };
  }

  start(): void {
    this.lease = new Lease(this.times, this.access.clock.now());
    this.cancelLate = this.access.clock.after(LEASE_LATE_MS, () => this.late());
    this.look();
  }

  end(): void {
    const wasHeld = this.lease.state === 'held';
    this.lease.end(this.access.clock.now());
    this.cancel();
    this.cancelLate();
    if (wasHeld) this.access.events.changed(this.address, 'lost');
  }

  /** Do what is due, and come back for the next. */
  private look(): void {
    const { clock } = this.access;
    const nowMs = clock.now();
    const heldMs = this.lease.renewalAgeMs(nowMs);
    if (this.lease.expire(nowMs))
      this.changed('lost', `lost after ${Math.round(heldMs)} ms without an answer; kube-dns answers`);
    const kind = this.lease.ask(nowMs);
    if (kind !== null) void this.ask(kind);
    this.cancel();
    const { dueMs } = this.lease;
    if (dueMs < Number.POSITIVE_INFINITY) this.cancel = clock.after(Math.max(0, dueMs - nowMs), () => this.look());
  }

  private async ask(kind: QuestionKind): Promise<void> {
    const { ask, clock, events } = this.access;
    const withinMs = answerWithinMs(this.times);
    const reason = await ask(this.address, kind, withinMs).catch((error: Error) => error.message);
    if (this.lease.state === 'off') return;
    const nowMs = clock.now();
    const { outcome, isTaken } = this.lease.settle(reason === '', nowMs);
    this.reason = outcome === 'silent' && reason === '' ? `it came after ${withinMs} ms` : reason;
    events.asked(this.address, outcome);
    if (isTaken) {
      this.cancelLate();
      this.changed('held', 'held; pods are answered by this cache');
    }
    this.look();
  }

  private changed(state: 'held' | 'lost', text: string): void {
    this.log.line(`lease on ${this.address}: ${text}`, this.access.clock.now());
    this.access.events.changed(this.address, state);
  }

  /** It was never held: the operator learns why. */
  private late(): void {
    const reason = this.reason === '' ? 'answers came, but not enough of them in a row' : this.reason;
    this.access.log.warning(
      `lease on ${this.address}: not held ${LEASE_LATE_MS / 1000} s after the start; kube-dns answers: ${reason}; ` +
        `does a server block listen on ${this.address}?`,
    );
  }
}
