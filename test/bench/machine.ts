/** The machine the figures are from: which cores may be used, which programs there are. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** Where things run. Equal on a machine with one core: then everything competes, and the machine line says so. */
export interface Cores {
  readonly server: number;
  readonly generator: number;
}

/**
 * Core numbers of a list as the kernel writes it.
 * @param text `0-3,8`
 */
export function parseCoreList(text: string): number[] {
  return text
    .trim()
    .split(',')
    .flatMap((range) => {
      const [first, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

/** The first allowed core serves, the last one generates. */
export function chooseCores(): Cores {
  const status = readFileSync('/proc/self/status', 'utf8');
  const allowed = parseCoreList(/^Cpus_allowed_list:\s*(.*)$/m.exec(status)?.[1] ?? '0');
  return { server: allowed[0], generator: allowed[allowed.length - 1] };
}

/** The program's full name, or undefined when it is not on PATH (or in /usr/sbin, where Debian keeps unbound). */
export function findProgram(name: string): string | undefined {
  const found = spawnSync('sh', ['-c', 'PATH=$PATH:/usr/sbin:/sbin command -v "$0"', name], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

function version(program: string, parameters: string[], pattern: RegExp): string {
  const { stdout, stderr } = spawnSync(program, parameters, { encoding: 'utf8' });
  return pattern.exec(`${stdout}${stderr}`)?.[1] ?? 'of unknown version';
}

/** One line: processor, cores in use, memory, kernel, and the versions of whoever takes part. */
export function machineLine(cores: Cores): string {
  const pinned =
    cores.server === cores.generator
      ? 'one core for everything'
      : `server on core ${cores.server}, load on core ${cores.generator}`;
  const parts = [
    `${cpus().length} × ${cpus()[0].model.trim()} (${pinned})`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `Linux ${release()} ${process.arch}`,
    `Node ${process.versions.node}`,
  ];
  const unbound = findProgram('unbound');
  const dnsperf = findProgram('dnsperf');
  if (unbound !== undefined) parts.push(`unbound ${version(unbound, ['-V'], /Version (\S+)/)}`);
  if (dnsperf !== undefined) parts.push(`dnsperf ${version(dnsperf, ['-h'], /Version (\S+)/)}`);
  return parts.join(', ');
}
