/** What is wrong outside, said and counted when it is new: what is looked at every 10 s would fill the log otherwise. */
import type { Log } from '../observe/log';

/** One mistake per source at a time. */
export class Reports {
  private readonly log: Log;
  private readonly count: () => void;
  private readonly last = new Map<string, string>();

  /** @param count called once per mistake */
  constructor(log: Log, count: () => void) {
    this.log = log;
    this.count = count;
  }

  /** Say a mistake unless it was the last thing said about its source. @returns whether it was said */
  report(source: string, message: string): boolean {
    if (this.last.get(source) === message) return false;
    this.last.set(source, message);
    this.count();
    this.log.error(message);
    return true;
  }

  /** It is mended, or its source has changed: the same mistake is a new one from here on. */
  forget(source: string): void {
    this.last.delete(source);
  }
}
