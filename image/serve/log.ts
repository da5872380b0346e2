/** The worker's log: lines are gathered during a turn and posted to main at its end; main writes them, we never wait. */

import type { WorkerLog } from '../chain/context';
import { LOG_BACKLOG_BYTES_MAX } from '../limits';
import type { Counters } from '../observe/counters';
import { formatLine, type Level } from '../observe/log';

/** Takes whole lines. @param bytes that were added to the backlog for them */
export type PostLog = (text: string, bytes: number) => void;

export class TurnLog implements WorkerLog {
  /** Lines at level debug are written: some block has `debug`. */
  debug = false;
  private text = '';
  private bytes = 0;
  private readonly backlog: Int32Array;
  private readonly post: PostLog;
  private readonly counters: Counters;

  /** @param backlog one Int32 shared with main: bytes posted and not yet written */
  constructor(backlog: SharedArrayBuffer, counters: Counters, post: PostLog) {
    this.backlog = new Int32Array(backlog);
    this.counters = counters;
    this.post = post;
  }

  line(level: Level, text: string): void {
    if (level === 'DEBUG' && !this.debug) return;
    const line = formatLine(level, text);
    const bytes = Buffer.byteLength(line);
    if (Atomics.load(this.backlog, 0) + this.bytes + bytes > LOG_BACKLOG_BYTES_MAX) {
      this.counters.add(this.counters.slot('nodelocaldns_log_lines_dropped_total'), 1);
      return;
    }
    this.text += line;
    this.bytes += bytes;
  }

  plugin(name: string, level: Level, text: string): void {
    this.line(level, `plugin/${name}: ${text}`);
  }

  /** End of a turn. */
  flush(): void {
    if (this.bytes === 0) return;
    Atomics.add(this.backlog, 0, this.bytes);
    this.post(this.text, this.bytes);
    this.text = '';
    this.bytes = 0;
  }
}
