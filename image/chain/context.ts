/** What a handler is given when it is made, once per server block and worker. */
import type { LoopProbe } from '../agent/messages';
import type { BlockPlan } from '../corefile/plan';
import type { Arena } from '../kernel/arena';
import type { ArenaPool } from '../kernel/arena-pool';
import type { Clock } from '../kernel/clock';
import type { Libc } from '../kernel/libc';
import type { Random } from '../kernel/random';
import type { Timers } from '../kernel/timers';
import type { NameHash } from '../memory/hash';
import type { Counters } from '../observe/counters';
import type { Level } from '../observe/log';
import type { HostsPack } from '../plugin/hosts/pack';
import type { TraceReport } from '../plugin/trace/report';
import type { UpstreamEnvironment } from '../upstream/environment';
import type { Upstreams } from '../upstream/upstreams';
import type { Handler } from './plugin';
import type { InternalAsker, Query } from './query';

/** Log lines of a worker: gathered, posted to main once per turn, dropped and counted when main is too slow. */
export interface WorkerLog {
  /** `[LEVEL] TEXT` */
  line(level: Level, text: string): void;
  /** `[LEVEL] plugin/NAME: TEXT` */
  plugin(name: string, level: Level, text: string): void;
}

/** A whole message's worth of memory for answers that a handler makes. Used by one walk at a time. */
export interface Scratch {
  readonly bytes: Uint8Array;
  readonly offset: number;
}

/** A question of our own, asked on behalf of a query under way. */
export interface InternalQuestion {
  /** The query it is asked for: gives listener, transport and the asker's address. May be over before the answer comes. */
  readonly parent: Query;
  /** A whole request, as a client would send it; copied. The parent's id will do: it never leaves the worker. */
  readonly request: Uint8Array;
  /** Hears the answer, perhaps before `ask` returns. */
  readonly asker: InternalAsker;
  /** Given back as `query.subject`. */
  readonly subject?: unknown;
  /**
   * Only the handlers behind this one of the parent's block take part, and what they note (`metadata`) is noted on the
   * parent; without it the server routes the question anew.
   */
  readonly behind?: Handler;
  /** With `behind`: the parent does not wait for the answer, and gets none of its notes. */
  readonly isAside?: boolean;
  /** UDP or TCP, as upstreams are to be asked; the parent's when not given. */
  readonly protocol?: number;
}

export interface HandlerContext {
  /** The block this handler belongs to. */
  readonly block: BlockPlan;
  /** Its index in the plan. */
  readonly blockIndex: number;
  /** `server` label by number of the listener, which it keeps as long as it is open: from one plan to the next. */
  readonly servers: readonly string[];
  /** Numbers of the listeners whose zones lead to this block. */
  readonly listeners: readonly number[];
  /** Those of them that serve the first of its zones. */
  readonly firstListeners: readonly number[];
  /**
   * The handler of a directive in the block that this one takes over from; undefined at the start, and when anything
   * differs that decides about answers. It may still have queries on their way, and is closed after the last of them.
   * To be asked while the handler is made; later there is none.
   */
  predecessor(name: string): Handler | undefined;
  readonly libc: Libc;
  /** Memory for the life of the worker: not for handlers, which come and go with plans. */
  readonly arena: Arena;
  /** Memory that is given back in `close`. */
  readonly arenas: ArenaPool;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly hash: NameHash;
  readonly counters: Counters;
  readonly log: WorkerLog;
  /** MESSAGE_BYTES_MAX bytes at `offset`. */
  readonly scratch: Scratch;
  readonly upstream: UpstreamEnvironment;
  /** Servers that forward asks, shared by all blocks. */
  readonly upstreams: Upstreams;
  /** A hosts file as main read it for this plan; without lines when there is none. */
  hostsFile(path: string): HostsPack;
  /** Names whose HINFO questions the loop plugin counts. */
  readonly loops: readonly LoopProbe[];
  /** Put the asker's address into text, without port. */
  remoteAddress(query: Query): string;
  /** The asker's port. */
  remotePort(query: Query): number;
  /**
   * Ask a question of our own. It walks through handlers like a client's, is counted and logged by those it meets, and has
   * its own deadline, which is not after the parent's `cancelAtMs`.
   * @returns false when it is not asked and nobody will hear of it: nested INTERNAL_DEPTH_MAX deep, not a query, no zone
   *   for it, or as many queries in flight as there may be
   */
  ask(question: InternalQuestion): boolean;
  /** A traced query is over: main sends the report to its collector. */
  report(report: TraceReport): void;
  /** A dnstap message for the collector that this key stands for. */
  tap(key: string, frame: Uint8Array): void;
  /** The process must end: main logs `[FATAL] text`. */
  fatal(text: string): void;
}

/** Each plugin's handler.ts exports one as `handler`. */
export type HandlerFactory<Options> = (options: Options, context: HandlerContext) => Handler;
