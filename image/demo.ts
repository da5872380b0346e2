/** `npm start`: the cache on 127.0.0.1 with a made-up cluster.local, without root. The Corefile is demo/Corefile. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runAgent } from './agent/run';
import { systemWorld } from './agent/system';
import { tcpPortIsFree, udpPortIsFree } from './demo/ports';
import {
  busyPortText,
  DEMO_ADDRESS,
  type DemoPorts,
  demoSettings,
  demoText,
  demoVariables,
  namesResolvers,
  readDemoCommandLine,
} from './demo/settings';

const FOLDER = join(__dirname, '../demo'); // This code runs from dist/.

/** @returns the message for the first port that is taken, or null */
async function findBusyPort(ports: DemoPorts): Promise<string | null> {
  const dnsPort = ports['dns.port'];
  if (!(await udpPortIsFree(DEMO_ADDRESS, dnsPort))) return busyPortText('dns.port', dnsPort, 'udp');
  for (const flag of ['dns.port', 'metrics-port', 'health-port'] as const) {
    if (!(await tcpPortIsFree(DEMO_ADDRESS, ports[flag]))) return busyPortText(flag, ports[flag], 'tcp');
  }
  return null;
}

async function runDemo(ports: DemoPorts): Promise<void> {
  const busy = await findBusyPort(ports);
  if (busy !== null) return end(1, busy);
  const hasResolvers = namesResolvers(() => readFileSync('/etc/resolv.conf', 'utf8'));
  const system = systemWorld(__dirname);
  const variables = demoVariables(ports, FOLDER, hasResolvers);
  await runAgent({
    settings: demoSettings(ports, join(FOLDER, 'Corefile')),
    world: { ...system, machine: (warn) => ({ ...system.machine(warn), variables }) },
    exit: (code) => process.exit(code),
    started: (log) => log.raw(demoText(ports, hasResolvers)),
  });
}

function end(exitCode: number, text: string): void {
  process.stderr.write(text);
  process.exitCode = exitCode;
}

const commandLine = readDemoCommandLine(process.argv.slice(2));
if (commandLine.kind === 'end') end(commandLine.exitCode, commandLine.text);
else void runDemo(commandLine.ports);
