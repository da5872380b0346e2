/**
 * From flags to the Corefile that is loaded.
 *
 *   -localip given and -basecorefile there:  template ──pillars──▶ text, written to -conf, loaded
 *   otherwise:                                -conf is loaded as it is (Kubespray mounts a ready one)
 *
 * @source kubernetes/dns cmd/node-cache/app/configmap.go updateCorefile
 */
import type { Environment } from '../corefile/environment';
import { CorefileError, positionedText } from '../corefile/errors';
import { loadPlan, readCorefile } from '../corefile/load';
import { type PillarValues, pillarWarnings, renderPillars } from '../corefile/pillars';
import type { Plan } from '../corefile/plan';
import type { Log } from '../observe/log';
import type { Settings } from './flags';
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
}

/** What rendering needs. */
export interface ConfigurationAccess {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly files: Files;
  readonly log: Log;
  /** A kind of set-up error for coredns_nodecache_setup_errors_total. */
  countSetupError(type: 'configmap'): void;
}

/** `kube-dns-upstream` to `KUBE_DNS_UPSTREAM_SERVICE_HOST`, the variable the kubelet sets. */
export function serviceVariable(service: string): string {
  return `${service.toUpperCase().replace(/-/g, '_')}_SERVICE_HOST`;
}

/**
 * Make the Corefile from its template when there is one.
 * @throws CorefileError when the template needs an address that is not known
 */
export function renderCorefile(settings: Settings, access: ConfigurationAccess): CorefileText {
  const conf = settings.conf === '' ? COREFILE_DEFAULT : settings.conf;
  if (settings.localIps.length === 0 || settings.conf === 'stdin') return { file: conf, text: null };
  const base = readTemplate(settings.baseCorefile, access);
  if (base === null) return { file: conf, text: null };
  const values = pillarValues(settings, access);
  const text = renderPillars(base, values);
  for (const warning of pillarWarnings(base, values)) access.log.warning(warning);
  access.log.block('Using config file:', text);
  return writeCorefile(settings, text, access);
}

/** @throws Error whose message goes to stderr as it is: `FILE:LINE - …` wherever a place is known */
export function loadCorefile(corefile: CorefileText, dnsPort: number, environment: Environment): Plan {
  const text = corefile.text ?? readCorefile(corefile.file, environment);
  try {
    return loadPlan(text, { file: corefile.file, dnsPort, environment });
  } catch (error) {
    throw error instanceof CorefileError ? new Error(positionedText(error)) : error;
  }
}

/** @returns null when there is none: then a ready Corefile is expected at -conf */
function readTemplate(path: string, access: ConfigurationAccess): string | null {
  try {
    return access.files.read(path);
  } catch (error) {
    access.countSetupError('configmap');
    access.log.error(`Failed to read -basecorefile ${path}: ${(error as Error).message}; -conf is used as it is`);
    return null;
  }
}

function pillarValues(settings: Settings, access: ConfigurationAccess): PillarValues {
  const variable = serviceVariable(settings.upstreamService);
  const clusterDnsIp = access.environment[variable] ?? '';
  if (clusterDnsIp === '') {
    const service = settings.upstreamService;
    access.log.warning(`Unable to lookup IP address of Upstream service ${service}, env ${variable} ${clusterDnsIp}`);
  }
  return {
    localIps: settings.localIps,
    clusterDnsIp,
    clusterDnsVariable: variable,
    upstreamServers: [],
    stubDomains: {},
    dnsPort: settings.dnsPort,
  };
}

/** On a read-only file system the text is as good without its file. */
function writeCorefile(settings: Settings, text: string, access: ConfigurationAccess): CorefileText {
  if (settings.conf === '') {
    access.log.warning('-conf is not given: the Corefile made from -basecorefile is used without being written');
    return { file: settings.baseCorefile, text };
  }
  try {
    access.files.write(settings.conf, text, COREFILE_MODE);
    access.log.info('Updated Corefile with 0 custom stubdomains and upstream servers /etc/resolv.conf');
  } catch (error) {
    access.countSetupError('configmap');
    access.log.error(
      `Failed to write config file ${settings.conf}: ${(error as Error).message}; used without being written`,
    );
  }
  return { file: settings.conf, text };
}
