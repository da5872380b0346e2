/**
 * The race that costs five seconds per lookup: two questions from one socket become two conntrack entries that DNAT sends to
 * two servers; one of them clashes with the other and is dropped, or resolved on newer kernels. Shown without the cache, by
 * the kernel's own counters; through the cache there is no entry at all.
 */
import path from 'node:path';
import type { Inside } from '../support/namespace';
import { needs } from '../support/needs';
import { CLUSTER_IPS } from './addresses';
import { tableText } from './outage';
import { untilServed } from './outage-drill';
import { allStreams, Stage } from './stage';

jest.setTimeout(60_000);

const PAIRS = 4_000;
const [ADDRESS] = CLUSTER_IPS;

/** Of the node, since it was made: clashes, and entries for questions of the pod. */
interface Tracked {
  readonly clashes: number;
  readonly entries: number;
}

needs('netns', 'nft', 'conntrack').describe('A and AAAA from one port', () => {
  let stage: Stage;
  let client: Inside;
  const rows: string[][] = [];

  /** conntrack -S has a line per processor: `insert_failed=0 … clash_resolve=3`. */
  const tracked = (): Tracked => {
    const { node } = stage.network.places;
    const counts = [...node.run('conntrack', '-S').matchAll(/\b(?:insert_failed|clash_resolve)=(\d+)/g)];
    const entries = node.sh(`conntrack -L -p udp --orig-src 10.244.0.10 --dport 53 2>/dev/null | wc -l`);
    return { clashes: counts.reduce((sum, [, count]) => sum + Number(count), 0), entries: Number(entries) };
  };
  const race = async (name: string): Promise<Tracked> => {
    stage.network.places.node.sh('conntrack -F 2>/dev/null');
    const before = tracked();
    const lost = await client.call<number>('race', ADDRESS, PAIRS);
    const after = tracked();
    const result = { clashes: after.clashes - before.clashes, entries: after.entries - before.entries };
    rows.push([name, `${PAIRS}`, `${result.clashes}`, `${result.entries}`, `${lost}`]);
    return result;
  };

  beforeAll(async () => {
    stage = await Stage.open('nft');
    client = stage.network.places.pod.start(path.join(__dirname, 'race-inside.ts'));
  });

  afterAll(async () => {
    const titles = ['asked', 'pairs', 'insert_failed + clash_resolve', 'conntrack entries', 'answers lost'];
    process.stdout.write(`\n${tableText(titles, rows)}\n`);
    await stage.close();
  });

  test('clash in the connection tracking of a node without the cache, and fill it', async () => {
    const { clashes, entries } = await race('kube-dns by way of kube-proxy');
    expect(clashes).toBeGreaterThan(0);
    expect(entries).toBeGreaterThan(PAIRS / 2);
  });

  test('do not even meet it through the cache', async () => {
    stage.startCache({ addresses: CLUSTER_IPS });
    await untilServed(stage, allStreams(CLUSTER_IPS, ['udp']));
    const { clashes, entries } = await race('the cache');
    expect({ clashes, entries }).toEqual({ clashes: 0, entries: 0 });
  });
});
