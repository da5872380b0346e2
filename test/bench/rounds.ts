/**
 * Rounds of load, server after server: A B C, A B C, … A machine that grows slow for a minute then hurts all of them, and
 * ratios are taken within a round. All servers are up all the time; who is not asked sleeps.
 */
import path from 'node:path';
import { type LoadResult, runDnsperf } from './dnsperf';
import type { Cores } from './machine';
import { cpuMicroseconds, memoryUse } from './process-usage';
import { type Program, startProgram } from './program';
import type { Place, Server, UpstreamKind } from './servers';

/** What the command line says about a run. */
export interface Settings {
  readonly rounds: number;
  /** Of one load; a round has two per server. */
  readonly seconds: number;
  /** First of the ports that are used. */
  readonly port: number;
  /** Ask with EDNS and DO. */
  readonly dnssecOk: boolean;
  /** Who is asked by those who forward. */
  readonly upstream: UpstreamKind;
  readonly cores: Cores;
  /** Temporary folder of the run. */
  readonly folder: string;
  /** Says what goes on. */
  readonly say: (line: string) => void;
}

/** One load on one server. */
export interface Measurement extends LoadResult {
  readonly server: string;
  readonly round: number;
  /** `saturated`, or queries per second. */
  readonly load: 'saturated' | number;
  readonly cpuMicrosecondsPerQuery: number;
  readonly residentMiB: number;
  readonly anonymousMiB: number;
  /** Of the upstream: near 0 when the answers came from memory, which is how we know that they did. */
  readonly upstreamMicrosecondsPerQuery: number;
}

/** What is measured on whom. */
export interface Plan {
  readonly servers: readonly Server[];
  readonly upstream: Server;
  readonly queries: string;
  /** Queries per second of the second load. */
  readonly rate: number;
}

/** Ports of one server: queries, its metrics, the agent's own metrics; the rest is room. */
const PORTS_PER_SERVER = 5;
/** Share of answers that must be NOERROR: fewer, and something else is measured than was meant. */
const GOOD_SHARE_MIN = 0.999;

interface Started {
  readonly server: Server;
  readonly program: Program;
  readonly port: number;
}

/**
 * Start everyone, warm up, measure, stop everyone.
 * @throws Error when a server does not start, dies under load, or answers anything but NOERROR
 */
export async function measureRounds(plan: Plan, settings: Settings): Promise<Measurement[]> {
  const started: Started[] = [];
  const { cores, folder, port } = settings;
  const start = async (server: Server, place: Place): Promise<Started> => {
    const one = { server, program: await startProgram(server.prepare(place)), port: place.port };
    started.push(one);
    return one;
  };
  try {
    // The upstream shares the generator's core: the server has its own for itself.
    const upstream = await start(plan.upstream, { folder, port, upstreamPort: 0, core: cores.generator });
    const servers: Started[] = [];
    for (const server of plan.servers) {
      const serverPort = port + PORTS_PER_SERVER * started.length;
      servers.push(await start(server, { folder, port: serverPort, upstreamPort: port, core: cores.server }));
    }
    for (const one of servers) await warmUp(one, plan, settings);
    const measurements: Measurement[] = [];
    for (let round = 1; round <= settings.rounds; round++) {
      for (const one of servers) {
        for (const load of ['saturated', plan.rate] as const) {
          measurements.push(await measure(one, upstream, round, load, plan, settings));
        }
      }
    }
    return measurements;
  } finally {
    for (const { program } of started.reverse()) await program.stop();
  }
}

/** Every name once, so that caches have them; then a second of load, so that just-in-time compilers have run. */
async function warmUp(one: Started, plan: Plan, settings: Settings): Promise<void> {
  const load = { port: one.port, queries: plan.queries, core: settings.cores.generator, seconds: 1 };
  const file = path.join(settings.folder, 'dnsperf.output');
  settings.say(`warm up ${one.server.name}`);
  await runDnsperf({ ...load, passes: 1, rate: 5000 }, file);
  await runDnsperf({ ...load, dnssecOk: settings.dnssecOk }, file);
}

async function measure(
  one: Started,
  upstream: Started,
  round: number,
  load: 'saturated' | number,
  plan: Plan,
  settings: Settings,
): Promise<Measurement> {
  const { processId } = one.program;
  const cpuBefore = cpuMicroseconds(processId);
  const upstreamBefore = cpuMicroseconds(upstream.program.processId);
  const result = await runDnsperf(
    {
      port: one.port,
      queries: plan.queries,
      seconds: settings.seconds,
      rate: load === 'saturated' ? undefined : load,
      dnssecOk: settings.dnssecOk,
      core: settings.cores.generator,
    },
    path.join(settings.folder, 'dnsperf.output'),
  );
  for (const { program } of [one, upstream]) program.assertAlive();
  if (result.goodShare < GOOD_SHARE_MIN) {
    throw new Error(`${one.server.name}: ${(result.goodShare * 100).toFixed(2)} % NOERROR, want 99.9 %`);
  }
  const perQuery = (before: number, program: Program): number =>
    (cpuMicroseconds(program.processId) - before) / result.completed;
  const cpuMicrosecondsPerQuery = perQuery(cpuBefore, one.program);
  const what = load === 'saturated' ? load : `${load} q/s`;
  settings.say(`round ${round}, ${one.server.name}, ${what}: ${cpuMicrosecondsPerQuery.toFixed(2)} µs CPU per query`);
  return {
    ...result,
    ...memoryUse(processId),
    server: one.server.name,
    round,
    load,
    cpuMicrosecondsPerQuery,
    upstreamMicrosecondsPerQuery: perQuery(upstreamBefore, upstream.program),
  };
}
