/** Errors that are counted instead of written: the first one starts the time, at whose end one line has their number. */
import type { RE2JS } from 're2js';
import type { WorkerLog } from '../../chain/context';
import type { Clock } from '../../kernel/clock';
import { Timer, type Timers } from '../../kernel/timers';
import type { Level } from '../../observe/log';
import { compileRegexp } from '../regexp';
import type { ConsolidateLevel, ConsolidateOptions } from './setup';

/** What counting needs of the worker. */
export interface ConsolidationAccess {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: WorkerLog;
}

const LEVELS: Readonly<Record<ConsolidateLevel, Level>> = {
  warning: 'WARNING',
  error: 'ERROR',
  info: 'INFO',
  debug: 'DEBUG',
};

export class Consolidation {
  private readonly options: ConsolidateOptions;
  private readonly access: ConsolidationAccess;
  private readonly pattern: RE2JS;
  private readonly timer = new Timer(() => this.summarize());
  private counted = 0;
  private closed = false;

  constructor(options: ConsolidateOptions, access: ConsolidationAccess) {
    this.options = options;
    this.access = access;
    this.pattern = compileRegexp(options.pattern);
  }

  /** Is it found anywhere in the error's text? */
  matches(error: string): boolean {
    return this.pattern.test(error);
  }

  /** Count one. @returns the level at which it is to be written, or undefined when it is counted instead */
  count(): Level | undefined {
    if (this.closed) return 'ERROR'; // Too late for counting.
    this.counted++;
    if (this.counted > 1) return undefined;
    const { clock, timers } = this.access;
    timers.start(this.timer, clock.now() + this.options.periodMs);
    return this.options.showFirst ? LEVELS[this.options.level] : undefined;
  }

  /** Write what was counted so far; nothing is counted any more. */
  close(): void {
    this.closed = true;
    this.access.timers.stop(this.timer);
    this.summarize();
  }

  private summarize(): void {
    const { counted } = this;
    this.counted = 0;
    const { pattern, periodText, level, showFirst } = this.options;
    if (counted === 0 || (counted === 1 && showFirst)) return; // The one was written when it came.
    const text = `${counted} errors like '${pattern}' occurred in last ${periodText}`;
    this.access.log.plugin('errors', LEVELS[level], text);
  }
}
