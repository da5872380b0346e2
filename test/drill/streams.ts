/** What the drill's clients ask and note: streams of questions, one every few milliseconds. */
import type { Place } from './addresses';

/** How a client asks: a socket per question, as resolvers of C libraries do, or one socket for all. */
export const WAYS = ['udp', 'udp kept', 'tcp', 'tcp kept'] as const;
/** One of {@link WAYS}. */
export type Way = (typeof WAYS)[number];

/** One client that asks one address in one way. */
export interface Stream {
  readonly place: Extract<Place, 'pod' | 'node'>;
  readonly address: string;
  readonly way: Way;
}

/** What became of a stream's questions, in the order they were asked. Times in milliseconds of the machine's uptime. */
export interface Notes {
  readonly stream: Stream;
  readonly askedMs: readonly number[];
  /** 0 without an answer in time. */
  readonly answeredMs: readonly number[];
  /** One letter per question: answered by the `c`ache, by the `s`ervers, with an `f`ailure, or not at all: `-`. */
  readonly by: string;
}

/** Milliseconds between two questions of a stream. */
export const INTERVAL_MS = 5;
/** Milliseconds after which a question counts as unanswered. */
export const PATIENCE_MS = 200;

/** Milliseconds of uptime: the same clock in all processes of a machine. */
export function uptimeMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
