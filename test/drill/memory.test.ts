/** What the cache costs a node: its memory at rest, and with every cache of the manifest's four blocks full. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { memoryUse } from '../bench/process-usage';
import { needs } from '../support/needs';
import { CLUSTER_IPS } from './addresses';
import { SERVING } from './cache';
import { tableText } from './outage';
import { Running } from './process';
import { Stage, wait } from './stage';

jest.setTimeout(90_000);

/**
 * Ceilings in MiB on Node 20, a tenth above what is measured; the goal is 90 and 45. Names that are asked for fill caches
 * twice over, so that every entry is in use, and were forwarded at 6,000 a second, which V8's heap remembers.
 */
const CEILINGS = { rest: { resident: 91, anonymous: 42 }, full: { resident: 121, anonymous: 71 } } as const;
/** Entries of one cache in the manifest; blocks; success and denial. */
const [CAPACITY, BLOCKS, KINDS] = [9_984, 4, ['A', 'PTR']] as const;
const ZONES = ['svc.cluster.local.', 'in-addr.arpa.', 'ip6.arpa.', 'example.test.'];

needs('netns', 'nft', 'dnsperf').describe('memory of a cache with four blocks', () => {
  let stage: Stage;
  let cache: Running;
  const rows: string[][] = [];

  beforeAll(async () => {
    stage = await Stage.open('nft');
    cache = stage.startCache({ addresses: CLUSTER_IPS });
    await cache.says(SERVING);
    await wait(2_000);
  });

  afterAll(async () => {
    process.stdout.write(`\n${tableText(['state', 'resident MiB', 'anonymous MiB', 'entries'], rows)}\n`);
    await stage.close();
  });

  /** Caches belong to blocks, and are shown once per listener. */
  const entries = (): number => {
    const text = stage.network.places.node.run('curl', '-s', 'http://127.0.0.1:9253/metrics');
    const own = [...text.matchAll(/^coredns_cache_entries\{([^}]*)\} (\S+)$/gm)].filter(([, labels]) =>
      labels.includes(CLUSTER_IPS[0]),
    );
    return own.reduce((sum, [, , count]) => sum + Number(count), 0);
  };
  const measure = (state: string) => {
    const use = memoryUse(cache.processId);
    rows.push([state, use.residentMiB.toFixed(1), use.anonymousMiB.toFixed(1), `${entries()}`]);
    return use;
  };

  test('at rest', () => {
    const { residentMiB, anonymousMiB } = measure('at rest');
    expect(residentMiB).toBeLessThan(CEILINGS.rest.resident);
    expect(anonymousMiB).toBeLessThan(CEILINGS.rest.anonymous);
  });

  test('with every cache full', async () => {
    const file = path.join(stage.folder, 'names');
    const lines = ZONES.flatMap((zone) => KINDS.map((type) => [zone, type])).flatMap(([zone, type]) =>
      Array.from({ length: 2 * CAPACITY }, (_, index) => `service-${index}.namespace-${index % 50}.${zone} ${type}`),
    );
    writeFileSync(file, lines.join('\n') + '\n');
    const command = ['dnsperf', '-s', CLUSTER_IPS[0], '-d', file, '-n', '1', '-c', '4', '-q', '100', '-Q', '6000'];
    const dnsperf = stage.keep(
      new Running(stage.network.places.pod, { command, outputFile: path.join(stage.folder, 'dnsperf') }),
    );
    await dnsperf.ended;
    const { residentMiB, anonymousMiB } = measure('full');
    expect(entries()).toBeGreaterThan(BLOCKS * KINDS.length * CAPACITY * 0.95);
    expect(residentMiB).toBeLessThan(CEILINGS.full.resident);
    expect(anonymousMiB).toBeLessThan(CEILINGS.full.anonymous);
  });
});
