/** The metrics page of this process: main's own counters and those of every worker. */
import { MAIN_COUNTER_SLOTS } from '../limits';
import { Counters, type Series } from './counters';
import { type CounterSource, exposeText, type MergedSeries, mergedSeries } from './exposition';
import { type MetricName, SETUP_ERROR_TYPES } from './metrics';
import { PROCESS_PROBE, type ProcessProbe, sampleProcess } from './process';

/** Facts for coredns_build_info. */
export interface BuildFacts {
  readonly version: string;
  readonly revision: string;
  readonly runtime: string;
}

/** One per process. */
export class Registry {
  /** Counters of the main thread. */
  readonly counters: Counters;
  private readonly sources: CounterSource[] = [];
  private readonly probe: ProcessProbe;
  /** coredns_reload_version_info: one series whose label changes, so it has a source of its own. */
  private readonly reloaded: Series[] = [];

  constructor(build: BuildFacts, probe: ProcessProbe = PROCESS_PROBE) {
    const series: Series[] = [];
    const values = new Float64Array(MAIN_COUNTER_SLOTS);
    this.counters = new Counters(values, (made) => series.push(made));
    this.probe = probe;
    this.sources.push({ values, series }, { values: Float64Array.of(1), series: this.reloaded });
    this.counters.set(this.counters.slot('coredns_build_info', build.version, build.revision, build.runtime), 1);
    for (const type of SETUP_ERROR_TYPES) this.counters.slot('coredns_nodecache_setup_errors_total', type);
  }

  /** Add a worker's counters to the page. */
  add(source: CounterSource): void {
    this.sources.push(source);
  }

  /** The Corefile that was last tried. @param fingerprint its SHA-512 (corefile/fingerprint.ts) */
  showReload(fingerprint: string): void {
    this.reloaded.splice(0);
    this.reloaded.push({ metric: 'coredns_reload_version_info', labels: ['sha512', fingerprint], slot: 0 });
  }

  /** The series of one metric as of now, all threads together. */
  series(metric: MetricName): MergedSeries[] {
    return mergedSeries(this.sources, metric);
  }

  /** The page as of now. */
  text(): string {
    sampleProcess(this.counters, this.probe);
    return exposeText(this.sources);
  }
}
