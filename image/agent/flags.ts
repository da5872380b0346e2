/**
 * Every flag of k8s-dns-node-cache 1.26.8, with its defaults, so that a DaemonSet's `args` stay as they are; and what the
 * typed settings are that the rest of the agent reads.
 *
 * Kept traps, softened where the Go agent would crash or do something nobody wants:
 *   -syncinterval  is a Go duration there whose nanoseconds are taken as seconds (60ns is a minute, 30s panics). Here 60ns,
 *                  60 and 60s all are a minute.
 *   -localip       stays strict, because its texts go to `bind` and to firewall rules: no blanks, no empty items. Both
 *                  address families may be given, and it may be left out: then nothing is bound to a link. An item
 *                  `$(NAME)` is a variable that the kubelet did not know: it is left out, with a warning.
 *   -corefile      never had an effect: -conf's value always replaced it.
 * @source kubernetes/dns cmd/node-cache/main.go and app/cache_app.go, coredns coremain/run.go
 */
import { isIP } from 'node:net';
import { parseDuration } from '../corefile/go-duration';
import { integerOrNothing } from '../corefile/go-integer';
import { quote } from '../corefile/go-quote';
import { LEASES_MAX } from '../limits';
import { leaseProblem } from '../node/lease-times';
import { FlagError, type FlagTable, type FlagValues, parseFlags, usageText } from './go-flags';

/** Flags by name: kind, default as typed, one sentence. */
export const FLAGS = {
  localip: {
    kind: 'string',
    default: '',
    usage: 'Addresses that pods ask, separated by commas without blanks; IPv4 and IPv6 may be mixed.',
  },
  setupinterface: {
    kind: 'bool',
    default: 'true',
    usage: 'Keep a dummy network interface that holds the addresses of -localip.',
  },
  interfacename: { kind: 'string', default: 'nodelocaldns', usage: 'Name of that interface.' },
  syncinterval: {
    kind: 'duration',
    default: '60ns',
    usage: 'Time between two checks of interface and rules; a plain number and nanoseconds count as seconds.',
  },
  'metrics-listen-address': {
    kind: 'string',
    default: '0.0.0.0:9353',
    usage: "Address of the agent's own /metrics; 0 for none.",
  },
  setupiptables: {
    kind: 'bool',
    default: 'true',
    usage: 'Keep firewall rules that let queries to the addresses of -localip skip connection tracking.',
  },
  basecorefile: {
    kind: 'string',
    default: '/etc/coredns/Corefile.base',
    usage: 'Corefile template; what is made of it is written to -conf.',
  },
  corefile: { kind: 'string', default: '/etc/Corefile', usage: 'Without effect, as in k8s-dns-node-cache: use -conf.' },
  kubednscm: {
    kind: 'string',
    default: '',
    usage: 'Directory where the kube-dns ConfigMap is mounted; /etc/kube-dns when it exists and nothing is given.',
  },
  upstreamsvc: {
    kind: 'string',
    default: 'kube-dns',
    usage: 'Service whose cluster IP is asked for cluster names; found through its NAME_SERVICE_HOST variable.',
  },
  'health-port': {
    kind: 'string',
    default: '8080',
    usage: 'Port of the health plugin, for the firewall rules; the plugin itself is set in the Corefile.',
  },
  skipteardown: { kind: 'bool', default: 'false', usage: 'Leave interface and rules behind when the process ends.' },
  reloadwithsignal: {
    kind: 'bool',
    default: 'false',
    usage: 'Reload with SIGUSR1 to itself after every change of the Corefile.',
  },
  conf: { kind: 'string', default: '', usage: 'Corefile to load; stdin reads it from there.' },
  'dns.port': { kind: 'string', default: '53', usage: 'Port of server blocks that name none.' },
  p: { kind: 'string', default: '53', usage: 'Same as -dns.port.', alias: 'dns.port' },
  pidfile: { kind: 'string', default: '', usage: 'File that gets the process id once all sockets are open.' },
  plugins: { kind: 'bool', default: 'false', usage: 'List the plugins of this build and end.' },
  version: { kind: 'bool', default: 'false', usage: 'Show the version and end.' },
  quiet: { kind: 'bool', default: 'false', usage: 'Start without printing zones and version.' },
  firewall: {
    kind: 'string',
    default: 'auto',
    usage: 'What writes the rules: nft, iptables, or auto for the first of them that works on this node.',
  },
  leaserenew: {
    kind: 'duration',
    default: '250ms',
    usage: 'Time between two questions to itself; each answer renews the lease by which pods reach this cache.',
  },
  leaseexpire: {
    kind: 'duration',
    default: '1s',
    usage: 'Time after the last answer until the kernel sends pods to kube-dns instead.',
  },
  fallbacksvc: {
    kind: 'string',
    default: '',
    usage:
      'Headless Service with the pods of kube-dns, as a full name: who answers for the link-local address meanwhile.',
  },
  control: {
    kind: 'string',
    default: '',
    usage: 'Socket for the commands status, query and top; by default in /run, /tmp or the directory of -conf.',
  },
} as const satisfies FlagTable;

/** Name of a flag that exists. */
export type FlagName = keyof typeof FLAGS;

/** The flags as the agent uses them. */
export interface Settings {
  /** As typed, in order; empty when -localip was not given. */
  readonly localIps: readonly string[];
  readonly setupInterface: boolean;
  readonly interfaceName: string;
  readonly syncIntervalSeconds: number;
  /** HOST:PORT, or `0` for none. */
  readonly metricsListenAddress: string;
  readonly setupIptables: boolean;
  readonly baseCorefile: string;
  /** Empty when not given: then /etc/kube-dns is looked for. */
  readonly kubeDnsDirectory: string;
  readonly upstreamService: string;
  readonly healthPort: number;
  readonly skipTeardown: boolean;
  readonly reloadWithSignal: boolean;
  /** Empty when not given: then `Corefile` in the working directory is read. */
  readonly conf: string;
  readonly dnsPort: number;
  /** Empty for none. */
  readonly pidfile: string;
  readonly plugins: boolean;
  readonly version: boolean;
  readonly quiet: boolean;
  /** Items of -localip that the kubelet left as `$(NAME)`; not in {@link localIps}. */
  readonly unfilledLocalIps: readonly string[];
  readonly firewall: FirewallChoice;
  readonly leaseRenewMs: number;
  readonly leaseExpireMs: number;
  /** Fully qualified, or empty for none. */
  readonly fallbackService: string;
  /** Path of a unix socket; empty to choose one. */
  readonly controlSocket: string;
}

/** Values of -firewall. */
const FIREWALL_CHOICES = ['auto', 'nft', 'iptables'] as const;
/** What -firewall may say. */
export type FirewallChoice = (typeof FIREWALL_CHOICES)[number];

/** A command line ends in settings, or in a text and an exit code. */
export type CommandLine =
  | { readonly kind: 'run'; readonly settings: Settings }
  | { readonly kind: 'end'; readonly exitCode: number; readonly text: string };

/**
 * @param program its name in the usage text
 * @param parameters the command line without program name
 * @returns settings; or exit code 2 with the usage (0 when it was asked for), or 1 with one message, both for stderr
 */
export function readCommandLine(program: string, parameters: readonly string[]): CommandLine {
  try {
    const flags = parseFlags(FLAGS, parameters);
    const syncIntervalSeconds = readSyncInterval(flags.values.get('syncinterval') as string);
    const settings = readSettings(flags, syncIntervalSeconds);
    if (flags.rest.length > 0) return refusal(`extra command line arguments: [${flags.rest.join(' ')}]`);
    return { kind: 'run', settings };
  } catch (error) {
    if (error instanceof SettingError) return refusal(`[FATAL] Error parsing flags - ${error.message}`);
    if (!(error instanceof FlagError)) throw error;
    const head = error.help ? '' : `${error.message}\n`;
    return { kind: 'end', exitCode: error.help ? 0 : 2, text: head + usageText(program, FLAGS) };
  }
}

/** A flag has a value of the right form that cannot be meant. */
class SettingError extends Error {}

function refusal(text: string): CommandLine {
  return { kind: 'end', exitCode: 1, text: `${text}\n` };
}

function readSettings(flags: FlagValues, syncIntervalSeconds: number): Settings {
  const text = (name: FlagName): string => flags.values.get(name) as string;
  const truth = (name: FlagName): boolean => text(name) === 'true';
  const items = flags.given.has('localip') ? text('localip').split(',') : [];
  const localIps = readLocalIps(text('localip'), items);
  const dnsPort = readPort('port', text('dns.port'));
  const healthPort = readPort('healthcheck port', text('health-port'));
  return {
    localIps,
    setupInterface: truth('setupinterface'),
    interfaceName: text('interfacename'),
    syncIntervalSeconds,
    metricsListenAddress: text('metrics-listen-address'),
    setupIptables: truth('setupiptables'),
    baseCorefile: text('basecorefile'),
    kubeDnsDirectory: text('kubednscm'),
    upstreamService: text('upstreamsvc'),
    healthPort,
    skipTeardown: truth('skipteardown'),
    reloadWithSignal: truth('reloadwithsignal'),
    conf: text('conf'),
    dnsPort,
    pidfile: text('pidfile'),
    plugins: truth('plugins'),
    version: truth('version'),
    quiet: truth('quiet'),
    unfilledLocalIps: items.filter((item) => UNFILLED.test(item)),
    firewall: readFirewall(text('firewall')),
    ...readLease(text('leaserenew'), text('leaseexpire')),
    fallbackService: readServiceName(text('fallbacksvc')),
    controlSocket: text('control'),
  };
}

/** What the kubelet leaves of a variable that it does not know. @source Kubernetes Container v1 core: args */
const UNFILLED = /^\$\([A-Za-z_][A-Za-z0-9_.-]*\)$/;

/** @throws SettingError */
function readFirewall(value: string): FirewallChoice {
  const choice = FIREWALL_CHOICES.find((known) => known === value);
  if (choice !== undefined) return choice;
  throw new SettingError(`invalid firewall specified - ${quote(value)}, Exiting: want auto, nft or iptables`);
}

/** @throws FlagError in Go's words when one is no duration; SettingError when the two do not go together */
function readLease(renew: string, expire: string): { leaseRenewMs: number; leaseExpireMs: number } {
  const leaseRenewMs = readMilliseconds('leaserenew', renew);
  const leaseExpireMs = readMilliseconds('leaseexpire', expire);
  const problem = leaseProblem(leaseRenewMs, leaseExpireMs);
  if (problem !== null) throw new SettingError(`invalid lease specified - ${problem}`);
  return { leaseRenewMs, leaseExpireMs };
}

/** @throws SettingError when it is no name of a Service */
function readServiceName(value: string): string {
  if (value === '' || /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\.?$/.test(value)) return value;
  throw new SettingError(
    `invalid fallbacksvc specified - ${quote(value)}, Exiting: want a full name such as ` +
      'kube-dns-endpoints.kube-system.svc.cluster.local',
  );
}

/**
 * The items of -localip, each an address without zone; without those that the kubelet left unfilled.
 * @throws SettingError with node-cache's text and what is wrong with which item
 */
function readLocalIps(value: string, items: readonly string[]): string[] {
  items.forEach((item, index) => {
    if (isIP(item) !== 0 && !item.includes('%')) return;
    if (UNFILLED.test(item) && items.some((other) => isIP(other) !== 0)) return; // One address is enough to serve on.
    throw new SettingError(
      `invalid localip specified - ${quote(item)}, Exiting: ` +
        `item ${index + 1} of -localip ${quote(value)} ${whyNoAddress(item)}`,
    );
  });
  if (items.length > LEASES_MAX) {
    throw new SettingError(
      `invalid localip specified - ${items.length} addresses, Exiting: want at most ${LEASES_MAX}; pods ask one or two`,
    );
  }
  return items.filter((item) => !UNFILLED.test(item));
}

function whyNoAddress(item: string): string {
  if (UNFILLED.test(item)) return 'is a variable that the kubelet did not know; put the address there';
  if (item === '') return 'is empty; remove the comma that is too many, or give an address such as 169.254.20.10';
  if (item !== item.trim()) return 'has blanks around it; write the addresses with commas only';
  if (item.includes('%')) return 'names an interface; give the address without %zone';
  if (item.includes('/')) return 'is a network; give a single address without /length';
  if (item.startsWith('__PILLAR__')) return 'is a placeholder that was never replaced; put the address there';
  return 'is no IPv4 or IPv6 address';
}

/** A number as Go's Atoi reads it, and one that a packet can carry. @throws SettingError with node-cache's text */
function readPort(kind: 'port' | 'healthcheck port', value: string): number {
  const port = integerOrNothing(value);
  if (port !== undefined && port >= 1 && port <= 65535) return port;
  throw new SettingError(`invalid ${kind} specified - ${quote(value)}, Exiting: want a number from 1 to 65535`);
}

/**
 * -syncinterval in seconds. Nanoseconds and plain numbers are seconds, as the Go agent has it; longer units are what they say.
 * @throws FlagError in Go's words when it is no duration, or not above zero
 */
function readSyncInterval(value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  const nanoseconds = Number(parseDurationOrZero(value));
  if (nanoseconds <= 0) {
    throw new FlagError(
      `invalid value ${quote(value)} for flag -syncinterval: parse error - want a time above zero such as 60s`,
    );
  }
  return nanoseconds < 1e6 ? nanoseconds : nanoseconds / 1e9; // Below a millisecond nobody means what it says.
}

/** @throws FlagError in Go's words */
function readMilliseconds(flag: FlagName, value: string): number {
  const nanoseconds = Number(parseDurationOrZero(value));
  if (nanoseconds > 0) return nanoseconds / 1e6;
  throw new FlagError(
    `invalid value ${quote(value)} for flag -${flag}: parse error - want a time above zero such as 1s`,
  );
}

function parseDurationOrZero(value: string): bigint {
  try {
    return parseDuration(value);
  } catch {
    return 0n;
  }
}
