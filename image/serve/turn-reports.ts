/** What a worker tells main, gathered during a turn and posted at its end; dropped when main is too slow. */
import { REPORTS_WAITING_MAX } from '../limits';

export class TurnReports<Report> {
  private readonly waiting: Int32Array;
  private readonly post: (reports: readonly Report[]) => void;
  private readonly dropped: (report: Report) => void;
  private reports: Report[] = [];

  /** @param waiting one Int32 shared with main: reports of all kinds posted and not yet taken */
  constructor(
    waiting: SharedArrayBuffer,
    post: (reports: readonly Report[]) => void,
    dropped: (report: Report) => void,
  ) {
    this.waiting = new Int32Array(waiting);
    this.post = post;
    this.dropped = dropped;
  }

  /** Tell main at the end of the turn. */
  add(report: Report): void {
    if (Atomics.load(this.waiting, 0) + this.reports.length < REPORTS_WAITING_MAX) this.reports.push(report);
    else this.dropped(report);
  }

  /** End of a turn. */
  flush(): void {
    if (this.reports.length === 0) return;
    Atomics.add(this.waiting, 0, this.reports.length);
    this.post(this.reports);
    this.reports = [];
  }
}
