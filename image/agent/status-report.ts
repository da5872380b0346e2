/**
 * What the command `status` shows, as plain data: `status --json` prints it as it is, so fields are added and never
 * renamed. Everything is read when somebody asks.
 */
import type { BlockPlan, Plan } from '../corefile/plan';
import type { MetricName } from '../observe/metrics';
import { METRICS } from '../observe/metrics';
import type { Registry } from '../observe/registry';
import type { CacheOptions } from '../plugin/cache/setup';
import type { ForwardOptions } from '../plugin/forward/setup';
import type { ConfigStatus } from './config-history';
import type { NodeStatus } from './node-network';
import type { RecentLine } from './recent-lines';
import { AGENT_NAME, AGENT_VERSION } from './version';

/** An address that is served. */
export interface ListenerStatus {
  /** `dns://169.254.20.10:53`, as in metrics. */
  readonly server: string;
  readonly zones: readonly string[];
}

/** The cache of a block, since the process started. */
export interface CacheStatus {
  readonly successEntries: number;
  readonly denialEntries: number;
  readonly requests: number;
  readonly hits: number;
  readonly stale: number;
  /** 0 … 1; null before the first request. */
  readonly hitRatio: number | null;
}

/** A server block. */
export interface BlockStatus {
  readonly zones: readonly string[];
  /** `/etc/Corefile:12`. */
  readonly place: string;
  /** Null for a block without `cache`. */
  readonly cache: CacheStatus | null;
  /** `10.96.0.10:53`, in file order. */
  readonly upstreams: readonly string[];
}

/** A server that is asked, since the process started. */
export interface UpstreamStatus {
  readonly address: string;
  readonly state: 'up' | 'down';
  readonly answers: number;
  /** Questions it left without an answer, in all and by reason: timeout, refused, unreachable, closed, other. */
  readonly failures: number;
  readonly failuresByReason: Readonly<Record<string, number>>;
  /** 0 … 1 of answers and failures; null before the first. */
  readonly failureRatio: number | null;
  /** Mean time to an answer; null before the first. */
  readonly meanMs: number | null;
  /** The last line of the log about it; null for none among the last lines. */
  readonly lastError: RecentLine | null;
}

/** All of it. */
export interface StatusReport {
  readonly program: string;
  readonly version: string;
  readonly processId: number;
  readonly uptimeSeconds: number;
  readonly residentBytes: number;
  readonly isStopping: boolean;
  readonly queriesInFlight: number;
  /** Null when this process keeps neither link nor rules. */
  readonly node: NodeStatus | null;
  readonly listeners: readonly ListenerStatus[];
  readonly blocks: readonly BlockStatus[];
  readonly upstreams: readonly UpstreamStatus[];
  readonly config: ConfigStatus | null;
  /** The last warnings and errors of the log, oldest first. */
  readonly lastErrors: readonly RecentLine[];
  /** One line for each thing that is not as it should be; none: healthy. */
  readonly problems: readonly string[];
}

/** Where it is read from. */
export interface StatusSources {
  readonly registry: Registry;
  readonly processId: number;
  uptimeSeconds(): number;
  residentBytes(): number;
  isStopping(): boolean;
  plan(): Plan;
  node(): NodeStatus | null;
  config(): ConfigStatus | null;
  recentLines(): readonly RecentLine[];
}

/** Read it. */
export function statusReport(sources: StatusSources): StatusReport {
  const { registry } = sources;
  const plan = sources.plan();
  const lastErrors = [...sources.recentLines()];
  const node = sources.node();
  const config = sources.config();
  const upstreams = upstreamsOf(plan).map((address) => upstreamStatus(registry, address, lastErrors));
  return {
    program: AGENT_NAME,
    version: AGENT_VERSION,
    processId: sources.processId,
    uptimeSeconds: Math.round(sources.uptimeSeconds()),
    residentBytes: sources.residentBytes(),
    isStopping: sources.isStopping(),
    queriesInFlight: sumOf(registry, 'nodelocaldns_queries_in_flight', {}),
    node,
    listeners: plan.listeners.map(({ label, zones }) => ({ server: label, zones: zones.map(({ zone }) => zone) })),
    blocks: plan.blocks.map((block) => blockStatus(registry, block)),
    upstreams,
    config,
    lastErrors,
    problems: [
      ...(sources.isStopping() ? ['the process is stopping'] : []),
      ...nodeProblems(node),
      ...upstreams.filter(({ state }) => state === 'down').map(({ address }) => `upstream ${address} is down`),
      ...(config?.failedReload ? [`the last reload failed: ${config.failedReload.reason}`] : []),
    ],
  };
}

function nodeProblems(node: NodeStatus | null): string[] {
  const leases = node?.leases ?? [];
  return leases
    .filter(({ state }) => state === 'lost' || state === 'proving')
    .map(({ address, state, reason }) => `the lease of ${address} is ${state}${reason === '' ? '' : `: ${reason}`}`);
}

/** Sum of the series whose labels have these values. */
function sumOf(registry: Registry, metric: MetricName, wanted: Readonly<Record<string, string>>): number {
  const names: readonly string[] = METRICS[metric].labels;
  const chosen = registry.series(metric).filter(({ labels }) => {
    return Object.entries(wanted).every(([name, value]) => labels[names.indexOf(name)] === value);
  });
  return chosen.reduce((sum, { values }) => sum + values[0], 0);
}

/** Upstreams of all blocks, each once. */
export function upstreamsOf(plan: Plan): string[] {
  return [...new Set(plan.blocks.flatMap(blockUpstreams))];
}

function blockUpstreams({ plugins }: BlockPlan): string[] {
  const forwards = plugins.filter(({ name }) => name === 'forward').map(({ options }) => options as ForwardOptions);
  return forwards.flatMap(({ stanzas }) => stanzas.flatMap(({ upstreams }) => upstreams.map(({ label }) => label)));
}

function blockStatus(registry: Registry, block: BlockPlan): BlockStatus {
  const cache = block.plugins.find(({ name }) => name === 'cache');
  return {
    zones: block.zones,
    place: `${block.file}:${block.line}`,
    cache: cache === undefined ? null : cacheStatus(registry, (cache.options as CacheOptions).zones.join(',')),
    upstreams: blockUpstreams(block),
  };
}

function cacheStatus(registry: Registry, zones: string): CacheStatus {
  const requests = sumOf(registry, 'coredns_cache_requests_total', { zones });
  const hits = sumOf(registry, 'coredns_cache_hits_total', { zones });
  return {
    successEntries: sumOf(registry, 'coredns_cache_entries', { zones, type: 'success' }),
    denialEntries: sumOf(registry, 'coredns_cache_entries', { zones, type: 'denial' }),
    requests,
    hits,
    stale: sumOf(registry, 'coredns_cache_served_stale_total', { zones }),
    hitRatio: requests === 0 ? null : hits / requests,
  };
}

function upstreamStatus(registry: Registry, address: string, lines: readonly RecentLine[]): UpstreamStatus {
  const durations = registry
    .series('coredns_proxy_request_duration_seconds')
    .filter(({ labels }) => labels[1] === address);
  const answers = durations.reduce((sum, { values }) => sum + values.slice(0, -1).reduce((a, b) => a + b, 0), 0);
  const seconds = durations.reduce((sum, { values }) => sum + values[values.length - 1], 0);
  const failed = registry.series('nodelocaldns_upstream_failures_total').filter(({ labels }) => labels[0] === address);
  const theirs = failed.filter(({ labels }) => labels[1] !== 'room'); // Want of room is ours.
  const failures = theirs.reduce((sum, { values }) => sum + values[0], 0);
  return {
    address,
    state: sumOf(registry, 'nodelocaldns_upstream_down', { to: address }) > 0 ? 'down' : 'up',
    answers,
    failures,
    failuresByReason: Object.fromEntries(theirs.map(({ labels, values }) => [labels[1], values[0]])),
    failureRatio: answers + failures === 0 ? null : failures / (answers + failures),
    meanMs: answers === 0 ? null : (seconds / answers) * 1000,
    lastError: lines.findLast(({ text }) => namesUpstream(text, address)) ?? null,
  };
}

/** Errors are in Go's words: `read udp 10.0.0.1:4000->10.0.0.10:53: i/o timeout`, `dial tcp 10.0.0.10:53: …`. */
function namesUpstream(text: string, address: string): boolean {
  return text.includes(`>${address}: `) || text.includes(` ${address}: `) || text.includes(` ${address} answered `);
}
