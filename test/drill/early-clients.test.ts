/**
 * Clients that keep one socket and asked before the cache was there: connection tracking made them an entry without nat, which
 * each further question keeps alive. They fail over as all others do, with rules of each back-end.
 */
import { needs } from '../support/needs';
import { ADDRESSES, SERVING } from './cache';
import type { Flavour } from './kube-proxy';
import { machineText } from './machine';
import { LONGEST_MS, NOISE_MS, OUTAGE_TITLES, type Outage, outageOf, outageRow, outageText, tableText } from './outage';
import { allStreams, Stage, wait } from './stage';
import { complaintsAwake } from './stalls';
import { type Notes, uptimeMs } from './streams';

jest.setTimeout(180_000); // Three times, when the machine stands still in the first two.

/** Before the start; until the cache is killed, within the 30 s that an entry lives; until the clients end. */
const [EARLY_MS, ALIVE_MS, AFTER_MS] = [500, 5_000, 3_000];

/** No cache comes back here. */
const BACK_COLUMN = OUTAGE_TITLES.indexOf('back on the cache');

const NODES = [
  ['nft', 'nft'],
  ['nft', 'iptables'],
  ['legacy', 'iptables'],
] as const;

/** Notes from a moment on. */
function since({ stream, askedMs, answeredMs, by }: Notes, fromMs: number): Notes {
  const first = askedMs.findIndex((asked) => asked >= fromMs);
  return { stream, askedMs: askedMs.slice(first), answeredMs: answeredMs.slice(first), by: by.slice(first) };
}

/** Flows as `conntrack` prints them: whom the client asked, and from whom the answer is to come. */
function isWithoutNat(line: string): boolean {
  const [, asked, answering] = /dst=(\S+) sport=\d+ dport=53 .*\bsrc=(\S+)/.exec(line) ?? [];
  return asked === answering && ADDRESSES.includes(asked);
}

/** What the clients saw of a cache that was killed, and the entries that they had at that moment. */
interface Measured {
  readonly outages: readonly Outage[];
  readonly tracked: string;
}

async function measure(flavour: Flavour, firewall: 'nft' | 'iptables'): Promise<Measured> {
  const stage = await Stage.open(flavour);
  try {
    await stage.ask(allStreams(undefined, ['udp kept']));
    await wait(EARLY_MS);
    const cache = stage.startCache({ firewall });
    await cache.says(SERVING);
    await wait(ALIVE_MS);
    const entries = (family: string): string =>
      stage.network.places.node.sh(`conntrack -L -p udp --dport 53 -f ${family} 2>/dev/null || true`);
    const tracked = ['ipv4', 'ipv6'].map(entries).join('');
    const faultMs = uptimeMs();
    await cache.kill();
    await wait(AFTER_MS);
    const outages = (await stage.hear()).map((notes) => outageOf(since(notes, faultMs - 1_000), { faultMs }));
    return { outages, tracked };
  } finally {
    await stage.close();
  }
}

needs('netns', 'nft', 'iptables').describe('a kept socket that asked before the cache was started', () => {
  const rows: string[][] = [];

  afterAll(() => {
    const withoutReturn = (row: readonly string[]): string[] => row.filter((_, column) => column !== BACK_COLUMN);
    process.stdout.write(`\n${tableText(withoutReturn(OUTAGE_TITLES), rows.map(withoutReturn))}\n`);
  });

  test.each(NODES)('fails over, kube-proxy in %s, our rules in %s', async (flavour, firewall) => {
    const complaintsOf = ({ outages, tracked }: Measured): string[] => {
      expect(tracked.split('\n').filter((line) => isWithoutNat(line))).toEqual([]);
      rows.push(outageRow('SIGKILL', `${flavour}, ours ${firewall}`, 'all 8, UDP kept', outages));
      expect(outages).toHaveLength(8);
      const worse = outages.filter(({ longestMs, byServers }) => longestMs > LONGEST_MS + NOISE_MS || byServers === 0);
      return worse.length === 0 ? [] : [machineText(), ...worse.map(outageText)];
    };
    expect(await complaintsAwake(() => measure(flavour, firewall), complaintsOf)).toEqual([]);
  });
});
