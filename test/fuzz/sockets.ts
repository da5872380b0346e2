/**
 * A running cache in a hostile world, on ports 22060-22067: spoiled packets from clients, then an upstream that lies. The
 * process must stay alive, quiet and no larger than it was, and answer everything that has an answer.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeCertificate } from '../support/certificate';
import { Daemon } from '../support/daemon';
import { HostileUpstream } from '../support/hostile-upstream';
import { Random } from './random';
import { Clients, type Failure } from './sockets-clients';
import { Askers, HOSTILE_ZONES } from './sockets-upstream';

/** Outcome of a run. */
export interface SocketsReport {
  readonly packets: number;
  readonly seed: number;
  readonly seconds: number;
  /** Packets through a hostile upstream, and what they were answered, by response code. */
  readonly upstreamAnswers: number;
  readonly upstreamRcodes: readonly number[];
  /** MB of memory of its own at the start, at the half and at the end of the clients' part, and at the end of all. */
  readonly memoryMb: readonly number[];
  readonly failures: readonly Failure[];
}

/** Ports of the server: on one address, on all, and with zones behind the upstreams; ports of these. */
function portsFrom(first: number) {
  const [fair, foul, brief, tlsFair, tlsFoul] = [3, 4, 5, 6, 7].map((offset) => first + offset);
  return { one: first, all: first + 1, hostile: first + 2, fair, foul, brief, tlsFair, tlsFoul };
}
type Ports = ReturnType<typeof portsFrom>;

/** One packet in so many is a question through a hostile upstream. */
const UPSTREAM_SHARE = 20;
/** MB the process may grow in the second half: the garbage collector's mood, far under one octet per packet of a million. */
const GROWTH_MB_MAX = 12;

/** The server's configuration: zones answered on the spot, on one address and on all, and zones behind the upstreams. */
function corefile(ports: Ports, folder: string): string {
  const address = (name: string, count: number): string =>
    Array.from({ length: count }, (_, index) => `answer "${name} 30 IN A 192.0.2.${index + 1}"`).join('\n        ');
  const zones = `
    errors
    cache 30
    template IN A large.example.org {
        ${address('large.example.org.', 100)}
    }
    template IN A example.org {
        ${address('{{ .Name }}', 1)}
    }
    template IN ANY {
        rcode NXDOMAIN
        authority "example.org. 5 IN SOA ns.example.org. hostmaster.example.org. 1 7200 1800 86400 5"
    }`;
  const hostile = HOSTILE_ZONES.map(({ zone, cached, overTcp, foul, brief, tls }) => {
    const port = tls ? (foul ? ports.tlsFoul : ports.tlsFair) : brief ? ports.brief : foul ? ports.foul : ports.fair;
    const upstream = `${tls ? 'tls://' : ''}127.0.0.1:${port}`;
    const way = tls ? `tls ${path.join(folder, 'authority.pem')}` : overTcp ? 'force_tcp' : 'policy random';
    return `${zone}:${ports.hostile} {
    bind 127.0.0.1
    ${cached ? 'cache 30' : ''}
    forward . ${upstream} {
        ${way}
    }
}`;
  });
  return [`.:${ports.one} {\n    bind 127.0.0.1${zones}\n}`, `.:${ports.all} {${zones}\n}`, ...hostile, ''].join('\n');
}

/** MB of memory that is the process's own: anonymous, resident. */
function memoryMb(processId: number): number {
  const status = readFileSync(`/proc/${processId}/status`, 'utf8');
  return Math.round(Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]) / 102.4) / 10;
}

async function runClients(daemon: Daemon, clients: Clients, count: number, memory: number[]): Promise<void> {
  try {
    for (const _half of [0, 1]) {
      await clients.run(count >> 1, () => daemon.isOver);
      if (!daemon.isOver) memory.push(memoryMb(daemon.processId));
    }
  } finally {
    clients.close();
  }
}

/** What is to be said of the process itself. */
function complaints(daemon: Daemon, greetingLength: number, memory: readonly number[], packets: number): Failure[] {
  const found: Failure[] = [];
  const said = (daemon.stdout + daemon.stderr).slice(greetingLength);
  if (daemon.isOver) found.push({ reason: `the server ended: ${said}`, hex: '' });
  else if (said !== '') found.push({ reason: `the server logs packets: ${said.slice(0, 1000)}`, hex: '' });
  const growth = memory[2] - memory[1];
  // In a short run the second half still warms up: the cache fills, functions are compiled.
  if (packets >= 500_000 && growth > GROWTH_MB_MAX) found.push({ reason: `grew by ${growth} MB`, hex: '' });
  return found;
}

/**
 * Send `packets` packets. The bundle must have been built.
 * @param seed the same seed gives the same packets, though not in the same order in time
 * @param firstPort of eight that must be free
 */
export async function fuzzSockets(packets: number, seed: number, firstPort = 22060): Promise<SocketsReport> {
  const ports = portsFrom(firstPort);
  const folder = mkdtempSync(path.join(tmpdir(), 'fuzz-sockets-'));
  const certificate = makeCertificate({ name: 'hostile', hosts: ['127.0.0.1'] });
  writeFileSync(path.join(folder, 'authority.pem'), certificate.certificate);
  writeFileSync(path.join(folder, 'Corefile'), corefile(ports, folder));
  const start = performance.now();
  const random = new Random(seed);
  const upstreams = new Map([
    [ports.fair, new HostileUpstream(random)],
    [ports.foul, new HostileUpstream(random)],
    [ports.brief, new HostileUpstream(random, true)],
    [ports.tlsFair, new HostileUpstream(random, false, certificate)],
    [ports.tlsFoul, new HostileUpstream(random, false, certificate)],
  ]);
  // First: two runs at a time would share the server's ports (SO_REUSEPORT), but not these.
  for (const [port, upstream] of upstreams) await upstream.start(port);
  const daemon = new Daemon('main.js', ['-conf', path.join(folder, 'Corefile'), '-metrics-listen-address', '0']);
  try {
    await daemon.says('nodelocaldns-');
    const greetingLength = daemon.stdout.length + daemon.stderr.length;
    const memory = [memoryMb(daemon.processId)];
    const asked = Math.ceil(packets / UPSTREAM_SHARE);
    const clients = new Clients(random, [ports.one, ports.all]);
    await runClients(daemon, clients, packets - asked, memory);
    const askers = new Askers(random, ports.hostile, [...upstreams.values()]);
    if (!daemon.isOver) await askers.run(asked).finally(() => askers.close());
    if (!daemon.isOver) memory.push(memoryMb(daemon.processId));
    const failures = [...clients.failures, ...askers.failures];
    failures.push(...complaints(daemon, greetingLength, memory, packets));
    return {
      packets: clients.sent + askers.answered,
      seed,
      seconds: (performance.now() - start) / 1000,
      upstreamAnswers: askers.answered,
      upstreamRcodes: askers.rcodes,
      memoryMb: memory,
      failures,
    };
  } finally {
    await daemon.stop();
    for (const upstream of upstreams.values()) await upstream.close();
    rmSync(folder, { recursive: true });
  }
}
