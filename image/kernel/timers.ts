/**
 * A wheel of deadlines: starting, moving and stopping one costs the same however many there are, and none is an object of
 * libuv. Deadlines are kept to a slot of 8 ms and never fire early.
 *
 *   slot:  0    1    2   …  2047   (16 s around)
 *          │         └▶ timer ⇄ timer
 *          └▶ timer                 a deadline further away waits a round longer
 */
import { assert } from '../assert';

const SLOT_MS = 8;
const SLOTS = 2048;

/** Embed one per thing that has a deadline; it is linked into the wheel, never copied. */
export class Timer {
  /** What to do when the time has come. Set once: no closure per start. */
  readonly fire: () => void;
  deadlineMs = 0;
  next: Timer | undefined = undefined;
  previous: Timer | undefined = undefined;
  /** Slot in the wheel, or -1 when not running. */
  slot = -1;

  constructor(fire: () => void) {
    this.fire = fire;
  }

  get running(): boolean {
    return this.slot >= 0;
  }
}

export class Timers {
  private readonly slots: (Timer | undefined)[] = new Array<Timer | undefined>(SLOTS).fill(undefined);
  /** Last tick (deadline / SLOT_MS) that was swept. */
  private tick: number;
  /** No running timer has a tick below this one. */
  private earliestTick = Number.POSITIVE_INFINITY;
  private count = 0;

  constructor(nowMs: number) {
    this.tick = Math.floor(nowMs / SLOT_MS);
  }

  /** Start a timer, or move a running one. */
  start(timer: Timer, deadlineMs: number): void {
    if (timer.slot >= 0) this.stop(timer);
    const tick = Math.max(Math.ceil(deadlineMs / SLOT_MS), this.tick + 1);
    const slot = tick % SLOTS;
    timer.deadlineMs = deadlineMs;
    timer.slot = slot;
    timer.next = this.slots[slot];
    timer.previous = undefined;
    if (timer.next !== undefined) timer.next.previous = timer;
    this.slots[slot] = timer;
    this.count++;
    if (tick < this.earliestTick) this.earliestTick = tick;
  }

  /** Stop a timer; one that is not running stays so. */
  stop(timer: Timer): void {
    if (timer.slot < 0) return;
    if (timer.previous === undefined) this.slots[timer.slot] = timer.next;
    else timer.previous.next = timer.next;
    if (timer.next !== undefined) timer.next.previous = timer.previous;
    timer.next = undefined;
    timer.previous = undefined;
    timer.slot = -1;
    this.count--;
    assert(this.count >= 0);
  }

  /** Milliseconds until something may be due, for epoll_wait: whole, rounded up; -1 when nothing runs. */
  delay(nowMs: number): number {
    if (this.count === 0) return -1;
    return Math.max(0, Math.ceil(this.earliestTick * SLOT_MS - nowMs));
  }

  /** Fire what is due. A timer that fires may start or stop any other. */
  sweep(nowMs: number): void {
    const tickNow = Math.floor(nowMs / SLOT_MS);
    if (tickNow < this.earliestTick) {
      this.tick = tickNow;
      return;
    }
    // After a long sleep the last round meets every slot.
    const first = Math.max(this.tick + 1, this.earliestTick, tickNow - SLOTS + 1);
    for (let tick = first; tick <= tickNow; tick++) {
      this.tick = tick;
      this.fireSlot(tick % SLOTS, nowMs);
    }
    this.tick = tickNow;
    this.earliestTick = this.findEarliest();
  }

  private fireSlot(slot: number, nowMs: number): void {
    let timer = this.slots[slot];
    while (timer !== undefined) {
      if (timer.deadlineMs > nowMs) {
        timer = timer.next; // Another round.
        continue;
      }
      this.stop(timer);
      timer.fire();
      timer = this.slots[slot]; // The list may have changed; those due are at most as many as were linked.
    }
  }

  private findEarliest(): number {
    if (this.count === 0) return Number.POSITIVE_INFINITY;
    for (let tick = this.tick + 1; tick <= this.tick + SLOTS; tick++)
      if (this.slots[tick % SLOTS] !== undefined) return tick;
    return this.tick + 1;
  }
}
