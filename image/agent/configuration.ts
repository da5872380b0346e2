/**
 * From flags to the Corefile that is loaded.
 *
 *   -localip given and -basecorefile there:  template ──pillars──▶ text, written to -conf, loaded
 *   otherwise:                                -conf is loaded as it is (Kubespray mounts a ready one)
 *
 * When each of these happens again is in config-sync.ts.
 * @source kubernetes/dns cmd/node-cache/app/configmap.go updateCorefile
 */
import { resolve } from 'node:path';
import { type Environment, fileErrorText } from '../corefile/environment';
import { CorefileError, positionedText } from '../corefile/errors';
import { canonicalIp } from '../corefile/ip-address';
import { loadPlan, readCorefile } from '../corefile/load';
import type { PillarValues } from '../corefile/pillars';
import type { Plan } from '../corefile/plan';
import { readResolvConf } from '../upstream/resolv-conf';
import type { Settings } from './flags';
import type { KubeDnsConfig } from './kube-dns';
import type { Files } from './world';

/** What CoreDNS reads when -conf is not given. */
const COREFILE_DEFAULT = 'Corefile';
/** As os.WriteFile is called by the Go agent; the umask takes its part. */
const COREFILE_MODE = 0o666;

/** A Corefile's text and the name that messages use for it. */
export interface CorefileText {
  readonly file: string;
  /** Null when the file is still to be read from `file`. */
  readonly text: string | null;
  /** Nobody named the file, so it may be missing: then it is as good as empty. */
  readonly isOptional?: boolean;
}

/** The address behind -upstreamsvc, and where it was looked for. */
export interface ClusterDns {
  /** In its one form; `''` when it is unknown. */
  readonly address: string;
  readonly variable: string;
  /** What the variable holds. */
  readonly value: string;
}

/** `kube-dns-upstream` to `KUBE_DNS_UPSTREAM_SERVICE_HOST`, the variable the kubelet sets. */
export function serviceVariable(service: string): string {
  return `${service.toUpperCase().replace(/-/g, '_')}_SERVICE_HOST`;
}

/** The cluster's DNS address, from the environment. */
export function clusterDnsOf(service: string, environment: Readonly<Record<string, string | undefined>>): ClusterDns {
  const variable = serviceVariable(service);
  const value = environment[variable] ?? '';
  return { address: canonicalIp(value) ?? '', variable, value };
}

/** Is a Corefile made from the template at all? Without -localip there is nothing to put in; stdin is somebody's own. */
export function isRendered(settings: Settings): boolean {
  return settings.localIps.length > 0 && settings.conf !== 'stdin';
}

/** Is what was made written to -conf? Not over its own template, which would grow by its stub domains each time. */
export function isWritten(settings: Settings): boolean {
  return settings.conf !== '' && resolve(settings.conf) !== resolve(settings.baseCorefile);
}

/** The name of the Corefile in messages, and the place its relative imports begin. */
export function corefileName(settings: Settings): string {
  if (settings.conf !== '') return settings.conf;
  return isRendered(settings) ? settings.baseCorefile : COREFILE_DEFAULT;
}

/** The Corefile that is expected to be there already. */
export function readyCorefile(settings: Settings): CorefileText {
  if (settings.conf !== '') return { file: settings.conf, text: null };
  return { file: COREFILE_DEFAULT, text: null, isOptional: true };
}

/** What the template's placeholders stand for. */
export function pillarValues(settings: Settings, clusterDns: ClusterDns, kubeDns: KubeDnsConfig): PillarValues {
  return {
    localIps: settings.localIps,
    clusterDnsIp: clusterDns.address,
    clusterDnsVariable: clusterDns.variable,
    upstreamServers: kubeDns.upstreamServers,
    stubDomains: kubeDns.stubDomains,
    dnsPort: settings.dnsPort,
  };
}

/** What /etc/resolv.conf stands for where it names the cache itself. */
export interface SystemServers {
  /** Of its addresses those that are ours; none: the file is used as it is. */
  readonly own: readonly string[];
  /** Who is asked instead: its other servers, or else those of the cluster. */
  readonly others: readonly string[];
}

/**
 * Look for the cache in /etc/resolv.conf: a node that resolves by the cluster's DNS names the ClusterIP there. The Go agent
 * asks itself then, until its loop plugin ends it; before a lease is held no loop is to be seen, since kube-dns answers.
 */
export function systemServers(settings: Settings, clusterDns: ClusterDns, files: Pick<Files, 'read'>): SystemServers {
  let content: string;
  try {
    content = files.read('/etc/resolv.conf');
  } catch {
    return { own: [], others: [] }; // Said where it is needed: by forward.
  }
  const addresses = readResolvConf(content).addresses.map((address) => canonicalIp(address) ?? address);
  const own = addresses.filter((address) => settings.localIps.includes(address));
  const left = addresses.filter((address) => !own.includes(address));
  return { own, others: left.length > 0 || clusterDns.address === '' ? left : [clusterDns.address] };
}

/** The Corefile's text, read when it has to be. @throws CorefileError as CoreDNS's -conf flag */
export function corefileText({ file, text, isOptional = false }: CorefileText, environment: Environment): string {
  if (text !== null) return text;
  return isOptional && environment.pathKind(file) === 'missing' ? '' : readCorefile(file, environment);
}

/** @throws Error whose message goes to stderr as it is: `FILE:LINE - …` wherever a place is known */
export function loadCorefile(corefile: CorefileText, dnsPort: number, environment: Environment): Plan {
  const { file } = corefile;
  const text = corefileText(corefile, environment);
  try {
    return loadPlan(text, { file, dnsPort, environment });
  } catch (error) {
    throw error instanceof CorefileError ? new Error(positionedText(error)) : error;
  }
}

/** The template. @throws Error in the Go agent's words */
export function readTemplate(path: string, files: Pick<Files, 'read'>): string {
  try {
    return files.read(path);
  } catch (error) {
    throw new Error(`Failed to read node-cache coreFile ${path} - ${fileErrorText(error, path)}`);
  }
}

/** Write the Corefile to -conf. @throws Error in the Go agent's words */
export function writeCorefile(path: string, text: string, files: Pick<Files, 'replace'>): void {
  try {
    files.replace(path, text, COREFILE_MODE);
  } catch (error) {
    throw new Error(`Failed to write config file ${path} - err ${fileErrorText(error, path)}`);
  }
}
