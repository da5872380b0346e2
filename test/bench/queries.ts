/** The two benches that ask servers over the loopback interface: answers from memory, and answers fetched each time. */
import path from 'node:path';
import { findProgram } from './machine';
import { writeQueries } from './names';
import { type Baseline, markdownTable, ratios, targetText } from './report';
import { type Measurement, measureRounds, type Settings } from './rounds';
import { echo, nodeCache, ours, type Server, type UpstreamKind, unbound, upstream, type Work } from './servers';

/** What a bench leaves behind. */
export interface Section {
  readonly name: string;
  /** Heading, table and remarks. */
  readonly markdown: string;
  /** Raw records, for --json. */
  readonly records: readonly object[];
}

interface Bench {
  readonly title: string;
  readonly work: Work;
  readonly servers: readonly Server[];
  readonly rate: number;
  readonly baselines: readonly Baseline[];
  /** The project's own targets. */
  readonly targets: (measurements: readonly Measurement[]) => (string | undefined)[];
}

const OURS = ours('hit').name;
const FLOOR = echo().name;
const UNBOUND = unbound('hit').name;
/** Targets of the project: CPU of a hit by that of the floor and of unbound, microseconds of a saturated miss. */
const FLOOR_RATIO_MAX = 1.5;
const UNBOUND_RATIO_MAX = 1;
const MISS_MICROSECONDS_MAX = 10;
/** An upstream that works more than this per query is being asked: those were not hits. */
const UPSTREAM_IDLE_MICROSECONDS = 0.2;
const NOUNS: Readonly<Record<Work, string>> = { hit: 'hits', miss: 'misses' };
const UPSTREAM_TITLES: Readonly<Record<UpstreamKind, string>> = {
  c: 'an upstream in C that answers at once',
  unbound: 'an unbound as upstream',
};

function prefixed(prefix: string, text: string | undefined): string | undefined {
  return text === undefined ? undefined : `${prefix} ${text}`;
}

const HITS: Bench = {
  title: 'Hits: 2,000 names in memory, UDP',
  work: 'hit',
  servers: [echo(), ours('hit'), unbound('hit'), nodeCache('hit')],
  rate: 20_000,
  baselines: [
    { server: FLOOR, title: 'floor' },
    { server: UNBOUND, title: 'unbound' },
  ],
  targets: (measurements) => [
    prefixed('CPU by floor', targetText(ratios(measurements, OURS, FLOOR), 2, FLOOR_RATIO_MAX)),
    prefixed('CPU by unbound', targetText(ratios(measurements, OURS, UNBOUND), 2, UNBOUND_RATIO_MAX)),
  ],
};

const MISSES: Bench = {
  title: 'Misses: no cache, forwarded over kept TCP',
  work: 'miss',
  servers: [ours('miss'), unbound('miss'), nodeCache('miss')],
  rate: 5_000,
  baselines: [{ server: UNBOUND, title: 'unbound' }],
  targets: (measurements) => [
    prefixed(
      'CPU µs per saturated miss',
      targetText(
        measurements
          .filter(({ server, load }) => server === OURS && load === 'saturated')
          .map((row) => row.cpuMicrosecondsPerQuery),
        1,
        MISS_MICROSECONDS_MAX,
      ),
    ),
  ],
};

/**
 * What nothing can be asked without: the generator, the means to pin to a core, and the upstream.
 * @returns what to install; undefined when all is here
 */
export function missingForLoad(kind: UpstreamKind): string | undefined {
  if (findProgram('dnsperf') === undefined) return 'no dnsperf; apt-get install dnsperf';
  if (findProgram('taskset') === undefined) return 'no taskset; apt-get install util-linux';
  return upstream(kind).missing();
}

/**
 * Where the answers came from must be what the bench is about. Over all rounds, for a short one is shorter than the steps
 * of the kernel's books.
 * @throws Error when it was not
 */
export function checkSource(work: Work, measurements: readonly Measurement[]): void {
  for (const server of new Set(measurements.map((row) => row.server))) {
    const rows = measurements.filter((row) => row.server === server);
    const completed = rows.reduce((sum, row) => sum + row.completed, 0);
    const used = rows.reduce((sum, row) => sum + row.upstreamMicrosecondsPerQuery * row.completed, 0) / completed;
    const isIdle = used < UPSTREAM_IDLE_MICROSECONDS;
    if (isIdle !== (work === 'hit')) {
      throw new Error(
        `${server}: the upstream used ${used.toFixed(2)} µs per query, so these were not all ${NOUNS[work]}`,
      );
    }
  }
}

async function run(name: string, bench: Bench, settings: Settings): Promise<Section> {
  const servers = bench.servers.filter((server) => {
    const missing = server.missing();
    if (missing !== undefined) settings.say(`left out: ${server.name}; to enable: ${missing}`);
    return missing === undefined;
  });
  const queries = writeQueries(path.join(settings.folder, 'queries.txt'), 'A');
  const plan = { servers, upstream: upstream(settings.upstream), queries, rate: bench.rate };
  const measurements = await measureRounds(plan, settings);
  checkSource(bench.work, measurements);
  const baselines = bench.baselines.filter(({ server }) => servers.some((one) => one.name === server));
  const targets = bench.targets(measurements).filter((line) => line !== undefined);
  const markdown = [
    `### ${bench.title}${settings.dnssecOk ? ', EDNS with DO' : ''}`,
    '',
    markdownTable(measurements, bench.rate, baselines),
    '',
    `Medians and ranges of ${settings.rounds} rounds of ${settings.seconds} s per load; ratios of CPU saturated, round by round.`,
    `The core of the load also has ${UPSTREAM_TITLES[settings.upstream]}.`,
    ...targets.map((line) => `- ${line}`),
  ].join('\n');
  return { name, markdown, records: measurements };
}

/** Answers from memory. @throws Error when nothing can be measured, or what was measured is not what it should be */
export const benchHits = (settings: Settings): Promise<Section> => run('hits', HITS, settings);

/** Answers fetched from the upstream each time. @throws Error as {@link benchHits} */
export const benchMisses = (settings: Settings): Promise<Section> => run('misses', MISSES, settings);
