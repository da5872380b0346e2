/**
 * Resident memory of a cache with four blocks, as the manifest of NodeLocal DNSCache has them: when it has just started, when
 * every cache is full of successes and denials, and a while later, when what the work left behind may have been given back.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runDnsperf } from './dnsperf';
import { NAMESPACES_COUNT, TTL_SECONDS } from './names';
import { type MemoryUse, memoryUse } from './process-usage';
import { type Command, startProgram } from './program';
import type { Section } from './queries';
import type { Settings } from './rounds';
import { nodeCache, ours, type Place, type Server, upstream } from './servers';

/** What CoreDNS makes of the default, 10,000: 256 shards of 39. */
const CACHE_ENTRIES_DEFAULT = 9984;
/** Zones of the blocks, and where the names lie that are asked in each. */
const BLOCKS = [
  ['cluster.local', 'svc.cluster.local.'],
  ['in-addr.arpa', 'svc.in-addr.arpa.'],
  ['ip6.arpa', 'svc.ip6.arpa.'],
  ['.', 'svc.example.com.'],
] as const;
/** More than a cache takes: one in shards by hash, as CoreDNS's, is not full when as many were asked as it holds. */
const NAMES_PER_KIND = Math.ceil(CACHE_ENTRIES_DEFAULT * 1.1);
/** As many as the slowest of them answers without loss. */
const FILL_QUERIES_PER_SECOND = 5_000;
/** A start is over, and the garbage of it collected. */
const REST_MS = 10_000;
const LATER_MS = 15_000;
/** Targets of the project: MiB with every cache full. */
const RESIDENT_MIB_MAX = 90;
const ANONYMOUS_MIB_MAX = 45;

/** Each block with a cache of the default size; its zone is named, for else CoreDNS's metrics know only one of the four. */
function corefile({ port, upstreamPort }: Place): string {
  const block = ([zone]: (typeof BLOCKS)[number]): string => `${zone}:${port} {
    bind 127.0.0.1
    errors
    cache ${zone} {
        success ${CACHE_ENTRIES_DEFAULT} ${TTL_SECONDS}
        denial ${CACHE_ENTRIES_DEFAULT} ${TTL_SECONDS}
    }
    prometheus 127.0.0.1:${port + 1}
    forward . 127.0.0.1:${upstreamPort} {
        force_tcp
    }
}
`;
  return BLOCKS.map(block).join('');
}

/** Names the upstream knows, and names beginning with nx, which it denies, in turns: `NAME TYPE` a line, for dnsperf. */
function queriesText(): string {
  const lines = BLOCKS.flatMap(([, parent]) =>
    Array.from({ length: NAMES_PER_KIND }, (_, index) => {
      const rest = `${index}.ns-${index % NAMESPACES_COUNT}.${parent} A\n`;
      return `svc-${rest}nx-${rest}`;
    }),
  );
  return lines.join('');
}

/** Ours with the flags and variables that the image's launcher gives it: they decide as much as the code does. */
function asInTheImage(server: Server): Server {
  const launcher = readFileSync(path.join(__dirname, '../../image/container/launcher.c'), 'utf8');
  const variables = [...launcher.matchAll(/setenv\("(\w+)", "(\w+)"/g)].map(([, name, value]) => `${name}=${value}`);
  const flags = [...launcher.matchAll(/^ {4}"(--\S+)",/gm)].map(([, flag]) => flag).filter(isFlag);
  return {
    ...server,
    prepare(place): Command {
      const { program, parameters, ...rest } = server.prepare(place);
      return { ...rest, program: 'env', parameters: [...variables, program, ...flags, ...parameters] }; // env becomes Node.
    },
  };
}

function isFlag(flag: string): boolean {
  return !flag.startsWith('--disable') || process.allowedNodeEnvironmentFlags.has(flag); // Node 20 has no such.
}

/** Entries of all its caches, by its own metrics page. */
async function cacheEntries(port: number): Promise<number> {
  const page = await (await fetch(`http://127.0.0.1:${port + 1}/metrics`)).text();
  const values = page.matchAll(/^coredns_cache_entries\{.*\} (\S+)$/gm);
  return [...values].reduce((sum, [, value]) => sum + Number(value), 0);
}

const WHEN = ['at rest', 'full', 'full, later'] as const;

/** Memory of one server at one time. */
export interface Residence extends MemoryUse {
  readonly server: string;
  readonly when: (typeof WHEN)[number];
  readonly entries: number;
}

async function measure(server: Server, place: Place, queries: string, settings: Settings): Promise<Residence[]> {
  const program = await startProgram(server.prepare(place));
  const rows: Residence[] = [];
  const note = async (when: Residence['when']): Promise<void> => {
    program.assertAlive();
    const entries = await cacheEntries(place.port);
    rows.push({ server: server.name, when, entries, ...memoryUse(program.processId) });
  };
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  try {
    settings.say(`memory of ${server.name}: starts, is filled, rests; ${(REST_MS + LATER_MS) / 1000} s and more`);
    await wait(REST_MS);
    await note('at rest');
    const load = { port: place.port, queries, seconds: 0, passes: 1, rate: FILL_QUERIES_PER_SECOND };
    await runDnsperf({ ...load, core: settings.cores.generator }, path.join(settings.folder, 'dnsperf.output'));
    await note('full');
    await wait(LATER_MS);
    await note('full, later');
  } finally {
    await program.stop();
  }
  return rows;
}

/**
 * Bytes that a full cache took for an entry, with everything else that the filling grew.
 * @param rows of one server, in the order of {@link WHEN}
 */
export function bytesPerEntry(rows: readonly Residence[]): number {
  const [rest, , later] = rows;
  return ((later.anonymousMiB - rest.anonymousMiB) * 2 ** 20) / (later.entries - rest.entries);
}

/** Lines of the table and of the targets. @param rows of all servers; ours is the first */
export function residenceText(rows: readonly Residence[]): string {
  const line = (columns: readonly string[]): string => `| ${columns.join(' | ')} |`;
  const body = rows.map((row) => {
    const later = row.when === 'full, later';
    const own = later ? bytesPerEntry(rows.filter(({ server }) => server === row.server)).toFixed(0) : '';
    const pages = [row.residentMiB, row.anonymousMiB, row.residentMiB - row.anonymousMiB];
    return line([row.server, row.when, ...pages.map((MiB) => MiB.toFixed(1)), row.entries.toLocaleString('en'), own]);
  });
  const { residentMiB, anonymousMiB } = rows[WHEN.length - 1];
  const target = (name: string, MiB: number, most: number): string =>
    `- ${rows[0].server}, ${name} MiB: ${MiB.toFixed(1)}, want less than ${most}: ${MiB < most ? 'met' : 'missed'}`;
  return [
    line(['server', 'when', 'RSS MiB', 'anonymous MiB', 'of files MiB', 'entries', 'bytes per entry']),
    line(['---', '---', '--:', '--:', '--:', '--:', '--:']),
    ...body,
    '',
    target('RSS', residentMiB, RESIDENT_MIB_MAX),
    target('anonymous', anonymousMiB, ANONYMOUS_MIB_MAX),
  ].join('\n');
}

/** @throws Error when a server does not start, or its caches are not full after the filling */
export async function benchResident(settings: Settings): Promise<Section> {
  const { cores, folder, port } = settings;
  const queries = path.join(folder, 'names-for-all-caches.txt');
  writeFileSync(queries, queriesText());
  const source = await startProgram(upstream('c').prepare({ folder, port, upstreamPort: 0, core: cores.generator }));
  const rows: Residence[] = [];
  try {
    for (const [index, server] of [asInTheImage(ours('hit', corefile)), nodeCache('hit', corefile)].entries()) {
      const missing = server.missing();
      if (missing !== undefined) {
        settings.say(`left out: ${server.name}; to enable: ${missing}`);
        continue;
      }
      const place = { folder, port: port + 5 * (index + 1), upstreamPort: port, core: cores.server };
      rows.push(...(await measure(server, place, queries, settings)));
    }
  } finally {
    await source.stop();
  }
  for (const { server, when, entries } of rows) {
    const all = BLOCKS.length * 2 * CACHE_ENTRIES_DEFAULT;
    if (when !== 'at rest' && entries < 0.95 * all) throw new Error(`${server}: ${entries} entries, want ${all}`);
  }
  const title = `### Resident memory: four blocks, each with ${CACHE_ENTRIES_DEFAULT.toLocaleString('en')} successes and denials`;
  return { name: 'resident', markdown: `${title}\n\n${residenceText(rows)}`, records: rows };
}
