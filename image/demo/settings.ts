/** What `npm start` needs beside the agent: its own flags, its Corefile's variables, its three lines. */
import type { Settings } from '../agent/flags';
import { FlagError, type FlagTable, parseFlags, usageText } from '../agent/go-flags';
import { readResolvConf } from '../upstream/resolv-conf';

/** The demo listens here and nowhere else. */
export const DEMO_ADDRESS = '127.0.0.1';

/** One flag per port, so that each busy port can be moved. */
export const DEMO_FLAGS = {
  'dns.port': { kind: 'string', default: '1053', usage: 'Port of DNS, UDP and TCP.' },
  'metrics-port': { kind: 'string', default: '9253', usage: 'Port of /metrics.' },
  'health-port': { kind: 'string', default: '8080', usage: 'Port of /health.' },
} as const satisfies FlagTable;

/** Name of a flag of the demo. */
export type DemoFlagName = keyof typeof DEMO_FLAGS;

/** The ports by flag. */
export type DemoPorts = Readonly<Record<DemoFlagName, number>>;

/** Ports, or a text for stderr and an exit code. */
export type DemoCommandLine =
  | { readonly kind: 'run'; readonly ports: DemoPorts }
  | { readonly kind: 'end'; readonly exitCode: number; readonly text: string };

/** @param parameters the command line without program name */
export function readDemoCommandLine(parameters: readonly string[]): DemoCommandLine {
  try {
    const { values, rest } = parseFlags(DEMO_FLAGS, parameters);
    if (rest.length > 0)
      return { kind: 'end', exitCode: 1, text: `extra command line arguments: [${rest.join(' ')}]\n` };
    const port = (name: DemoFlagName): number => {
      const value = values.get(name) as string;
      if (/^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65535) return Number(value);
      throw new FlagError(`-${name} is ${JSON.stringify(value)}, want a port from 1 to 65535`);
    };
    const ports = {
      'dns.port': port('dns.port'),
      'metrics-port': port('metrics-port'),
      'health-port': port('health-port'),
    };
    return { kind: 'run', ports };
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    const usage = usageText('npm start --', DEMO_FLAGS);
    return error.help
      ? { kind: 'end', exitCode: 0, text: usage }
      : { kind: 'end', exitCode: 2, text: `${error.message}\n${usage}` };
  }
}

/** The message for a port that another program holds, with the flag that moves it. */
export function busyPortText(flag: DemoFlagName, port: number, protocol: 'udp' | 'tcp'): string {
  return (
    `listen ${protocol} ${DEMO_ADDRESS}:${port}: bind: address already in use - ` +
    `another program has the port; choose a free one: npm start -- -${flag} ${port === 65535 ? 1024 : port + 1}\n`
  );
}

/** The agent's settings. @param corefile path of the demo's Corefile */
export function demoSettings(ports: DemoPorts, corefile: string): Settings {
  return {
    localIps: [],
    unfilledLocalIps: [],
    firewall: 'auto',
    leaseRenewMs: 250,
    leaseExpireMs: 1_000,
    fallbackService: '',
    controlSocket: '',
    setupInterface: false,
    interfaceName: '',
    syncIntervalSeconds: 60,
    metricsListenAddress: '0',
    setupIptables: false,
    baseCorefile: '',
    kubeDnsDirectory: '',
    upstreamService: '',
    healthPort: ports['health-port'],
    skipTeardown: true,
    reloadWithSignal: false,
    conf: corefile,
    dnsPort: ports['dns.port'],
    pidfile: '',
    plugins: false,
    version: false,
    quiet: true,
  };
}

/** The variables of demo/Corefile. @param hasResolvers the machine's /etc/resolv.conf names a server */
export function demoVariables(ports: DemoPorts, folder: string, hasResolvers: boolean): Record<string, string> {
  return {
    DEMO_METRICS_PORT: String(ports['metrics-port']),
    DEMO_HEALTH_PORT: String(ports['health-port']),
    DEMO_FOLDER: folder,
    DEMO_REST: hasResolvers ? 'forwarded' : 'nowhere',
  };
}

/** The three lines of a started demo. */
export function demoText(ports: DemoPorts, hasResolvers: boolean): string {
  const rest = hasResolvers ? '' : '  (/etc/resolv.conf names no server: names outside the cluster are SERVFAIL)';
  return [
    `Ask:     dig @${DEMO_ADDRESS} -p ${ports['dns.port']} kubernetes.default.svc.cluster.local${rest}`,
    `Metrics: http://${DEMO_ADDRESS}:${ports['metrics-port']}/metrics`,
    'Stop:    Ctrl-C\n',
  ].join('\n');
}

/** Whether a resolv.conf names a server. @param read its text, or throws when there is none */
export function namesResolvers(read: () => string): boolean {
  try {
    return readResolvConf(read()).addresses.length > 0;
  } catch {
    return false;
  }
}
