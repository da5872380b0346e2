/**
 * The cache is killed, stopped, starved of memory and processor, and one of its threads is sent into a loop, while clients
 * of all kinds ask every 5 ms: none of them is without answers for longer than a second, and all are back on the cache within
 * two of its return. The table says how long it took.
 */
import { needs } from '../support/needs';
import { FAULTS, type FaultName } from './faults';
import type { Flavour } from './kube-proxy';
import { machineText } from './machine';
import { BACK_MS, LONGEST_MS, NOISE_MS, OUTAGE_TITLES, type Outage, outageRow, outageText, tableText } from './outage';
import { drillOutage } from './outage-drill';
import { Stage } from './stage';
import { complaintsAwake } from './stalls';

jest.setTimeout(180_000); // Three drills, when the machine stands still in the first two.

const DRILLS: readonly (readonly [FaultName, Flavour, 'nft' | 'iptables'])[] = [
  ['killed', 'nft', 'nft'],
  ['killed', 'legacy', 'iptables'],
  ['stopped', 'native', 'nft'],
  ['outOfMemory', 'nft', 'nft'],
  ['looping', 'legacy', 'nft'],
  ['starved', 'nft', 'nft'],
];

needs('netns', 'nft', 'iptables', 'cgroups').describe('no client is without answers for longer than a second', () => {
  const rows: string[][] = [];

  afterAll(() => {
    process.stdout.write(`\n${tableText(OUTAGE_TITLES, rows)}${machineText()}\n`);
  });

  test.each(DRILLS)('%s, kube-proxy in %s, our rules in %s', async (fault, flavour, firewall) => {
    const measure = async (): Promise<readonly Outage[]> => {
      const stage = await Stage.open(flavour);
      try {
        return await drillOutage({ stage, fault, options: { firewall } });
      } finally {
        await stage.close();
      }
    };
    const complaintsOf = (outages: readonly Outage[]): string[] => {
      rows.push(outageRow(FAULTS[fault].name, `${flavour}, ours ${firewall}`, `all ${outages.length}`, outages));
      expect(outages).toHaveLength(32);
      const isWorse = ({ questions, longestMs, backMs, byServers }: Outage): boolean =>
        questions < 1_000 || // The client was too slow to see anything.
        longestMs > LONGEST_MS + NOISE_MS ||
        backMs > BACK_MS ||
        (byServers === 0 && fault !== 'looping'); // A loop is in one of several threads: others may have gone on.
      const worse = outages.filter(isWorse).map(outageText);
      return worse.length === 0 ? [] : [machineText(), ...worse];
    };
    expect(await complaintsAwake(measure, complaintsOf)).toEqual([]);
  });
});
