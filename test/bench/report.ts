/** Measurements as a Markdown table: a row per server, medians with their range, ratios taken round by round. */
import type { Measurement } from './rounds';
import { spread, spreadText } from './statistics';

/** Whom the others are compared with, and what the column is called. */
export interface Baseline {
  readonly server: string;
  readonly title: string;
}

function column(rows: readonly Measurement[], pick: (row: Measurement) => number | undefined): number[] {
  return rows.map(pick).filter((value) => value !== undefined);
}

/**
 * CPU per query under full load of one server by that of another, once per round.
 * @returns empty when one of them did not take part
 */
export function ratios(measurements: readonly Measurement[], server: string, baseline: string): number[] {
  const saturated = measurements.filter(({ load }) => load === 'saturated');
  return saturated
    .filter((row) => row.server === server)
    .flatMap((row) => {
      const base = saturated.find((other) => other.server === baseline && other.round === row.round);
      return base === undefined ? [] : [row.cpuMicrosecondsPerQuery / base.cpuMicrosecondsPerQuery];
    });
}

function cells(measurements: readonly Measurement[], server: string, rate: number, baselines: readonly Baseline[]) {
  const own = measurements.filter((row) => row.server === server);
  const saturated = own.filter(({ load }) => load === 'saturated');
  const steady = own.filter(({ load }) => load === rate);
  const cpu = (row: Measurement): number => row.cpuMicrosecondsPerQuery;
  const memory = own[own.length - 1]; // After all of its load.
  return [
    server,
    spreadText(column(saturated, cpu), 2),
    spreadText(column(steady, cpu), 2),
    spreadText(
      column(saturated, (row) => row.queriesPerSecond / 1000),
      0,
    ),
    spreadText(
      column(steady, (row) => row.p50Microseconds),
      0,
    ),
    spreadText(
      column(steady, (row) => row.p99Microseconds),
      0,
    ),
    `${memory.residentMiB.toFixed(0)} (${memory.anonymousMiB.toFixed(0)})`,
    `${own.reduce((sum, row) => sum + row.lost, 0)}`,
    ...baselines.map(({ server: baseline }) => spreadText(ratios(measurements, server, baseline), 2)),
  ];
}

/** The table. @param rate queries per second of the load that is not saturated */
export function markdownTable(
  measurements: readonly Measurement[],
  rate: number,
  baselines: readonly Baseline[],
): string {
  const rateText = rate.toLocaleString('en');
  const head = [
    'server',
    'CPU µs/query, saturated',
    `CPU µs/query at ${rateText}/s`,
    'thousand queries/s',
    `p50 µs at ${rateText}/s`,
    `p99 µs at ${rateText}/s`,
    'RSS MiB (anonymous)',
    'lost',
    ...baselines.map(({ title }) => `× ${title}`),
  ];
  const servers = [...new Set(measurements.map(({ server }) => server))];
  const rows = servers.map((server) => cells(measurements, server, rate, baselines));
  const line = (columns: readonly string[]): string => `| ${columns.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}

/** `1.31, want at most 1.50: met`; undefined when nothing was measured. */
export function targetText(values: readonly number[], digits: number, most: number): string | undefined {
  if (values.length === 0) return undefined;
  const { median } = spread(values);
  return `${median.toFixed(digits)}, want at most ${most.toFixed(digits)}: ${median <= most ? 'met' : 'missed'}`;
}
