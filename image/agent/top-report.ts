/**
 * What `top` shows, made of samples: a frame per second. Counts of names, types and clients fade by half in about seven
 * seconds, so that the list is neither of this second only nor of this morning.
 */
import { formatIp } from '../corefile/ip-address';
import { TOP_ENTRIES_MAX, TOP_ROWS_MAX } from '../limits';
import { PATH_NAMES, type PathName, type Sample } from '../observe/samples';
import { rcodeText, typeText } from '../wire/codes';
import { HeavyHitters } from './heavy-hitters';

/** One line of a list. */
export interface TopRow {
  readonly key: string;
  /** Of all queries, 0 … 1; at most `errorRatio` too much. */
  readonly ratio: number;
  readonly errorRatio: number;
  readonly perSecond: number;
}

/** A path's share and times in the last second. */
export interface TopPath {
  readonly path: PathName;
  readonly ratio: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** An upstream in the last second, as far as it was sampled. */
export interface TopUpstream {
  readonly address: string;
  readonly state: 'up' | 'down';
  readonly perSecond: number;
  readonly p50Us: number;
}

/** One second. */
export interface TopFrame {
  /** RFC 3339. */
  readonly at: string;
  readonly queriesPerSecond: number;
  /** Queries answered from the cache, fresh or stale, of all; null without queries. */
  readonly hitRatio: number | null;
  /** Queries of the last second that the rest of this frame was made of. */
  readonly sampled: number;
  readonly paths: readonly TopPath[];
  readonly upstreams: readonly TopUpstream[];
  readonly names: readonly TopRow[];
  readonly types: readonly TopRow[];
  readonly rcodes: readonly TopRow[];
  readonly clients: readonly TopRow[];
}

/** What remains of a count after a second: half after 6.6. */
const FADE_PER_SECOND = 0.9;

/** What is counted. */
const LISTS = ['names', 'types', 'rcodes', 'clients'] as const;

/** Of one who watches. */
export class TopReport {
  private readonly lists = Object.fromEntries(LISTS.map((name) => [name, new HeavyHitters(TOP_ENTRIES_MAX)])) as Record<
    (typeof LISTS)[number],
    HeavyHitters
  >;
  private samples: Sample[] = [];
  private seen = 0;

  /** See Watcher. */
  add(samples: readonly Sample[], seen: number): void {
    this.seen += seen;
    // A sample stands for as many queries as there were for each: rates of sampling change.
    const weight = samples.length === 0 ? 0 : Math.max(1, seen / samples.length);
    for (const sample of samples) {
      this.samples.push(sample);
      this.lists.names.add(sample.name, weight);
      this.lists.types.add(typeText(sample.type), weight);
      this.lists.rcodes.add(rcodeText(sample.rcode), weight);
      this.lists.clients.add(formatIp(sample.address), weight);
    }
  }

  /**
   * The frame of the last `seconds`; the next begins.
   * @param upstreams all of the plan and whether they are down
   */
  frame(at: Date, seconds: number, upstreams: ReadonlyMap<string, 'up' | 'down'>): TopFrame {
    const { samples, seen } = this;
    const perSecond = seen / seconds;
    const paths = PATH_NAMES.map((path) => pathOf(path, samples)).filter(({ ratio }) => ratio > 0);
    const cached = paths.filter(({ path }) => path === 'hit' || path === 'stale');
    const rows = (list: HeavyHitters): TopRow[] => rowsOf(list, perSecond);
    const { names, types, rcodes, clients } = this.lists;
    const frame = {
      at: at.toISOString(),
      queriesPerSecond: perSecond,
      hitRatio: samples.length === 0 ? null : cached.reduce((sum, { ratio }) => sum + ratio, 0),
      sampled: samples.length,
      paths,
      upstreams: [...upstreams].map(([address, state]) => upstreamOf(address, state, samples, perSecond)),
      ...{ names: rows(names), types: rows(types), rcodes: rows(rcodes), clients: rows(clients) },
    };
    for (const list of Object.values(this.lists)) list.fade(FADE_PER_SECOND ** seconds);
    this.samples = [];
    this.seen = 0;
    return frame;
  }
}

function pathOf(path: PathName, samples: readonly Sample[]): TopPath {
  const times = timesOf(samples.filter((sample) => sample.path === path));
  const ratio = samples.length === 0 ? 0 : times.length / samples.length;
  return { path, ratio, p50Us: quantile(times, 0.5), p99Us: quantile(times, 0.99) };
}

function upstreamOf(address: string, state: 'up' | 'down', samples: readonly Sample[], perSecond: number): TopUpstream {
  // Who waited for another's answer asked nobody.
  const times = timesOf(samples.filter(({ upstream, path }) => upstream === address && path !== 'joined'));
  const ratio = samples.length === 0 ? 0 : times.length / samples.length;
  return { address, state, perSecond: ratio * perSecond, p50Us: quantile(times, 0.5) };
}

function timesOf(samples: readonly Sample[]): number[] {
  return samples.map(({ microseconds }) => microseconds).sort((a, b) => a - b);
}

/** By nearest rank. @param sorted ascending @returns 0 when there are none */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}

function rowsOf(list: HeavyHitters, perSecond: number): TopRow[] {
  // What may be twice as rare as it seems is noise: one of many that took its counter over from the others.
  const sure = list.top(TOP_ROWS_MAX).filter(({ count, error }) => error <= count / 2);
  return sure.map(({ key, count, error }) => ({
    key,
    ratio: count / list.total,
    errorRatio: error / list.total,
    perSecond: ((count - error / 2) / list.total) * perSecond,
  }));
}
