/**
 * What nobody uses goes back to the kernel while little is going on. V8 would do so by itself, but by tasks of libuv's loop,
 * to which the worker's thread never returns; until its heap is full it keeps all that was alive during two of its small
 * collections: 10 MiB after 80,000 misses, and as much in pages it may need again. A whole collection takes 10 to 25 ms.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SPARE_GARBAGE_BYTES_MIN, SPARE_QUIET_SHARE_MAX } from '../limits';

/** Since V8 12 any other flavor keeps the free pages for later. Node 20's takes no options: with them it frees nothing. */
const GIVES_PAGES = Number.parseInt(process.versions.node, 10) >= 22;

/** What {@link SpareMemory} sees and does; tests put a fake here. */
export interface HeapAccess {
  /** Bytes of this thread's objects, dead ones included. */
  used(): number;
  /** Free the dead ones, and the pages they were on. */
  collect(): void;
  /** Processor time of the process, and time, in milliseconds. */
  cpuMs(): number;
  nowMs(): number;
}

/** The heap of the thread that asks. */
export function ownHeap(): HeapAccess {
  setFlagsFromString('--expose-gc'); // Of the process: threads that start later have the function.
  return {
    used: () => process.memoryUsage().heapUsed,
    collect: () => {
      const collect = globalThis.gc ?? (runInNewContext('gc') as NodeJS.GCFunction);
      if (GIVES_PAGES) collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
      else collect();
    },
    cpuMs: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1000;
    },
    nowMs: () => performance.now(),
  };
}

/** One per thread. */
export class SpareMemory {
  private readonly heap: HeapAccess;
  private cpuMs: number;
  private atMs: number;
  /** Bytes in use behind the last collection; before the first one all may be garbage: much of what a start makes is. */
  private keptBytes = 0;

  constructor(heap: HeapAccess) {
    this.heap = heap;
    this.cpuMs = heap.cpuMs();
    this.atMs = heap.nowMs();
  }

  /**
   * To be called every few seconds: collect when it is worth it, and the process did little since the call before.
   * @returns true when it collected
   */
  look(): boolean {
    const { heap } = this;
    const cpuMs = heap.cpuMs();
    const nowMs = heap.nowMs();
    const quiet = cpuMs - this.cpuMs <= (nowMs - this.atMs) * SPARE_QUIET_SHARE_MAX;
    this.cpuMs = cpuMs;
    this.atMs = nowMs;
    if (!quiet || heap.used() - this.keptBytes < SPARE_GARBAGE_BYTES_MIN) return false;
    heap.collect();
    this.keptBytes = heap.used();
    return true;
  }
}
