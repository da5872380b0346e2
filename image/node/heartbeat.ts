/**
 * Does a worker still turn? Main posts `ping`, the loop answers `pong`. A loop that hangs serves nobody, and its lease ends
 * by itself; but the node would stay with kube-dns for ever. So the process ends, and the kubelet starts a new one.
 */
import { HEARTBEAT_MS, WORKER_SILENCE_MS } from '../limits';
import type { KeeperClock } from './keeper';

/** What it needs of a worker. */
export interface HeartbeatAccess {
  readonly clock: KeeperClock;
  ping(): void;
  /** It has been silent for WORKER_SILENCE_MS; told once. */
  silent(): void;
}

/** One per worker. */
export class Heartbeat {
  private readonly access: HeartbeatAccess;
  private unanswered = 0;
  private cancel: () => void = () => {};

  constructor(access: HeartbeatAccess) {
    this.access = access;
  }

  /** The worker has just said that it is ready: the first question is for later. */
  start(): void {
    this.cancel = this.access.clock.after(HEARTBEAT_MS, () => this.beat());
  }

  /** It answered. */
  pong(): void {
    this.unanswered = 0;
  }

  /** It is to end, and may take its time. */
  stop(): void {
    this.cancel();
  }

  /** Pings are counted, not milliseconds: a process that was frozen for a minute has sent none meanwhile. */
  private beat(): void {
    if (this.unanswered * HEARTBEAT_MS >= WORKER_SILENCE_MS) {
      this.access.silent();
      return;
    }
    this.unanswered++;
    this.access.ping();
    this.start();
  }
}
