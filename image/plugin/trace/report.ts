/** What a worker tells main of one query that was traced; plain data. */

/** A part of the query's way. */
export interface SpanReport {
  /** `servedns`, the name of a plugin, or `connect`. */
  readonly name: string;
  /** Index of the part it lies in; -1 for the whole. */
  readonly parent: number;
  /** From the beginning of the query, and how long. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly tags?: Readonly<Record<string, string>>;
}

/** One query. */
export interface TraceReport {
  /** The options of its `trace`, as {@link traceKey} makes them: by this main knows where it is to be sent. */
  readonly key: string;
  /** 16 hexadecimal digits. */
  readonly traceId: string;
  /** When the query came, Unix time. */
  readonly startMs: number;
  /** The whole query first; every other one behind the part it lies in. */
  readonly spans: readonly SpanReport[];
  /** Why it failed; '' when nothing went wrong. */
  readonly error: string;
}

/** A text that is the same in both threads for the same options. */
export function traceKey(options: unknown): string {
  return JSON.stringify(options);
}
