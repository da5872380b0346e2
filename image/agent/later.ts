/** Flags that are understood and whose mechanism this build does not have yet: said once at the start, never ignored. */
import type { Settings } from './flags';
import type { Files } from './world';

/** Where the manifest mounts the kube-dns ConfigMap when -kubednscm is not given. */
const KUBE_DNS_DIRECTORY = '/etc/kube-dns';

/**
 * One line for each mechanism that the flags ask for and that is not there.
 * @returns nothing without -localip: then none of them is asked for
 */
export function laterLines(settings: Settings, files: Pick<Files, 'exists'>): string[] {
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
  const directory = settings.kubeDnsDirectory || KUBE_DNS_DIRECTORY;
  if (settings.kubeDnsDirectory !== '' || files.exists(directory)) {
    lines.push(`-kubednscm: this build does not read the kube-dns ConfigMap in ${directory} yet`);
  }
  if (settings.reloadWithSignal) lines.push('-reloadwithsignal: this build cannot reload yet');
  return lines;
}
