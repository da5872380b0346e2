/** What the pools of one upstream have in common, whichever way they ask. */
import { UPSTREAM_EXPIRE_MS } from '../limits';

/** Wishes of one forward; where several differ the pools are as patient as the most patient and as strict as the strictest. */
export interface PoolWishes {
  readonly expireMs: number;
  /** 0 is no limit. */
  readonly ageMsMax: number;
  /** 0 is no limit of its own. */
  readonly idleConnectionsMax: number;
}

/** Where an upstream is. */
export interface PoolTarget {
  readonly address: string;
  readonly port: number;
  /** Our end of connections to it; '' leaves it to the kernel. */
  readonly sourceAddress: string;
}

/** What a pool tells its owner, who counts it. */
export interface PoolEvents {
  /** A question found a kept connection or socket, or had to open one. */
  used(kept: boolean): void;
  /** A connection or socket was opened. */
  opened(): void;
  /** One was closed. */
  closed(): void;
  /** A question waits: all connections are full. */
  waited(): void;
  /** A question was not taken: too many wait already. */
  overflowed(): void;
}

/** Settings as the users of an upstream wish them, together. */
export class PoolSettings {
  /** Milliseconds that something unused is kept. */
  expireMs = UPSTREAM_EXPIRE_MS;
  /** Milliseconds after which it gets no new question and is closed when it is idle; 0 is never. */
  ageMsMax = 0;
  /** Idle ones kept; 0 leaves it to {@link expireMs}. Looked at once a second. */
  idleMax = 0;
  private wished = false;

  /** Until the next wish, all is as it was; from that on, only new wishes count. */
  forget(): void {
    this.wished = false;
  }

  /** Take a forward's wishes into account. */
  wish({ expireMs, ageMsMax, idleConnectionsMax }: PoolWishes): void {
    this.expireMs = this.wished ? Math.max(this.expireMs, expireMs) : expireMs;
    this.ageMsMax = this.wished ? strictest(this.ageMsMax, ageMsMax) : ageMsMax;
    this.idleMax = this.wished ? strictest(this.idleMax, idleConnectionsMax) : idleConnectionsMax;
    this.wished = true;
  }

  /** Is something that was opened then too old for a new question? */
  isOld(openedAtMs: number, nowMs: number): boolean {
    return this.ageMsMax > 0 && nowMs >= openedAtMs + this.ageMsMax;
  }

  /** Is something idle to be closed? @param idleBefore how many others are idle and stay */
  isSurplus(openedAtMs: number, usedAtMs: number, idleBefore: number, nowMs: number): boolean {
    if (this.idleMax > 0 && idleBefore >= this.idleMax) return true;
    return this.isOld(openedAtMs, nowMs) || usedAtMs + this.expireMs <= nowMs;
  }
}

/** The smaller of two limits of which 0 means none. */
function strictest(left: number, right: number): number {
  if (left === 0 || right === 0) return left + right;
  return Math.min(left, right);
}
