/**
 * What the kernel says about this process, all threads together, under the names every Prometheus client uses.
 * @source proc(5)
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Counters } from './counters';

/** A page as statm counts it; all kernels we run on use 4 KiB unless they say otherwise, so it is derived from RSS. */
const PAGE_BYTES_USUAL = 4096;

/** How the numbers are read; tests give their own. */
export interface ProcessProbe {
  cpuSeconds(): number;
  residentBytes(): number;
  virtualBytes(): number;
  openDescriptors(): number;
  /** Soft limit; Infinity when there is none. */
  maxDescriptors(): number;
  startSeconds(): number;
  /** Soft limit of the address space. */
  virtualBytesMax(): number;
  /** Of all interfaces of its network namespace, which is the node's, since the namespace is there. */
  networkBytes(): NetworkBytes;
}

/** Octets of IP packets. */
export interface NetworkBytes {
  readonly received: number;
  readonly sent: number;
}

/** The probe of a Linux process. Each function gives 0 where /proc is not there. */
export const PROCESS_PROBE: ProcessProbe = {
  cpuSeconds: () => {
    const usage = process.cpuUsage();
    return (usage.user + usage.system) / 1e6;
  },
  residentBytes: () => process.memoryUsage.rss(),
  virtualBytes: () => readVirtualBytes(readText('/proc/self/statm'), process.memoryUsage.rss()),
  openDescriptors: () => countDescriptors(),
  maxDescriptors: () => readMaxDescriptors(readText('/proc/self/limits')),
  startSeconds: () => Math.round(performance.timeOrigin) / 1000,
  virtualBytesMax: () => readVirtualBytesMax(readText('/proc/self/limits')),
  networkBytes: () => readNetworkBytes(readText('/proc/self/net/netstat')),
};

/** Take the numbers before a scrape. */
export function sampleProcess(counters: Counters, probe: ProcessProbe = PROCESS_PROBE): void {
  counters.set(counters.slot('process_cpu_seconds_total'), probe.cpuSeconds());
  counters.set(counters.slot('process_resident_memory_bytes'), probe.residentBytes());
  counters.set(counters.slot('process_virtual_memory_bytes'), probe.virtualBytes());
  counters.set(counters.slot('process_open_fds'), probe.openDescriptors());
  counters.set(counters.slot('process_max_fds'), probe.maxDescriptors());
  counters.set(counters.slot('process_start_time_seconds'), probe.startSeconds());
  counters.set(counters.slot('process_virtual_memory_max_bytes'), probe.virtualBytesMax());
  const { received, sent } = probe.networkBytes();
  counters.set(counters.slot('process_network_receive_bytes_total'), received);
  counters.set(counters.slot('process_network_transmit_bytes_total'), sent);
}

/**
 * Virtual size in bytes from statm, whose numbers are pages.
 * @param residentBytes same moment's RSS in bytes; with statm's second number it tells the page size (arm64 has 64 KiB too)
 */
export function readVirtualBytes(statm: string, residentBytes: number): number {
  const [pages, residentPages] = statm.split(' ').map(Number);
  if (!pages || !residentPages) return 0;
  const guess = residentBytes / residentPages;
  const pageBytes = [PAGE_BYTES_USUAL, 16384, 65536].find((size) => guess < size * 2) ?? PAGE_BYTES_USUAL;
  return pages * pageBytes;
}

/** The soft limit in the row `Max open files` of /proc/PID/limits; 0 when the row is missing. */
export function readMaxDescriptors(limits: string): number {
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  if (soft === undefined) return 0;
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

/** The soft limit in the row `Max address space`, 2^64 for none as Go's client writes it; 0 when the row is missing. */
export function readVirtualBytesMax(limits: string): number {
  const soft = /^Max address space\s+(\S+)/m.exec(limits)?.[1];
  if (soft === undefined) return 0;
  return soft === 'unlimited' ? 2 ** 64 : Number(soft);
}

/** InOctets and OutOctets of the `IpExt` lines of /proc/PID/net/netstat: names in the first, numbers in the second. */
export function readNetworkBytes(netstat: string): NetworkBytes {
  const [names = [], numbers = []] = [...netstat.matchAll(/^IpExt: (.*)$/gm)].map(([, line]) => line.split(' '));
  const value = (name: string): number => Number(numbers[names.indexOf(name)] ?? 0);
  return { received: value('InOctets'), sent: value('OutOctets') };
}

function countDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length - 1; // The listing itself holds one.
  } catch {
    return 0;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
