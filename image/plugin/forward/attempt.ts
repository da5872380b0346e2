/** How far the asking of one question has come. */
import type { Health } from '../../upstream/health';
import type { Upstream } from '../../upstream/upstreams';

/** An upstream as one stanza knows it. */
export interface Server {
  readonly upstream: Upstream;
  readonly health: Health;
}

/** Pooled: a stanza takes one per question that it asks. */
export class Attempt {
  /** Indexes of servers in the order of the policy. */
  readonly order: number[] = [];
  next = 0;
  /** Upstreams passed over because they are down, since the list began. */
  down = 0;
  /** Times that one could not be asked, or did not answer. */
  failures = 0;
  /** Answers that let another upstream be asked (`failover`). */
  failovers = 0;
  deadlineMs = 0;
  /** When the question was last sent. */
  sentAtMs = 0;
  overTcp = false;
  server: Server | undefined = undefined;
  error = '';
  pendingKey = 0;
  /** The request as upstreams get it. */
  requestOffset = 0;
  requestBytes = 0;

  /** Make ready for a new question; `order` is the caller's to fill. */
  begin(deadlineMs: number, overTcp: boolean, pendingKey: number): void {
    this.next = 0;
    this.down = 0;
    this.failures = 0;
    this.failovers = 0;
    this.deadlineMs = deadlineMs;
    this.overTcp = overTcp;
    this.server = undefined;
    this.error = '';
    this.pendingKey = pendingKey;
  }
}
