/** What a whole process used, by the kernel's own books: every thread, user and system time. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Memory of a process in MiB. */
export interface MemoryUse {
  /** All pages in memory (VmRSS). */
  readonly residentMiB: number;
  /** Those that belong to no file (RssAnon): what the process costs beyond its program text. */
  readonly anonymousMiB: number;
}

/**
 * User and system ticks of a process.
 * @param stat content of /proc/PID/stat; the command in it may hold blanks and parentheses
 */
export function parseCpuTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // From the third field (proc(5)): utime is the 14th.
  return Number(fields[11]) + Number(fields[12]);
}

/** Memory of a process. @param status content of /proc/PID/status */
export function parseMemory(status: string): MemoryUse {
  const mebibytes = (field: string): number => {
    const found = new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status);
    if (found === null) throw new Error(`no ${field} in /proc/PID/status`);
    return Number(found[1]) / 1024;
  };
  return { residentMiB: mebibytes('VmRSS'), anonymousMiB: mebibytes('RssAnon') };
}

let ticksPerSecond = 0;

/** Processor time the process has used since it began, in microseconds; steps of 10 ms where the kernel counts 100 ticks. */
export function cpuMicroseconds(processId: number): number {
  ticksPerSecond ||= Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout) || 100;
  return (parseCpuTicks(readFileSync(`/proc/${processId}/stat`, 'utf8')) / ticksPerSecond) * 1e6;
}

/** Memory of the process now. */
export function memoryUse(processId: number): MemoryUse {
  return parseMemory(readFileSync(`/proc/${processId}/status`, 'utf8'));
}
