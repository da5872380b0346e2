/**
 * Log lines in CoreDNS's form, so that what greps for them goes on working:
 *
 *   before the start    2026/11/21 02:12:10 [INFO] Using config file:       on stderr
 *   afterwards          [ERROR] plugin/errors: 2 example.org. A: …          on stdout
 *
 * @source node-cache logs through Go's `log` until CoreDNS's Run() turns dates off and stdout on
 */

/** Importance of a line, as it is printed. */
export type Level = 'INFO' | 'WARNING' | 'ERROR' | 'FATAL' | 'DEBUG';

/** Where whole lines go. */
export interface LogSink {
  /** @param text ends with a newline */
  write(text: string): void;
}

/** Writes lines; one per process. */
export class Log {
  private readonly early: LogSink;
  private readonly late: LogSink;
  private readonly now: () => Date;
  private running = false;

  /**
   * @param early stderr, until {@link Log.startRunning}
   * @param late stdout, afterwards
   * @param now the wall clock, for the date of early lines
   */
  constructor(early: LogSink, late: LogSink, now: () => Date = () => new Date()) {
    this.early = early;
    this.late = late;
    this.now = now;
  }

  /** From here on lines go to stdout without a date: the container runtime adds its own. */
  startRunning(): void {
    this.running = true;
  }

  info(text: string): void {
    this.line('INFO', text);
  }

  warning(text: string): void {
    this.line('WARNING', text);
  }

  error(text: string): void {
    this.line('ERROR', text);
  }

  fatal(text: string): void {
    this.line('FATAL', text);
  }

  /** A line of a plugin: `[WARNING] plugin/hosts: …`. */
  plugin(name: string, level: Level, text: string): void {
    this.line(level, `plugin/${name}: ${text}`);
  }

  /** A line and below it a text of many lines as it is, such as a Corefile. */
  block(title: string, text: string): void {
    this.info(title);
    (this.running ? this.late : this.early).write(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** Text as it is, without prefix: banner and lines a worker has finished. Always stdout. @param text ends with a newline */
  raw(text: string): void {
    this.late.write(text);
  }

  private line(level: Level, text: string): void {
    const line = formatLine(level, text);
    if (this.running) this.late.write(line);
    else this.early.write(`${formatDate(this.now())} ${line}`);
  }
}

/** One line; line feeds inside the text would forge further lines and become spaces. */
export function formatLine(level: Level, text: string): string {
  return `[${level}] ${text.replace(/\r?\n/g, ' ')}\n`;
}

/** Go's standard log date: `2026/11/21 02:12:10`, local time. */
export function formatDate(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}/${two(date.getMonth() + 1)}/${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
