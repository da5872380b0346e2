/** Flags that are understood and whose mechanism this build does not have yet: said once at the start, never ignored. */
import type { Settings } from './flags';

/**
 * One line for each mechanism that the flags ask for and that is not there.
 * @returns nothing without -localip: then none of them is asked for
 */
export function laterLines(settings: Settings): string[] {
  if (settings.localIps.length === 0) return [];
  const lines: string[] = [];
  const addresses = settings.localIps.join(', ');
  if (settings.setupInterface) {
    lines.push(
      `-setupinterface: this build does not make the interface ${settings.interfaceName} yet; ` +
        `put ${addresses} on an interface yourself (ip addr add ADDRESS dev lo)`,
    );
  }
  if (settings.setupIptables) {
    lines.push('-setupiptables: this build does not write firewall rules yet; queries pass connection tracking');
  }
  return lines;
}
