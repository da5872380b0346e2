/** What the log says about one lease: a line per change, and when it comes and goes, the number of those left out. */
import { LEASE_LOG_LINES_MAX } from '../limits';

const WINDOW_MS = 60_000;

/** Lines of one lease. */
export class LeaseLog {
  private readonly write: (text: string) => void;
  private windowMs = Number.NEGATIVE_INFINITY;
  private lines = 0;
  private suppressed = 0;

  constructor(write: (text: string) => void) {
    this.write = write;
  }

  /** A change. @param text without final dot */
  line(text: string, nowMs: number): void {
    if (nowMs - this.windowMs >= WINDOW_MS) {
      this.windowMs = nowMs;
      this.lines = 0;
    }
    if (this.lines >= LEASE_LOG_LINES_MAX) {
      this.suppressed++;
      return;
    }
    this.lines++;
    const more = this.suppressed === 1 ? '1 change' : `${this.suppressed} changes`;
    this.write(this.suppressed === 0 ? text : `${text} (${more} before this one not logged)`);
    this.suppressed = 0;
  }
}
