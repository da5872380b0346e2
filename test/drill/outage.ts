/** From clients' notes to what matters: the longest time without an answer, and the time until the cache answers again. */
import { CLUSTER_IPS } from './addresses';
import { INTERVAL_MS, type Notes, type Stream } from './streams';

/** What happened, in uptime milliseconds. */
export interface Marks {
  /** The cache was harmed. */
  readonly faultMs: number;
  /** It was let go, or its successor serves; absent when neither. */
  readonly returnMs?: number;
}

/** What one client went through. */
export interface Outage {
  readonly stream: Stream;
  readonly questions: number;
  /** Without an answer in time, or with a failure. */
  readonly unanswered: number;
  /** Longest time between two good answers, in milliseconds. */
  readonly longestMs: number;
  /** Longest time between two questions beyond the interval: the machine kept the client from asking. */
  readonly lateMs: number;
  /** From the return to the first question since which only the cache answered; Infinity when that never came. */
  readonly backMs: number;
  /** Answers of the cluster's servers between fault and return. */
  readonly byServers: number;
}

/** What users may feel, in milliseconds. The margin is for the test's own clients on a busy machine. */
export const [LONGEST_MS, BACK_MS, NOISE_MS] = [1_000, 2_000, 60];

const isGood = (letter: string): boolean => letter === 'c' || letter === 's';

/** Judge one stream. */
export function outageOf(notes: Notes, { faultMs, returnMs = Number.POSITIVE_INFINITY }: Marks): Outage {
  const { askedMs, answeredMs, by, stream } = notes;
  const good = answeredMs.filter((_, index) => isGood(by[index])).sort((left, right) => left - right);
  const ends = [askedMs[0] ?? faultMs, ...good, askedMs.at(-1) ?? faultMs];
  let longestMs = 0;
  for (let index = 1; index < ends.length; index++) longestMs = Math.max(longestMs, ends[index] - ends[index - 1]);
  let lateMs = 0;
  for (let index = 1; index < askedMs.length; index++) {
    lateMs = Math.max(lateMs, askedMs[index] - askedMs[index - 1] - INTERVAL_MS);
  }
  let lastOther = -1;
  for (let index = 0; index < by.length; index++)
    if (askedMs[index] >= returnMs && by[index] !== 'c') lastOther = index;
  const settled = lastOther + 1;
  const isBack = settled < by.length && by.at(-1) === 'c';
  return {
    stream,
    questions: by.length,
    unanswered: [...by].filter((letter) => !isGood(letter)).length,
    longestMs,
    lateMs,
    backMs: isBack
      ? Math.max(
          0,
          askedMs[
            Math.max(
              settled,
              askedMs.findIndex((asked) => asked >= returnMs),
            )
          ] - returnMs,
        )
      : Number.POSITIVE_INFINITY,
    byServers: [...by].filter(
      (letter, index) => letter === 's' && askedMs[index] > faultMs && askedMs[index] < returnMs,
    ).length,
  };
}

/** A stream in words: `pod, ClusterIP, IPv6, udp kept`. */
export function streamText({ place, address, way }: Stream): string {
  const kind = (CLUSTER_IPS as readonly string[]).includes(address) ? 'ClusterIP' : 'link-local';
  return `${place === 'pod' ? 'pod' : 'host'}, ${kind}, ${address.includes(':') ? 'IPv6' : 'IPv4'}, ${way}`;
}

const seconds = (ms: number): string => (Number.isFinite(ms) ? `${(ms / 1000).toFixed(2)} s` : 'never');

/** One client in words, for failures. */
export function outageText({ stream, longestMs, backMs, lateMs }: Outage): string {
  const late = `asked up to ${lateMs.toFixed(0)} ms late`;
  return `${streamText(stream)}: ${longestMs.toFixed(0)} ms, back ${backMs.toFixed(0)} ms; ${late}`;
}

/** Column titles of {@link outageRow}. */
export const OUTAGE_TITLES = [
  'fault',
  'node',
  'clients',
  'longest without an answer',
  'back on the cache',
  'of',
  'unanswered',
];

/** One line for all clients of a kind: the worst of them. */
export function outageRow(fault: string, node: string, clients: string, outages: readonly Outage[]): string[] {
  const most = (pick: (outage: Outage) => number): number => Math.max(...outages.map(pick));
  const sum = (pick: (outage: Outage) => number): number => outages.reduce((total, each) => total + pick(each), 0);
  const numbers = [seconds(most(({ longestMs }) => longestMs)), seconds(most(({ backMs }) => backMs))];
  return [
    fault,
    node,
    clients,
    ...numbers,
    `${sum(({ questions }) => questions)}`,
    `${sum(({ unanswered }) => unanswered)}`,
  ];
}

/** Lines of a table, columns aligned. */
export function tableText(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [titles, ...rows];
  const widths = titles.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return (
    [line(titles), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n') + '\n'
  );
}
