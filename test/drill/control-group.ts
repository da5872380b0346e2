/** Control groups of the drill's own, of either version: how a process is starved of processor time or memory. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = '/sys/fs/cgroup';
/** Microseconds over which a share of a processor is counted. */
const PERIOD_US = 100_000;

/** What a group limits. */
export type Controller = 'cpu' | 'memory';

/** Files of a group by version: 1 has a tree for each controller, 2 one for all. */
const FILES = {
  1: { limit: 'memory.limit_in_bytes', use: 'memory.usage_in_bytes', killed: 'memory.oom_control' },
  2: { limit: 'memory.max', use: 'memory.current', killed: 'memory.events' },
} as const;

/** @returns undefined where this process may make no groups */
function findTree(controller: Controller): { version: 1 | 2; folder: string } | undefined {
  const first = path.join(ROOT, controller);
  if (existsSync(path.join(first, 'cgroup.procs'))) return { version: 1, folder: first };
  const enabled = path.join(ROOT, 'cgroup.subtree_control');
  try {
    writeFileSync(enabled, `+${controller}`);
    return { version: 2, folder: ROOT };
  } catch {
    return undefined;
  }
}

/** One group with one controller. */
export class ControlGroup {
  private readonly version: 1 | 2;
  private readonly folder: string;

  /** @throws Error where no group can be made */
  constructor(controller: Controller, name: string) {
    const tree = findTree(controller);
    if (tree === undefined) throw new Error(`no control groups for ${controller} below ${ROOT}`);
    this.version = tree.version;
    this.folder = path.join(tree.folder, name);
    mkdirSync(this.folder);
  }

  private write(file: string, value: string): void {
    writeFileSync(path.join(this.folder, file), value);
  }

  private read(file: string): string {
    return readFileSync(path.join(this.folder, file), 'utf8');
  }

  /** Put a process into it, all its threads. */
  add(processId: number): void {
    this.write('cgroup.procs', `${processId}`);
  }

  /** What to write before a command so that it runs in here. */
  get through(): string[] {
    return ['sh', '-c', `echo $$ > ${path.join(this.folder, 'cgroup.procs')} && exec "$@"`, 'sh'];
  }

  /** @param share of one processor, 0 … 1; Infinity for no limit */
  limitProcessor(share: number): void {
    const quota = Math.round(share * PERIOD_US);
    if (this.version === 2) {
      this.write('cpu.max', Number.isFinite(share) ? `${quota} ${PERIOD_US}` : 'max');
      return;
    }
    this.write('cpu.cfs_period_us', `${PERIOD_US}`);
    this.write('cpu.cfs_quota_us', Number.isFinite(share) ? `${quota}` : '-1');
  }

  get memoryBytes(): number {
    return Number(this.read(FILES[this.version].use));
  }

  limitMemory(bytes: number): void {
    this.write(FILES[this.version].limit, `${bytes}`);
  }

  /** Processes that the kernel has killed for want of memory. */
  get killed(): number {
    return Number(/^oom_kill (\d+)$/m.exec(this.read(FILES[this.version].killed))?.[1] ?? 0);
  }

  /** Once it is empty. */
  async remove(): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        return rmdirSync(this.folder);
      } catch (error) {
        if (tries === 50) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20)); // The kernel lets go of dead processes a little later.
      }
    }
  }
}
