/**
 * Pages of the program itself that only its start needed: Node makes its world from 40 MiB of code and tables, and goes on
 * using a fifth of them. Unmapped they are the page cache's, which the kernel may drop under pressure, and no longer
 * ours: a page that is used again is there again after a fault of less than a microsecond, sixteen pages at a time.
 */
import { readFileSync, readlinkSync } from 'node:fs';

/** A part of the address space. */
export interface PageRange {
  readonly address: number;
  readonly bytes: number;
}

/** The first line of a map, `from-to rights offset device inode path`. @source proc_pid_smaps(5) */
const MAP = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \d+ +(.*)$/;

/**
 * Where a file is mapped and none of its pages is our own: not writable now or before (`ac`: Node's start writes addresses
 * into some tables and locks them then), and no page of it copied.
 * @param smaps text of /proc/self/smaps
 * @param file its path, as the maps have it
 */
export function cleanRanges(smaps: string, file: string): PageRange[] {
  const ranges: PageRange[] = [];
  let range: PageRange | undefined;
  let copied = false;
  for (const line of smaps.split('\n')) {
    const map = MAP.exec(line);
    if (map !== null) {
      const [, from, to, rights, path] = map;
      const address = Number.parseInt(from, 16);
      const isOurs = path === file && !rights.includes('w') && rights.endsWith('p');
      range = isOurs ? { address, bytes: Number.parseInt(to, 16) - address } : undefined;
      copied = true; // Until its own lines say otherwise.
    } else if (line.startsWith('Anonymous:')) copied = !/^Anonymous: +0 kB$/.test(line);
    else if (line.startsWith('Swap:')) copied ||= !/^Swap: +0 kB$/.test(line);
    else if (range !== undefined && !copied && line.startsWith('VmFlags:')) {
      if (!/ (ac|wr)( |$)/.test(line)) ranges.push(range);
      range = undefined;
    }
  }
  return ranges;
}

/** @returns the ranges of the running program; none where /proc does not say */
export function ownProgramRanges(): PageRange[] {
  try {
    return cleanRanges(readFileSync('/proc/self/smaps', 'utf8'), readlinkSync('/proc/self/exe'));
  } catch {
    return [];
  }
}
