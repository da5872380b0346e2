/** The drill on the cluster: clients ask through kube-proxy's rules while the cache's pod is lost in every way. */
import {
  BACK_MS,
  LONGEST_MS,
  OUTAGE_TITLES,
  type Outage,
  outageOf,
  outageRow,
  streamText,
  tableText,
} from '../drill/outage';
import { type Notes, uptimeMs } from '../drill/streams';
import { Clients, type Heard } from './clients';
import { type Cluster, NAMESPACE, until, wait } from './cluster';
import { CLUSTER_FAULTS, type ClusterFault } from './faults';
import { held, knowsOthers } from './lease';
import type { Say } from './say';

const BEFORE_MS = 2_000;
/** Until kubelet has another container up, and a lease that was lost before is proved again. */
const AFTER_MS = 15_000;

/** A pod without a history: neither kubelet's back-off nor flap damping of leases that were lost before are measured. */
async function renew(cluster: Cluster): Promise<void> {
  const former = cluster.cachePod(0);
  cluster.kubectl('-n', NAMESPACE, 'delete', 'pod', former, '--wait=true');
  await until(() => (['', former].includes(cluster.cachePod(0)) ? 'no new pod' : ''), 30_000);
  await until(() => held(cluster, 0) || (knowsOthers(cluster) ? '' : 'no endpoints of kube-dns'), 90_000);
}

/** The moment from which the cache answered for good; Infinity when it was never away. */
function returnOf(heard: Heard, faultMs: number): number {
  const after = heard.health.filter(({ atMs }) => atMs >= faultMs);
  return after.some(({ isUp }) => !isUp)
    ? (after.filter(({ isUp }) => isUp).at(-1)?.atMs ?? Number.POSITIVE_INFINITY)
    : faultMs;
}

interface Drilled {
  readonly outages: readonly Outage[];
  /** {@link longestAskingMs} of the worst client. */
  readonly askingMs: number;
}

async function drill(cluster: Cluster, clients: Clients, fault: ClusterFault): Promise<Drilled> {
  await clients.ask();
  await wait(BEFORE_MS);
  const faultMs = uptimeMs();
  await fault.harm(cluster);
  await wait(AFTER_MS);
  const heard = await clients.hear();
  const returnMs = returnOf(heard, faultMs);
  const askingMs = Math.max(...heard.notes.map(longestAskingMs));
  return { outages: heard.notes.map((notes) => outageOf(notes, { faultMs, returnMs })), askingMs };
}

const isTcp = ({ stream }: Outage): boolean => stream.way.startsWith('tcp');

/** A client that asks every few milliseconds, and did not for so long, was kept from it by the machine. */
const PAUSE_MS = 50;

/**
 * The longest time between two good answers in which the client did ask: what the machine kept it from asking for is taken off.
 * Without that, a busy machine would look like a cache that is away.
 */
export function longestAskingMs({ askedMs, answeredMs, by }: Notes): number {
  const events = askedMs.flatMap((asked, index) => {
    const isGood = by[index] === 'c' || by[index] === 's';
    return [{ atMs: asked, isGood: false }, ...(isGood ? [{ atMs: answeredMs[index], isGood: true }] : [])];
  });
  events.sort((left, right) => left.atMs - right.atMs);
  let [longestMs, sinceMs, pausedMs] = [0, events[0]?.atMs ?? 0, 0];
  for (let index = 1; index < events.length; index++) {
    const { atMs, isGood } = events[index];
    if (isGood) {
      longestMs = Math.max(longestMs, atMs - sinceMs - pausedMs);
      [sinceMs, pausedMs] = [atMs, 0];
    } else pausedMs += Math.max(0, atMs - events[index - 1].atMs - PAUSE_MS);
  }
  return longestMs;
}

function sayWorst(outages: readonly Outage[], say: Say): void {
  const worst = [...outages].sort((left, right) => right.longestMs - left.longestMs).slice(0, 4);
  for (const { stream, longestMs, backMs, unanswered, questions } of worst) {
    const times = `longest ${Math.round(longestMs)} ms, back ${Math.round(backMs)} ms`;
    say.doing(`  ${streamText(stream)}: ${times}, ${unanswered} of ${questions} unanswered`);
  }
}

/** All faults, one after the other. */
export async function outages(cluster: Cluster, say: Say): Promise<void> {
  const clients = new Clients(cluster);
  await clients.prepare();
  const rows: string[][] = [];
  try {
    for (const fault of CLUSTER_FAULTS) {
      await renew(cluster);
      say.doing(fault.name);
      const { outages: result, askingMs } = await drill(cluster, clients, fault);
      for (const place of ['pod', 'node'] as const)
        for (const tcp of [false, true]) {
          const some = result.filter((outage) => outage.stream.place === place && isTcp(outage) === tcp);
          rows.push(
            outageRow(fault.name, 'node0', `${place === 'pod' ? 'pod' : 'host'}, ${tcp ? 'TCP' : 'UDP'}`, some),
          );
        }
      const longestMs = Math.max(...result.map((outage) => outage.longestMs));
      const backMs = Math.max(...result.map((outage) => outage.backMs));
      const pauseMs = longestMs - askingMs;
      const pause =
        pauseMs < 1 ? '' : `, ${Math.round(pauseMs)} ms more with what the machine kept the client from asking for`;
      say.judge(askingMs <= LONGEST_MS, `${fault.name}: longest without an answer ${Math.round(askingMs)} ms${pause}`);
      say.judge(backMs <= BACK_MS, `${fault.name}: back on the cache ${Math.round(backMs)} ms after it answers again`);
      sayWorst(result, say);
    }
  } finally {
    clients.close();
    say.text(tableText(OUTAGE_TITLES, rows));
  }
}
