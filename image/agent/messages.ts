/**
 * What main and worker say to each other. Types only, so that both bundles may import it; everything is plain data that
 * crosses by structured clone.
 *
 *   main ── workerData: WorkerData ──▶ worker          (once, when it is started)
 *   main ── MessageToWorker, then wakeWorker(wakeFd) ──▶ worker     (its loop never returns to libuv: it must be woken)
 *   main ◀── MessageToMain ── worker
 */
import type { Plan } from '../corefile/plan';
import type { Series } from '../observe/counters';
import type { ProfileKind } from '../observe/profiler';
import type { HostsPack } from '../plugin/hosts/pack';
import type { WeightedNames } from '../plugin/loadbalance/weights';
import type { TraceReport } from '../plugin/trace/report';
import type { TlsOpen } from '../upstream/tcp-dialer';

/** Sockets of one entry of {@link Plan.listeners}, opened and bound by main. */
export interface ListenerDescriptors {
  /** File descriptor of the UDP socket. */
  readonly udp: number;
  /** File descriptor of the listening TCP socket. */
  readonly tcp: number;
}

/** A hosts file as main last read it. The worker never touches the disk. */
export interface HostsFile {
  /** As in the plan's options. */
  readonly path: string;
  /** Its lines; none when there is no such file. Shared with main, not copied. */
  readonly pack: HostsPack;
}

/** A question by which the loop plugin finds out whether the server asks itself. */
export interface LoopProbe {
  /** Index into {@link Plan.blocks}. */
  readonly block: number;
  /** `R1.R2.ZONE`, a lower-case FQDN; HINFO of this name is counted until `loop-done`. */
  readonly name: string;
}

/** A plan and what main has for it. */
export interface PlanData {
  readonly plan: Plan;
  /** One entry per plan listener, in the same order; null for one that the worker has open. The worker owns and closes them. */
  readonly listeners: readonly (ListenerDescriptors | null)[];
  /** Hosts files named in the plan, each once. */
  readonly hosts: readonly HostsFile[];
  /** Probes that are under way: none for a block whose probe ended before. */
  readonly loops: readonly LoopProbe[];
}

/** Given to the worker when it is started. */
export interface WorkerData extends PlanData {
  /** 0 … workers-1. */
  readonly index: number;
  /** COUNTER_SLOTS float64, zeroed; written by this worker only. */
  readonly counters: SharedArrayBuffer;
  /** eventfd that wakes the loop; main writes to it after every message. */
  readonly wakeFd: number;
  /**
   * One Int32: UTF-8 bytes of log text posted and not yet written. The worker adds before it posts and drops the line when
   * the sum would pass LOG_BACKLOG_BYTES_MAX; main subtracts after writing. Both with Atomics.
   */
  readonly logBacklog: SharedArrayBuffer;
  /**
   * One Int32: traces and dnstap messages posted and not yet taken. The worker adds before it posts and drops them when the
   * sum would pass REPORTS_WAITING_MAX; main subtracts when it has taken them. Both with Atomics.
   */
  readonly reportsWaiting: SharedArrayBuffer;
}

/** A dnstap message. */
export interface TapFrame {
  /** Which collector it is for (plugin/trace/report.ts traceKey). */
  readonly key: string;
  readonly frame: Uint8Array;
}

/** From main to the worker, each followed by a wake-up. */
export type MessageToWorker =
  | ({ readonly kind: 'hosts' } & HostsFile)
  /** A file of weights says something else. */
  | { readonly kind: 'weights'; readonly path: string; readonly names: WeightedNames }
  /** The probe of this name got no answer and will be asked again under the same name: count from 0. */
  | { readonly kind: 'loop-reset'; readonly name: string }
  /** The probe of this name came back: stop counting. */
  | { readonly kind: 'loop-done'; readonly name: string }
  /** Serve by this plan from now on; answered by `plan-taken` or `plan-refused`. One at a time. */
  | ({ readonly kind: 'plan' } & PlanData)
  /** Begin a profile of this thread. */
  | { readonly kind: 'profile-start'; readonly what: ProfileKind }
  /** End it and post `profile`. */
  | { readonly kind: 'profile-stop' }
  /** Write samples of queries there (observe/samples.ts); null: to nowhere. */
  | { readonly kind: 'sample'; readonly ring: SharedArrayBuffer | null }
  /** Do you still turn? Answered by `pong` in the next turn of the loop. */
  | { readonly kind: 'ping' }
  /**
   * Pods are about to be sent here: thousands of questions must not wait for the first connection to an upstream. Answered
   * by `warmed-up`, after WARM_UP_MS at the latest.
   */
  | { readonly kind: 'warm-up' }
  /** Somebody else serves the same addresses: leave new datagrams to them, answer what has come. */
  | { readonly kind: 'hand-over' }
  /** Read no more questions, finish those in flight for up to `graceMs`, close the sockets, post `stopped`. */
  | { readonly kind: 'stop'; readonly graceMs: number };

/** From the worker to main. */
export type MessageToMain =
  /** The loop is about to wait for its first packet. */
  | { readonly kind: 'ready' }
  /** The loop turns. */
  | { readonly kind: 'pong' }
  | { readonly kind: 'series'; readonly series: Series }
  /** Connect through TLS and pass on what goes through `fd`, which is main's from here on (tls-relay.ts). */
  | ({ readonly kind: 'tls-open' } & TlsOpen)
  /** Connections to upstreams are open, or have failed. */
  | { readonly kind: 'warmed-up' }
  /** Questions are answered by the new plan. */
  | { readonly kind: 'plan-taken' }
  /** All is as before; the new descriptors are main's again. */
  | { readonly kind: 'plan-refused'; readonly reason: string }
  /** Queries that were traced. */
  | { readonly kind: 'traces'; readonly reports: readonly TraceReport[] }
  /** dnstap messages. */
  | { readonly kind: 'taps'; readonly frames: readonly TapFrame[] }
  /** A profile as JSON, or why there is none. */
  | { readonly kind: 'profile'; readonly text: string; readonly error: string }
  /** Whole lines, each with its newline and prefix; `bytes` is what was added to the backlog. */
  | { readonly kind: 'log'; readonly text: string; readonly bytes: number }
  /** The process must end: main writes `[FATAL] TEXT` and ends with 1. `text` has no prefix and no newline. */
  | { readonly kind: 'fatal'; readonly text: string }
  | { readonly kind: 'stopped' };
