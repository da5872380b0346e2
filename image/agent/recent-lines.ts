/** The last warnings and errors of the log, for the command `status`. */
import { RECENT_LINE_CHARACTERS_MAX, RECENT_LINES_MAX } from '../limits';
import type { LogSink } from '../observe/log';

/** A line of the log, without its date. */
export interface RecentLine {
  /** When it was written, RFC 3339. */
  readonly at: string;
  /** `[ERROR] plugin/errors: …`, cut when it is long. */
  readonly text: string;
}

/** Whole lines that tell of trouble; those before the start is complete have a date in front. */
const TROUBLE = /^(?:\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d )?(\[(?:WARNING|ERROR|FATAL)\] .*)$/gm;

/** One per process. */
export class RecentLines {
  private readonly kept: RecentLine[] = [];
  private readonly now: () => Date;

  constructor(now: () => Date = () => new Date()) {
    this.now = now;
  }

  /** Look at text on its way to the log. @param text whole lines */
  take(text: string): void {
    for (const [, line] of text.matchAll(TROUBLE)) {
      const cut = line.length > RECENT_LINE_CHARACTERS_MAX ? `${line.slice(0, RECENT_LINE_CHARACTERS_MAX - 1)}…` : line;
      this.kept.push({ at: this.now().toISOString(), text: cut });
    }
    if (this.kept.length > RECENT_LINES_MAX) this.kept.splice(0, this.kept.length - RECENT_LINES_MAX);
  }

  /** A sink whose lines are looked at before `sink` writes them. */
  before(sink: LogSink): LogSink {
    return {
      write: (text) => {
        this.take(text);
        sink.write(text);
      },
    };
  }

  /** Oldest first. */
  get lines(): readonly RecentLine[] {
    return this.kept;
  }
}
